"""A worker: works the jobs of one queue off, and does meanwhile what time demands.

``python -m recoup.site.working default``, ``nights``, or ``redecisions``: the last decides persons
anew, out of the records' own list of whom. Beside the job a second thread says every
few seconds that the worker lives; that of the nights also looks at the schedule, notices nights
whose worker has died, and has outstanding re-decisions made; that of the ordinary queue sends what
web hooks are to be told, seals each day that is over, sends late complaints up, and works each
channel that has settings: it sends messages, and reads receipts and replies.
"""

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib import import_module
from time import monotonic, sleep
from typing import Any

from recoup.site.desk import prepare_django

INTERVAL = 0.5
#: Seconds between two looks at whom to decide anew; a receipt is to show within one.
LOOKS_EVERY = 0.05
#: Seconds after which an idle worker looks whether a new night or a new day is to be prepared for.
WARMS_EVERY = 2
BEAT = 5
STAMPS_EVERY = timedelta(minutes=10)
log = logging.getLogger("recoup.working")


def worker_name(*, queue: str) -> str:
    """Yield a name that no other worker has at this moment."""
    return f"{queue}@{socket.gethostname()[:32]}:{os.getpid()}"


@contextmanager
def beating(*, name: str, queue: str) -> Iterator[None]:
    """Say every few seconds that the worker lives, while the context lasts."""
    runs = import_module("recoup.apps.closing.night_runs")
    actions = import_module("recoup.apps.closing.actions")
    hooks = import_module("recoup.api.hooks")
    now = import_module("recoup.site.clock").now
    over = threading.Event()

    def beat() -> None:
        runs.beat(worker=name, queue=queue, at=now())
        if queue == "nights":
            actions.tick(at=now())

    def send() -> None:
        hooks.send_due(at=now())

    evidence = import_module("recoup.apps.evidence.actions")

    asked: list[datetime] = []

    def seal() -> None:
        sealed = evidence.seal_due(at=now())
        # An authority that does not answer is asked again after a while, not at every beat.
        if sealed or not asked or now() - asked[0] >= STAMPS_EVERY:
            asked[:] = [now()]
            evidence.stamp_due(at=now())

    complaints = import_module("recoup.apps.complaints.actions")
    seen: dict[str, Any] = {"day": None}

    def escalate() -> None:
        seen["day"] = complaints.escalate_on_new_day(at=now(), last=seen["day"])

    ways = import_module("recoup.site.ways_out").build_all() if queue == "default" else {}

    threads = [threading.Thread(target=_repeat, args=(beat, over), daemon=True, name="beat")]
    if queue == "default":
        # Beside the beat: an address that does not answer must not make the worker look dead.
        threads.append(threading.Thread(target=_repeat, args=(send, over), daemon=True))
        threads.append(threading.Thread(target=_repeat, args=(seal, over), daemon=True))
        threads.append(threading.Thread(target=_repeat, args=(escalate, over), daemon=True))
        look = import_module("recoup.site.ways_out").look_after_own_calls
        threads.append(threading.Thread(target=_repeat, args=(look, over), daemon=True))
        # A provider that is slow keeps nobody waiting but its own messages.
        threads += [
            threading.Thread(target=_work_way, args=(way, over), daemon=True, name=channel)
            for channel, way in ways.items()
        ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join(timeout=BEAT)
        # Whoever is stopped may be stopped between two statements of a transaction.
        import_module("django.db").connection.close()
        runs.forget_worker(worker=name)


def _work_way(way: Any, over: threading.Event) -> None:
    """Send over one channel and read what comes back, while the worker lives."""
    worked = import_module("recoup.site.ways_out").Worked(way=way, over=over)
    _repeat(worked.round, over)
    way.close()


def _repeat(act: Callable[[], None], over: threading.Event) -> None:
    close = import_module("django.db").close_old_connections
    database_failed = import_module("django.db").DatabaseError
    while not over.is_set():
        try:
            act()
        except database_failed:
            # The database is away or busy; the next beat finds it again.
            log.warning("no beat: the database did not answer", exc_info=True)
            import_module("django.db").connection.close()
        except Exception:
            log.exception("no beat")
        close()
        over.wait(BEAT)
    import_module("django.db").connection.close()


def redecide_until_stopped(*, name: str) -> None:
    """Decide persons anew, as they come, until SIGTERM."""
    redecision = import_module("recoup.apps.closing.redecision")
    promises = import_module("recoup.apps.arrangements.actions")
    clock = import_module("recoup.events.clock").clock_of_jobs()
    close = import_module("django.db").close_old_connections
    database_failed = import_module("django.db").DatabaseError
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    signal.signal(signal.SIGINT, lambda *_: over.set())
    day = None
    # It is not said to live before it is warm: the first receipt of a day does not wait for it.
    _warm_first(redecision.warm_up, clock)
    with beating(name=name, queue="redecisions"):
        warmed = monotonic()
        while not over.is_set():
            try:
                tried = redecision.redecide_outstanding(clock=clock, most=1)
                if not tried and monotonic() - warmed >= WARMS_EVERY:
                    redecision.warm_up(clock=clock)
                    warmed = monotonic()
                if not tried:
                    day = promises.rematch_on_new_day(at=clock.instant(), last=day)
            except database_failed:
                log.warning("the database did not answer", exc_info=True)
                tried = 0
                over.wait(1)
            close()
            if not tried:
                over.wait(LOOKS_EVERY)


def _warm_first(warm_up: Callable[..., bool], clock: object) -> None:
    """Read what the first decision needs: the night's book, and the law and policy of its case."""
    try:
        import_module("recoup.web.house").contact_law()
        import_module("recoup.site.readiness").prepare_night()
        warm_up(clock=clock)
    except Exception:
        # Whoever is to be decided shall be, slowly; the cause shows there again.
        log.warning("not warm at the start", exc_info=True)
    import_module("django.db").close_old_connections()


def work_off(queue: str, *, name: str) -> None:
    """Work the jobs of a queue off until SIGTERM."""
    command = import_module("django_tasks_db.management.commands.db_worker")
    worker = command.Worker(
        queue_names=[queue],
        interval=INTERVAL,
        batch=False,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=name,
        excluded_queue_names=[],
    )

    def stop(*_: object) -> None:
        worker.running = False
        if queue == "nights" or not worker.running_task:
            # A night leaves nothing half done wherever it stops; a short job is let finish.
            sys.exit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    with beating(name=name, queue=queue):
        worker.run()


def main(queue: str) -> int:
    """Work a queue off until stopped; yield the exit status 0."""
    prepare_django()
    name = worker_name(queue=queue)
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    if queue == "redecisions":
        redecide_until_stopped(name=name)
    else:
        work_off(queue, name=name)
    return 0


def _end_with_parent(parent: int) -> None:
    """End when the desk that started us has gone without a word."""
    while os.getppid() == parent:
        sleep(2)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "default"))
