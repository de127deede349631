"""Carries out the night that has the turn: runs it, keeps its progress, brings it to the desk.

Nothing is half done: the engine puts a result into place whole, the records are published in one
transaction, and the night's row says DONE only after both. A run that dies leaves a row whose
heartbeat stops; ``sweep`` notices it and frees the turn.
"""

import json
import os
import shutil
import traceback
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django_tasks_db.models import DBTaskResult

from recoup.apps.closing.events import NightEnded
from recoup.apps.closing.models import CatchUp, MissedStart, Night, Worker
from recoup.apps.closing.orders import place_night, schedule_in_force
from recoup.apps.closing.policies import Policies, load_policies
from recoup.apps.closing.publishing import bring_to_the_desk, clear_away_results
from recoup.apps.closing.queries import OPEN, dates_to_run
from recoup.engine.night import NightDone, NightOrder, kept_rejects, run_night
from recoup.engine.refusal import NightRefused
from recoup.events.bus import publish
from recoup.events.clock import Clock
from recoup.kernel.refusal import Refused
from recoup.policy.pack import PackRefused
from recoup.policy.strategy import StrategyRefused

#: A running night that has not been heard of for so long has died.
SILENT = timedelta(seconds=60)
#: A waiting night whose job was taken but never begun has died.
NEVER_BEGUN = timedelta(seconds=90)
#: How far a night is, in percent, when a step begins; within it the parts move it on.
BEGINS_AT = {"take_in": 1, "decide": 25, "rank": 70, "report": 74, "publish": 78}
MOST_TRACE = 8_000


@dataclass
class _Progress:
    """Writes down how far a night is, each time a step or a block begins."""

    night_id: int
    clock: Clock
    step: str = ""
    began: int = 0
    milliseconds: dict[str, int] = field(default_factory=dict)

    def mark(self, step: str, block: int, blocks: int) -> None:
        """Note that a step (and a block of it) begins."""
        now = self.clock.nanoseconds()
        if self.step:
            taken = (now - self.began) // 1_000_000
            self.milliseconds[self.step] = self.milliseconds.get(self.step, 0) + taken
        self.step, self.began = step, now
        self.milliseconds.setdefault(step, 0)
        percent = BEGINS_AT[step]
        if blocks:
            after = next(later for later in BEGINS_AT.values() if later > percent)
            percent += (after - percent) * (block - 1) // blocks
        self._write(step=step, block=block, blocks=blocks, percent=percent)

    def say(self, zh: str, en: str) -> None:
        """Note the sentence that goes with it."""
        self._write(said_zh=zh, said_en=en)

    def end(self) -> dict[str, int]:
        """Close the step that runs; yield what each took."""
        if self.step:
            taken = (self.clock.nanoseconds() - self.began) // 1_000_000
            self.milliseconds[self.step] = self.milliseconds.get(self.step, 0) + taken
            self.step = ""
        return self.milliseconds

    def _write(self, **changed: object) -> None:
        Night.objects.filter(pk=self.night_id).update(
            heartbeat_at=self.clock.instant(), milliseconds=self.milliseconds, **changed
        )


def carry_out(*, night_id: int, worker: str, clock: Clock) -> str:
    """Run a waiting night to its end; yield its status. A night that does not wait is left alone.

    Every outcome is written into the night's row, none is raised: a refusal with its sentences, a
    surprise with its trace for technicians.
    """
    night = _begin(night_id=night_id, worker=worker, at=clock.instant())
    if night is None:
        return Night.objects.values_list("status", flat=True).get(pk=night_id)
    progress = _Progress(night_id=night.pk, clock=clock)
    try:
        policies = load_policies(pack=night.pack, strategy=night.strategy)
        done = run_night(_order(night=night, policies=policies, progress=progress, clock=clock))
        progress.mark("publish", 0, 0)
        progress.say("将结果发布到作业台", "Bringing the result to the desk")
        published = bring_to_the_desk(result=done.out, at=clock.instant())
        _done(
            night=night,
            done=done,
            progress=progress,
            publication_id=published.publication_id,
            counts=dict(published.counts),
            at=clock.instant(),
        )
    except (NightRefused, Refused) as refused:
        _refused(night=night, zh=refused.zh, en=refused.en, progress=progress, clock=clock)
    except (PackRefused, StrategyRefused) as refused:
        found = "\n".join(str(finding) for finding in refused.findings)
        _refused(night=night, zh=found, en=found, progress=progress, clock=clock)
    except Exception:
        _failed(night=night, progress=progress, clock=clock, trace=traceback.format_exc())
    except BaseException:
        # The worker is being stopped; the turn is free again at once.
        _interrupted(night=night, at=clock.instant())
        raise
    else:
        clear_away_results()
    return night.status


def adopt(*, result: Path, book: Path, clock: Clock) -> Night:
    """Take over a night that was run outside of the desk: into the history, and to the desk.

    Its files are linked into the desk's folder of nights, so that either copy may go.
    Errors: Occupied or CatchingUp, when another night has the turn; what publishing refuses.
    """
    manifest = json.loads((result / "manifest.json").read_text(encoding="utf-8"))
    at = clock.instant()
    night = place_night(
        as_of=date.fromisoformat(manifest["as_of"]), trigger=Night.Trigger.COMMAND, at=at
    )
    night.book = str(book)
    Night.objects.filter(pk=night.pk).update(
        status=Night.Status.RUNNING, started_at=at, heartbeat_at=at, book=night.book
    )
    progress = _Progress(night_id=night.pk, clock=clock, milliseconds=_taken(manifest["seconds"]))
    try:
        out = result_folder(night)
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(result, out, copy_function=_linked)
        progress.mark("publish", 0, 0)
        published = bring_to_the_desk(result=out, at=clock.instant())
    except BaseException:
        _failed(night=night, progress=progress, clock=clock, trace=traceback.format_exc())
        raise
    counted = list(manifest["tables"].values())
    done = NightDone(
        out=out,
        manifest=manifest,
        rejected_rows=sum(table["rejected"] for table in counted),
        warnings=sum(table["warnings"] for table in counted),
    )
    _done(
        night=night,
        done=done,
        progress=progress,
        publication_id=published.publication_id,
        counts=dict(published.counts),
        at=clock.instant(),
    )
    return night


def _taken(seconds: Mapping[str, str]) -> dict[str, int]:
    """Yield milliseconds by step from a manifest's seconds; the parts of deciding as one."""
    found: dict[str, int] = {}
    for step, text in seconds.items():
        code = step if step in BEGINS_AT else "decide"
        whole, _, rest = text.partition(".")
        found[code] = found.get(code, 0) + int(whole) * 1_000 + int(f"{rest}000"[:3])
    return found


def _linked(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def result_folder(night: Night) -> Path:
    """Yield where a night's result lies: each run has a folder of its own, so that what the desk
    shows is never written over."""
    return Path(settings.NIGHTS) / night.as_of.isoformat() / f"run-{night.pk}"


def _begin(*, night_id: int, worker: str, at: datetime) -> Night | None:
    waiting = Night.objects.filter(pk=night_id, status=Night.Status.WAITING)
    begun = waiting.update(
        status=Night.Status.RUNNING, worker=worker, started_at=at, heartbeat_at=at, percent=0
    )
    return Night.objects.get(pk=night_id) if begun else None


def _order(*, night: Night, policies: Policies, progress: _Progress, clock: Clock) -> NightOrder:
    out = result_folder(night)
    out.parent.mkdir(parents=True, exist_ok=True)
    return NightOrder(
        book=Path(night.book),
        as_of=night.as_of,
        pack=policies.pack,
        strategy=policies.strategy,
        out=out,
        clock_ns=clock.nanoseconds,
        say=progress.say,
        mark=progress.mark,
        threads=settings.NIGHT_THREADS,
        memory_mib=settings.NIGHT_MEMORY_MIB or None,
        max_bad_ppm=night.max_bad_ppm,
    )


def _done(
    *,
    night: Night,
    done: NightDone,
    progress: _Progress,
    publication_id: int | None,
    counts: dict[str, object],
    at: datetime,
) -> None:
    night.milliseconds = progress.end()
    night.result_folder = str(done.out)
    night.rejects_file = str(done.out / "rejects.parquet")
    night.rejected_rows = done.rejected_rows
    night.warnings = done.warnings
    night.manifest = dict(done.manifest)
    night.publication_id = publication_id
    night.publication_counts = counts
    night.percent = 100
    _end(night=night, status=Night.Status.DONE, at=at)


def _refused(*, night: Night, zh: str, en: str, progress: _Progress, clock: Clock) -> None:
    night.milliseconds = progress.end()
    night.why_zh, night.why_en = zh, en
    kept = kept_rejects(result_folder(night))
    night.rejects_file = str(kept) if kept.is_file() else ""
    _end(night=night, status=Night.Status.REFUSED, at=clock.instant())


def _failed(*, night: Night, progress: _Progress, clock: Clock, trace: str) -> None:
    night.milliseconds = progress.end()
    night.why_zh = "日终运行中发生意外，已停止；未留下半成品。技术人员可查看下方的记录。"
    night.why_en = (
        "Something unforeseen happened and the night stopped; nothing was left half done. The "
        "record below is for technicians."
    )
    night.trace = trace[-MOST_TRACE:]
    _end(night=night, status=Night.Status.FAILED, at=clock.instant())


def _interrupted(*, night: Night, at: datetime) -> None:
    night.why_zh = "运行日终的进程中途停止（断电、重启或被终止）；未留下半成品，可重新运行。"
    night.why_en = (
        "The process that ran the night stopped half-way (power, restart, or it was killed); "
        "nothing is left half done, it can be run again."
    )
    _end(night=night, status=Night.Status.INTERRUPTED, at=at)


#: What the end of a night writes; progress has written the rest.
_END = (
    *("status", "finished_at", "milliseconds", "percent", "step", "said_zh", "said_en"),
    *("result_folder", "rejects_file", "rejected_rows", "warnings", "manifest"),
    *("publication_id", "publication_counts", "why_zh", "why_en", "trace"),
)


def _end(*, night: Night, status: str, at: datetime) -> None:
    night.status = status
    night.finished_at = at
    if status != Night.Status.DONE:
        now = Night.objects.values("percent", "step").get(pk=night.pk)
        night.percent, night.step = now["percent"], now["step"]
    else:
        night.step = ""
    night.said_zh = night.said_en = ""
    with transaction.atomic():
        night.save(update_fields=_END)
        if status == Night.Status.DONE:
            MissedStart.objects.filter(as_of=night.as_of).delete()
        publish(
            NightEnded(
                night_id=night.pk,
                as_of=night.as_of,
                status=status,
                publication_id=night.publication_id,
                at=at,
            )
        )


def beat(*, worker: str, queue: str, at: datetime) -> None:
    """Note that a worker lives, and with it the night that it runs."""
    Worker.objects.update_or_create(name=worker, defaults={"queue": queue, "seen_at": at})
    Night.objects.filter(status=Night.Status.RUNNING, worker=worker).update(heartbeat_at=at)


def forget_worker(*, worker: str) -> None:
    """Note that a worker has ended in good order."""
    Worker.objects.filter(name=worker).delete()


def sweep(*, at: datetime) -> tuple[int, ...]:
    """Notice nights whose worker has died; free the turn. Yield their keys."""
    dead = [
        *Night.objects.filter(status=Night.Status.RUNNING, heartbeat_at__lt=at - SILENT),
        *(
            night
            for night in Night.objects.filter(
                status=Night.Status.WAITING, ordered_at__lt=at - NEVER_BEGUN
            ).exclude(job_id="")
            if not DBTaskResult.objects.ready().filter(pk=night.job_id).exists()
        ),
    ]
    for night in dead:
        _interrupted(night=night, at=at)
        if night.job_id:
            # The job died with its process; nobody will end it otherwise.
            DBTaskResult.objects.running().filter(pk=night.job_id).update(
                status="FAILED", finished_at=at
            )
    _stop_dead_catch_ups(at=at)
    return tuple(night.pk for night in dead)


def _stop_dead_catch_ups(*, at: datetime) -> None:
    for catch_up in CatchUp.objects.filter(status=CatchUp.Status.RUNNING):
        night = catch_up.nights.first()
        if night is not None and night.status in OPEN:
            continue
        last = (night.finished_at if night else None) or catch_up.ordered_at
        interrupted = night is not None and night.status == Night.Status.INTERRUPTED
        if interrupted or last < at - NEVER_BEGUN:
            _stop(
                catch_up=catch_up,
                on=night.as_of if night else catch_up.first_on,
                zh="补跑的进程中途停止；可从这一天继续补跑。",
                en="The process that caught up stopped half-way; go on from this date.",
                at=at,
            )


def carry_out_catch_up(
    *, catch_up_id: int, worker: str, clock: Clock, also: Collection[date] = ()
) -> str:
    """Run the missed dates of a catch-up in order; stop at the first that fails; yield its status.

    ``also``: dates that are done, and are run again all the same.
    What stopped it is written into its row, in both languages.
    """
    catch_up = CatchUp.objects.get(pk=catch_up_id)
    if catch_up.status != CatchUp.Status.RUNNING:
        return catch_up.status
    for as_of in dates_of(catch_up, also=also):
        try:
            night = place_night(
                as_of=as_of,
                trigger=Night.Trigger.CATCH_UP,
                at=clock.instant(),
                staff_id=catch_up.ordered_by_id,
                catch_up=catch_up,
            )
        except Refused as refused:
            _stop(catch_up=catch_up, on=as_of, zh=refused.zh, en=refused.en, at=clock.instant())
            return catch_up.status
        carry_out(night_id=night.pk, worker=worker, clock=clock)
        night.refresh_from_db()
        if night.status != Night.Status.DONE:
            why = {"zh": night.why_zh, "en": night.why_en}
            _stop(catch_up=catch_up, on=as_of, at=clock.instant(), **why)
            return catch_up.status
    catch_up.status = CatchUp.Status.DONE
    catch_up.finished_at = clock.instant()
    catch_up.save(update_fields=("status", "finished_at"))
    return catch_up.status


def dates_of(catch_up: CatchUp, *, also: Collection[date] = ()) -> tuple[date, ...]:
    """Yield the dates that a catch-up still has to run, in order; and those in ``also``."""
    calendar = None
    if catch_up.working_days_only:
        schedule = schedule_in_force()
        calendar = load_policies(pack=schedule.pack, strategy=schedule.strategy).pack.calendar
    return dates_to_run(
        first_on=catch_up.first_on, last_on=catch_up.last_on, working_days=calendar, also=also
    )


def _stop(*, catch_up: CatchUp, on: date, zh: str, en: str, at: datetime) -> None:
    catch_up.status = CatchUp.Status.STOPPED
    catch_up.stopped_on, catch_up.finished_at = on, at
    catch_up.why_zh, catch_up.why_en = zh, en
    catch_up.save(update_fields=("status", "stopped_on", "finished_at", "why_zh", "why_en"))
