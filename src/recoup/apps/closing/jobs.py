"""Jobs of the room, for the workers that ``recoup serve`` starts."""

from django_tasks import TaskContext, task

from recoup.apps.closing.night_runs import carry_out, carry_out_catch_up
from recoup.events.clock import clock_of_jobs

#: Nights have a worker of their own, so that nothing short waits behind them.
NIGHTS = "nights"


@task(queue_name=NIGHTS, takes_context=True)  # type: ignore[untyped-decorator]
def run_ordered_night(context: TaskContext, night_id: int) -> str:
    """Run the night that was ordered; yield its status."""
    return carry_out(night_id=night_id, worker=_worker(context), clock=clock_of_jobs())


@task(queue_name=NIGHTS, takes_context=True)  # type: ignore[untyped-decorator]
def run_catch_up(context: TaskContext, catch_up_id: int) -> str:
    """Run the missed dates that were ordered; yield the catch-up's status."""
    return carry_out_catch_up(
        catch_up_id=catch_up_id, worker=_worker(context), clock=clock_of_jobs()
    )


def _worker(context: TaskContext) -> str:
    return str(context.task_result.worker_ids[-1]) if context.task_result.worker_ids else ""
