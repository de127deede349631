"""Puts the answer of a complaint among the tasks of the person's case, and takes it away again."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings

from recoup.apps.cases.actions import add_task, cancel_task, finish_task
from recoup.apps.cases.queries import tasks_of
from recoup.apps.complaints.models import Complaint
from recoup.apps.people.permissions import MACHINE, NotFound

#: The hour at which the task falls due on the last day.
HOUR = time(17)


def give_task(row: Complaint, *, staff_id: int, at: datetime) -> None:
    """Make a task for whoever handles a complaint; the row is saved by the caller.

    Nothing where the person has no case: the complaint stands in the list of complaints all the
    same.
    """
    end_task(row, is_done=False, at=at)
    if not row.debtor_id or row.due_on is None:
        return
    try:
        made = add_task(
            actor=MACHINE,
            debtor_id=row.debtor_id,
            kind="other",
            title=f"答复投诉 / answer the complaint {row.number}",
            due_at=datetime.combine(row.due_on, HOUR, tzinfo=ZoneInfo(settings.TIME_ZONE)),
            assignee_id=staff_id,
            at=at,
        )
    except NotFound:
        return
    row.task_id = made.task_id


def end_task(row: Complaint, *, is_done: bool, at: datetime) -> None:
    """Finish or cancel the task that was made for a complaint, if it still stands."""
    if row.task_id is None:
        return
    end = finish_task if is_done else cancel_task
    for task in tasks_of(debtor_id=row.debtor_id):
        if task.task_id == row.task_id:
            end(actor=MACHINE, task_id=task.task_id, version=task.version, at=at)
    row.task_id = None
