"""Notes on a case, and what takes them back; the timeline keeps both."""

from datetime import datetime, timedelta

from django.db import transaction

from recoup.apps.cases.actions.changing import NotPossible, tell
from recoup.apps.cases.models import Entry
from recoup.apps.cases.queries.cards import EntryCard
from recoup.apps.cases.recording import Happening, append, locked_case
from recoup.apps.people.permissions import Actor, NotFound, require

LONGEST_NOTE = 4_000
#: A note can be taken back by its writer this long; after that a new note corrects it.
WITHDRAW = timedelta(hours=24)


def add_note(
    *, actor: Actor, debtor_id: str, text: str, at: datetime, corrects: int | None = None
) -> EntryCard:
    """Write a note into the timeline; ``corrects`` names the place of the note it corrects.

    Errors: NotAllowed; NotFound; NotPossible, for an empty note.
    """
    require(actor, "work", "cases")
    words = text.strip()
    if not words or len(words) > LONGEST_NOTE:
        raise NotPossible(
            zh=f"请填写备注（最多 {LONGEST_NOTE} 字）。",
            en=f"Write a note of at most {LONGEST_NOTE} characters.",
        )
    with transaction.atomic():
        case = locked_case(actor, debtor_id)
        if corrects is not None:
            _own_note(debtor_id, corrects)
        happening = Happening(
            kind="note", at=at, actor_id=actor.staff_id, text=words, corrects=corrects
        )
        entry = append(case, happening)
        tell(actor=actor, case=case, verb="add_note", at=at, after={"place": entry.place})
    return entry_card(entry)


def withdraw_note(*, actor: Actor, debtor_id: str, place: int, at: datetime) -> EntryCard:
    """Take a note back by a new entry; the note stays readable, marked so.

    Errors: NotAllowed; NotFound; NotPossible, where it is another's, or too late.
    """
    require(actor, "work", "cases")
    with transaction.atomic():
        case = locked_case(actor, debtor_id)
        note = _own_note(debtor_id, place)
        taken = Entry.objects.filter(case=case, kind="note_withdrawn", corrects=place).exists()
        if note.actor_id != actor.staff_id or at - note.at > WITHDRAW or taken:
            raise NotPossible(
                zh="这条备注不能撤回；如有错误，请新增一条更正备注。",
                en="This note cannot be taken back; write a new one that corrects it.",
            )
        entry = append(
            case,
            Happening(kind="note_withdrawn", at=at, actor_id=actor.staff_id, corrects=place),
        )
        tell(actor=actor, case=case, verb="withdraw_note", at=at, after={"place": place})
    return entry_card(entry)


def _own_note(debtor_id: str, place: int) -> Entry:
    found = Entry.objects.filter(case_id=debtor_id, place=place, kind="note").first()
    if found is None:
        raise NotFound(what=str(place))
    return found


def entry_card(entry: Entry) -> EntryCard:
    """Yield the card of an entry."""
    return EntryCard(
        place=entry.place,
        at=entry.at,
        actor_id=entry.actor_id,
        kind=entry.kind,
        facts=entry.facts,
        text=entry.text,
        corrects=entry.corrects,
        hash_own=entry.hash_own,
    )
