"""What every act on a complaint shares: sight, who may handle it, staleness, history, the trail."""

from collections.abc import Mapping
from datetime import date, datetime

from recoup.apps.complaints.actions.tasks import give_task
from recoup.apps.complaints.clock import wind
from recoup.apps.complaints.models import Complaint, ComplaintEntry
from recoup.apps.complaints.queries.reading import row_in_sight
from recoup.apps.complaints.refusals import CannotHandle
from recoup.apps.people.permissions import Actor, require
from recoup.apps.people.queries import staff_cards
from recoup.apps.portfolio.actions import lock_persons
from recoup.events.bus import publish
from recoup.events.changes import Change
from recoup.kernel.refusal import Stale
from recoup.web.shown import local

ROOM = "complaints"
LONGEST = 4_000


def keeper(row: Complaint) -> str:
    """Yield what the holds of a complaint hang on."""
    return f"{ROOM}:{row.number}"


def handled(actor: Actor, number: str, *, version: int | None, by_owner: bool = True) -> Complaint:
    """Yield an open complaint's row, locked, for an act of whoever handles it.

    Shape: ``by_owner`` False: only who names handlers may do it. ``version`` is the one that was
    seen; None: the act does not rest on what was seen.
    Errors: NotFound, NotAllowed, CannotHandle, Stale.
    """
    row = locked(actor, number)
    check_handler(actor, row, by_owner=by_owner)
    check_version(row, version)
    if row.status != Complaint.Status.OPEN:
        raise CannotHandle.answered()
    return row


def locked(actor: Actor, number: str) -> Complaint:
    """Yield a complaint's row, locked; its person first, as everywhere. Errors: NotFound."""
    known = row_in_sight(actor, number)
    if known.debtor_id:
        lock_persons((known.debtor_id,))
    return row_in_sight(actor, number, lock=True)


def check_handler(actor: Actor, row: Complaint, *, by_owner: bool) -> None:
    """Pass if the actor may handle a complaint. Errors: NotAllowed, CannotHandle."""
    if not by_owner:
        require(actor, "assign", ROOM)
    require(actor, "work", ROOM)
    if actor.staff_id is not None and row.about_staff_id == actor.staff_id:
        raise CannotHandle.about_yourself()
    if row.owner_id != actor.staff_id and not actor.may("assign", ROOM):
        named = staff_cards((row.owner_id,)) if row.owner_id else {}
        raise CannotHandle.not_the_owner(name=next((one.name for one in named.values()), ""))


def check_version(row: Complaint, version: int | None) -> None:
    """Pass if nobody changed the complaint since it was read. Errors: Stale."""
    if version is None or version == row.version:
        return
    last = row.entries.order_by("-pk").first()
    named = staff_cards((last.actor_id,)) if last and last.actor_id else {}
    raise Stale(
        what_zh="这件投诉",
        what_en="This complaint",
        who=next((one.name for one in named.values()), ""),
        at=local(last.at) if last else None,
    )


def today(at: datetime) -> date:
    """Yield the house's day of an instant."""
    return local(at).date()


def done(
    row: Complaint,
    *,
    actor: Actor,
    verb: str,
    kind: str,
    at: datetime,
    text: str = "",
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    """Set the clock and the handler's task anew, save, enter into the history, tell the trail."""
    if row.status == Complaint.Status.OPEN:
        due_before = row.due_on
        wind(row, as_of=today(at))
        if row.task_id and row.owner_id and row.due_on != due_before:
            give_task(row, staff_id=row.owner_id, at=at)
    row.version += 1
    row.save()
    due_on = row.due_on.isoformat() if row.due_on else None
    facts = {**(after or {}), "due_on": due_on}
    ComplaintEntry.objects.create(
        complaint=row, at=at, actor_id=actor.staff_id, kind=kind, text=text, facts=facts
    )
    publish(
        Change(
            at=at,
            actor_id=actor.staff_id,
            verb=verb,
            room=ROOM,
            record="complaint",
            record_id=row.number or "",
            debtor_id=row.debtor_id or None,
            before=before or {},
            after=facts,
            why=text[:500],
        )
    )
