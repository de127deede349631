"""Tasks with due times: made, done, opened again, cancelled."""

from datetime import datetime, timedelta

from django.db import transaction

from recoup.apps.cases.actions.changing import NotPossible, tell
from recoup.apps.cases.events import TaskDone
from recoup.apps.cases.models import Case, Task
from recoup.apps.cases.queries.cards import TaskCard, task_card
from recoup.apps.cases.recording import Happening, append, locked_case
from recoup.apps.people.permissions import Actor, NotFound, require
from recoup.apps.people.queries import staff_cards
from recoup.events.bus import publish
from recoup.kernel.refusal import Stale
from recoup.web.shown import local

KINDS = ("call_back", "send", "collect_papers", "visit", "check", "review", "other")
#: A task done by mistake can be opened again this long by whoever did it.
UNDO = timedelta(seconds=15)


def add_task(
    *,
    actor: Actor,
    debtor_id: str,
    kind: str,
    title: str,
    due_at: datetime,
    at: datetime,
    assignee_id: int | None = None,
) -> TaskCard:
    """Make a task for oneself or a colleague. Errors: NotAllowed; NotFound; NotPossible."""
    require(actor, "work", "cases")
    if kind not in KINDS or not title.strip() or len(title) > 200:
        raise NotPossible(
            zh="请选择任务类型并写明要做什么（最多 200 字）。",
            en="Choose a kind and say what is to be done (at most 200 characters).",
        )
    for_whom = assignee_id if assignee_id is not None else actor.staff_id
    if assignee_id is not None and assignee_id not in staff_cards((assignee_id,)):
        raise NotFound(what=str(assignee_id))
    with transaction.atomic():
        case = locked_case(actor, debtor_id)
        task = Task.objects.create(
            case=case,
            kind=kind,
            title=title.strip(),
            due_at=due_at,
            assignee_id=for_whom,
            made_by_id=actor.staff_id,
            made_at=at,
        )
        _enter(case, task, kind="task", at=at, actor=actor, text=task.title)
    return task_card(task)


def finish_task(*, actor: Actor, task_id: int, version: int, at: datetime) -> TaskCard:
    """Mark a task as done. Errors: NotAllowed; NotFound; Stale."""
    require(actor, "work", "cases")
    with transaction.atomic():
        case, task = _locked(actor, task_id, version)
        if task.done_at is None:
            task.done_at, task.done_by_id = at, actor.staff_id
            _keep(task, "done_at", "done_by")
            _enter(case, task, kind="task_done", at=at, actor=actor, text=task.title)
            publish(TaskDone(task_id=task.pk, debtor_id=case.pk, staff_id=actor.staff_id, at=at))
    return task_card(task)


def reopen_task(*, actor: Actor, task_id: int, at: datetime) -> TaskCard:
    """Undo that a task was done, for some seconds. Errors: NotAllowed; NotFound; NotPossible."""
    require(actor, "work", "cases")
    with transaction.atomic():
        case, task = _locked(actor, task_id, None)
        late = task.done_at is None or at - task.done_at > UNDO
        if late or task.done_by_id != actor.staff_id:
            raise NotPossible(
                zh="撤销时间已过；请新建一个任务。",
                en="It is too late to undo this; make a new task instead.",
            )
        task.done_at, task.done_by_id = None, None
        _keep(task, "done_at", "done_by")
        _enter(case, task, kind="task_reopened", at=at, actor=actor, text=task.title)
    return task_card(task)


def cancel_task(*, actor: Actor, task_id: int, version: int, at: datetime) -> TaskCard:
    """Cancel a task that need not be done any more. Errors: NotAllowed; NotFound; Stale."""
    require(actor, "work", "cases")
    with transaction.atomic():
        case, task = _locked(actor, task_id, version)
        if task.done_at is None and task.cancelled_at is None:
            task.cancelled_at = at
            _keep(task, "cancelled_at")
            _enter(case, task, kind="task_cancelled", at=at, actor=actor, text=task.title)
    return task_card(task)


def _locked(actor: Actor, task_id: int, version: int | None) -> tuple[Case, Task]:
    found = Task.objects.filter(pk=task_id).first()
    if found is None:
        raise NotFound(what=str(task_id))
    case = locked_case(actor, found.case_id)
    task = Task.objects.select_for_update(of=("self",)).select_related("done_by").get(pk=task_id)
    if version is not None and task.version != version:
        raise Stale(
            what_zh="这项任务",
            what_en="This task",
            who=str(task.done_by) if task.done_by else "",
            at=local(task.done_at) if task.done_at else None,
        )
    return case, task


def _keep(task: Task, *changed: str) -> None:
    task.version += 1
    task.save(update_fields=["version", *changed])


def _enter(case: Case, task: Task, *, kind: str, at: datetime, actor: Actor, text: str) -> None:
    facts = {
        "task": task.pk,
        "kind": task.kind,
        "due_at": task.due_at.isoformat(),
        "assignee": task.assignee_id,
    }
    append(case, Happening(kind=kind, at=at, actor_id=actor.staff_id, facts=facts, text=text))
    tell(
        actor=actor,
        case=case,
        verb=kind,
        at=at,
        after=facts,
        record="task",
        record_id=str(task.pk),
    )
