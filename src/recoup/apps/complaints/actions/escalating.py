"""Sends late complaints up: to the supervisor, then to senior management; each step once."""

from datetime import date, datetime, timedelta

from django.db import transaction

from recoup.apps.complaints.actions.telling import done, today
from recoup.apps.complaints.clock import wind
from recoup.apps.complaints.events import ComplaintEscalated
from recoup.apps.complaints.models import Complaint
from recoup.apps.people.permissions import MACHINE
from recoup.events.bus import publish
from recoup.web.house import strategy

SUPERVISOR, SENIOR = 1, 2


def escalate_late(*, at: datetime) -> int:
    """Set the clocks of open complaints for the day, and send up those that are late; how many.

    The last day of a complaint under appraisal moves with the day; the others' stand.
    """
    on = today(at)
    rows = Complaint.objects.filter(status=Complaint.Status.OPEN)
    moved = 0
    for pk in list(rows.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            row = rows.select_for_update(of=("self",)).filter(pk=pk).first()
            moved += row is not None and _looked_at(row, on=on, at=at)
    return moved


def _looked_at(row: Complaint, *, on: date, at: datetime) -> bool:
    before = row.due_on
    wind(row, as_of=on)
    step = _step(row.due_on, on=on)
    if step <= row.step or row.due_on is None:
        if row.due_on != before:
            row.save(update_fields=["starts_on", "due_on"])
        return False
    row.step = step
    done(
        row,
        actor=MACHINE,
        verb="escalate_complaint",
        kind="escalated",
        at=at,
        after={"step": step},
    )
    publish(
        ComplaintEscalated(
            number=row.number or "",
            debtor_id=row.debtor_id,
            category=row.category,
            step=step,
            due_on=row.due_on,
            at=at,
        )
    )
    return True


def _step(due_on: date | None, *, on: date) -> int:
    if due_on is None or on <= due_on:
        return 0
    senior = timedelta(days=strategy().complaints.senior_days)
    return SENIOR if on - due_on > senior else SUPERVISOR


def escalate_on_new_day(*, at: datetime, last: date | None) -> date:
    """Send late complaints up if the house's day is not the last one seen; yield the day."""
    on = today(at)
    if on != last:
        escalate_late(at=at)
    return on
