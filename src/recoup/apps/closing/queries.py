"""Reading of nights, their schedule and history; as frozen records."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

from recoup.apps.closing.manifests import Brought, ManifestCard, brought, manifest_card
from recoup.apps.closing.models import (
    CatchUp,
    MissedStart,
    Night,
    NightSchedule,
    Redecision,
    Worker,
)
from recoup.apps.closing.orders import schedule_in_force
from recoup.apps.closing.rejects import RejectFilter, RejectsPage, rejects_page
from recoup.apps.closing.report_page import ReportPage, report_page
from recoup.apps.people.permissions import Actor, NotFound, require
from recoup.apps.portfolio.queries import current_result
from recoup.kernel.calendar import WorkingDays
from recoup.web.shown import local, speaks_chinese

OPEN = (Night.Status.WAITING, Night.Status.RUNNING)
PAGE = 30
#: A worker that was not heard of for so long does not work.
WORKER_SILENT = timedelta(seconds=60)


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of a night and what it took so far. Units: milliseconds; None, not begun."""

    code: str
    milliseconds: int | None
    is_now: bool


@dataclass(frozen=True, kw_only=True)
class NightCard:
    """One night as a page shows it."""

    night_id: int
    as_of: date
    status: str
    trigger: str
    ordered_at: datetime
    ordered_by: str
    started_at: datetime | None
    finished_at: datetime | None
    book: str
    pack: str
    strategy: str
    percent: int
    said: str
    block: int
    blocks: int
    steps: tuple[Step, ...]
    rejected_rows: int | None
    warnings: int | None
    has_rejects: bool
    has_report: bool
    manifest: ManifestCard | None
    publication_id: int | None
    #: What the desk shows came from this run; a later run with the same result changed nothing.
    is_shown: bool
    brought: tuple[Brought, ...]
    why: str
    trace: str

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs."""
        return self.status in OPEN

    @property
    def seconds(self) -> int | None:
        """How long its steps took; None while it runs, and for one that never began."""
        taken = [step.milliseconds for step in self.steps if step.milliseconds is not None]
        return None if self.is_open or not taken else sum(taken) // 1_000


@dataclass(frozen=True, kw_only=True)
class ScheduleCard:
    """When the night runs by itself. Shape: ``version`` is what the form sends back."""

    is_on: bool
    starts_at: time
    weekdays: tuple[int, ...]
    days_back: int
    book: str
    pack: str
    strategy: str
    max_bad_ppm: int
    version: int
    changed_at: datetime | None
    changed_by: str
    next_start_at: datetime | None
    next_as_of: date | None


@dataclass(frozen=True, kw_only=True)
class CatchUpCard:
    """A catch-up of missed dates as a page shows it."""

    catch_up_id: int
    first_on: date
    last_on: date
    status: str
    working_days_only: bool
    ordered_at: datetime
    ordered_by: str
    finished_at: datetime | None
    stopped_on: date | None
    why: str
    done: int


#: The steps in order; those of deciding stand together as one.
STEPS = ("take_in", "decide", "rank", "report", "publish")


def night_card(night: Night, *, whole: bool = True, shown: Path | None = None) -> NightCard:
    """Yield a night as a card, in the language of the page; ``whole`` with manifest and trace.

    Shape: ``shown`` is the result folder from which the desk's records were published.
    """
    folder = Path(night.result_folder) if night.result_folder else None
    rejects = night.rejects_file
    chinese = speaks_chinese()
    return NightCard(
        night_id=night.pk,
        as_of=night.as_of,
        status=night.status,
        trigger=night.trigger,
        ordered_at=night.ordered_at,
        ordered_by=str(night.ordered_by) if night.ordered_by else "",
        started_at=night.started_at,
        finished_at=night.finished_at,
        book=night.book,
        pack=night.pack,
        strategy=night.strategy,
        percent=night.percent,
        said=night.said_zh if chinese else night.said_en,
        block=night.block,
        blocks=night.blocks,
        steps=tuple(
            Step(
                code=code,
                milliseconds=night.milliseconds.get(code),
                is_now=night.status == Night.Status.RUNNING and night.step == code,
            )
            for code in STEPS
        ),
        rejected_rows=night.rejected_rows,
        warnings=night.warnings,
        has_rejects=bool(rejects) and Path(rejects).is_file(),
        has_report=folder is not None and (folder / "report.html").is_file(),
        manifest=manifest_card(night.manifest) if whole else None,
        publication_id=night.publication_id,
        is_shown=folder is not None and shown is not None and folder.resolve() == shown,
        brought=brought(night.publication_counts),
        why=night.why_zh if chinese else night.why_en,
        trace=night.trace if whole else "",
    )


def nights(*, actor: Actor, page: int = 1) -> tuple[NightCard, ...]:
    """Yield the nights of a page of the history, newest first; one more row than a page tells that
    there are further ones. Errors: NotAllowed."""
    require(actor, "view", "closing")
    start = (max(page, 1) - 1) * PAGE
    found = Night.objects.select_related("ordered_by").defer("trace", "manifest")
    rows, shown = found[start : start + PAGE + 1], shown_folder()
    return tuple(night_card(night, whole=False, shown=shown) for night in rows)


def night(*, actor: Actor, night_id: int) -> NightCard:
    """Yield one night. Errors: NotAllowed, NotFound."""
    require(actor, "view", "closing")
    return night_card(night_row(night_id), shown=shown_folder())


def shown_folder() -> Path | None:
    """Yield the result folder from which the desk's records were published; None before that."""
    result = current_result()
    return None if result is None else result.resolve()


def night_row(night_id: int) -> Night:
    """Yield the row of a night. Errors: NotFound."""
    found = Night.objects.select_related("ordered_by", "catch_up").filter(pk=night_id).first()
    if found is None:
        raise NotFound
    return found


def open_night() -> NightCard | None:
    """Yield the night that waits or runs, if one does."""
    found = Night.objects.filter(status__in=OPEN).select_related("ordered_by").first()
    return night_card(found) if found else None


def schedule(*, actor: Actor, at: datetime) -> ScheduleCard:
    """Yield the schedule and its next start. Errors: NotAllowed."""
    require(actor, "view", "closing")
    found = schedule_in_force()
    starts = next_start(found, after=at)
    return ScheduleCard(
        is_on=found.is_on,
        starts_at=found.starts_at,
        weekdays=tuple(found.weekdays),
        days_back=found.days_back,
        book=found.book,
        pack=found.pack,
        strategy=found.strategy,
        max_bad_ppm=found.max_bad_ppm,
        version=found.version,
        changed_at=found.changed_at if found.version else None,
        changed_by=str(found.changed_by) if found.changed_by else "",
        next_start_at=starts,
        next_as_of=as_of_of_start(found, starts) if starts else None,
    )


def starts_between(
    schedule: NightSchedule, *, after: datetime, until: datetime
) -> tuple[datetime, ...]:
    """Yield the starts that fall after one instant and not after another, in order."""
    if not schedule.is_on:
        return ()
    zone = ZoneInfo(settings.TIME_ZONE)
    first, last = local(after).date(), local(until).date()
    days = (first + timedelta(days=count) for count in range((last - first).days + 1))
    starts = (
        datetime.combine(day, schedule.starts_at, tzinfo=zone)
        for day in days
        if day.isoweekday() in schedule.weekdays
    )
    return tuple(start for start in starts if after < start <= until)


def next_start(schedule: NightSchedule, *, after: datetime) -> datetime | None:
    """Yield the next start after an instant; None when it is switched off or has no day."""
    found = starts_between(schedule, after=after, until=after + timedelta(days=8))
    return found[0] if found else None


def as_of_of_start(schedule: NightSchedule, start: datetime) -> date:
    """Yield the business date that a start runs."""
    return local(start).date() - timedelta(days=schedule.days_back)


def missed_dates(*, actor: Actor) -> tuple[date, ...]:
    """Yield business dates whose scheduled start was missed and that have no night since."""
    require(actor, "view", "closing")
    return tuple(MissedStart.objects.values_list("as_of", flat=True))


def dates_to_run(
    *,
    first_on: date,
    last_on: date,
    working_days: WorkingDays | None = None,
    also: Collection[date] = (),
) -> tuple[date, ...]:
    """Yield the dates of a span that no night has decided yet, in order; and those in ``also``.

    Every calendar day counts, for interest and days past due run on days of rest too; with
    ``working_days`` (the pack's calendar) only the days that it calls working days.
    """
    done = set(
        Night.objects.filter(
            status=Night.Status.DONE, as_of__range=(first_on, last_on)
        ).values_list("as_of", flat=True)
    )
    days = [first_on + timedelta(days=count) for count in range((last_on - first_on).days + 1)]
    if working_days is not None:
        days = [day for day in days if working_days.is_working(day)]
    return tuple(day for day in days if day not in done or day in also)


def last_catch_up(*, actor: Actor) -> CatchUpCard | None:
    """Yield the newest catch-up, if there ever was one."""
    require(actor, "view", "closing")
    found = CatchUp.objects.select_related("ordered_by").first()
    return catch_up_card(found) if found else None


def catch_up_card(found: CatchUp) -> CatchUpCard:
    """Yield a catch-up as a card, in the language of the page."""
    return CatchUpCard(
        catch_up_id=found.pk,
        first_on=found.first_on,
        last_on=found.last_on,
        status=found.status,
        working_days_only=found.working_days_only,
        ordered_at=found.ordered_at,
        ordered_by=str(found.ordered_by) if found.ordered_by else "",
        finished_at=found.finished_at,
        stopped_on=found.stopped_on,
        why=found.why_zh if speaks_chinese() else found.why_en,
        done=found.nights.filter(status=Night.Status.DONE).count(),
    )


def worker_works(*, queue: str, at: datetime) -> bool:
    """Tell whether a worker of a queue was heard of just now."""
    return Worker.objects.filter(queue=queue, seen_at__gt=at - WORKER_SILENT).exists()


def redecisions_outstanding() -> int:
    """Yield how many persons' re-decisions are wanted and not made yet."""
    return Redecision.outstanding().count()


def rejects(*, actor: Actor, night_id: int, wanted: RejectFilter, page: int = 1) -> RejectsPage:
    """Yield a page of what a night refused, in the language of the page.

    Errors: NotAllowed; NotFound, also where the night's file has been cleared away.
    """
    require(actor, "view", "closing")
    path = rejects_file(night_id)
    return rejects_page(path=path, wanted=wanted, page=page, chinese=speaks_chinese())


def rejects_file(night_id: int) -> Path:
    """Yield the reject file of a night. Errors: NotFound."""
    found = night_row(night_id)
    if not found.rejects_file or not Path(found.rejects_file).is_file():
        raise NotFound(what="rejects.parquet")
    return Path(found.rejects_file)


def morning_page(*, actor: Actor, night_id: int) -> ReportPage:
    """Yield a night's morning page with the policy it is served under. Errors: as ``rejects``."""
    require(actor, "view", "closing")
    found = night_row(night_id)
    path = Path(found.result_folder or "/nowhere") / "report.html"
    if not path.is_file():
        raise NotFound(what="report.html")
    return report_page(path)
