"""Reading of a case's timeline, and whether its chain holds."""

from collections.abc import Collection

from recoup.apps.cases.models import Case, Entry
from recoup.apps.cases.queries.cards import EntryCard, Timeline
from recoup.apps.cases.recording import linked
from recoup.kernel.chain import first_break

#: What a page shows at first; older entries are one click away.
SHOWN = 60
#: Kinds of entries by what a person looks for.
SORTS_OF_ENTRIES = {
    "contacts": (
        *("contact", "contact_withdrawn", "contact_point", "letter"),
        *("stop_asked", "stop_lifted"),
    ),
    "money": ("receipt", "reversal"),
    "promises": (
        *("promise", "promise_kept", "promise_partly_kept", "promise_broken"),
        *("promise_reopened", "promise_withdrawn"),
    ),
    "decisions": ("opened", "closed", "decision", "status", "hold_set", "hold_lifted"),
    "people": (
        *("assigned", "hand_over_offered", "hand_over_accepted", "hand_over_declined"),
        *("hand_over_withdrawn", "reveal"),
    ),
    "notes": (
        *("note", "note_withdrawn", "task", "task_done", "task_reopened", "task_cancelled"),
        *("review", "profile"),
    ),
}


def timeline_of(
    *, debtor_id: str, sort: str = "", limit: int = SHOWN, verify: bool = True
) -> Timeline:
    """Yield a case's entries, the latest first, and whether the whole chain is intact. Two queries.

    Shape: ``sort`` is one of SORTS_OF_ENTRIES, or empty for all.
    """
    head = Case.objects.filter(pk=debtor_id).values_list("entries", "head_hash").first()
    total, last = head or (0, "")
    rows = list(Entry.objects.filter(case_id=debtor_id).order_by("place"))
    broken = chain_break(rows, total=total, last=last) if verify else None
    kinds: Collection[str] = SORTS_OF_ENTRIES.get(sort, ())
    shown = [row for row in reversed(rows) if not kinds or row.kind in kinds]
    return Timeline(
        entries=tuple(entry_card(row) for row in shown[:limit]),
        total=len(shown),
        broken_at=broken,
    )


def chain_break(rows: list[Entry], *, total: int, last: str) -> int | None:
    """Yield the place where a chain breaks, 0 where its end is missing, None where it holds."""
    place = first_break(linked(row) for row in rows)
    if place is not None:
        return rows[place].place
    if any(row.place != number for number, row in enumerate(rows, start=1)):
        return next(number for number, row in enumerate(rows, start=1) if row.place != number)
    if len(rows) != total or (rows and rows[-1].hash_own != last):
        return 0
    return None


def entry_card(row: Entry) -> EntryCard:
    """Yield the card of an entry."""
    return EntryCard(
        place=row.place,
        at=row.at,
        actor_id=row.actor_id,
        kind=row.kind,
        facts=row.facts,
        text=row.text,
        corrects=row.corrects,
        hash_own=row.hash_own,
    )
