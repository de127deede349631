"""What staff do with nights: order one, run one again, catch up missed dates, set the schedule."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta

from django.db import IntegrityError, transaction

from recoup.apps.closing.jobs import run_catch_up, run_ordered_night
from recoup.apps.closing.models import CatchUp, MissedStart, Night, NightSchedule
from recoup.apps.closing.night_runs import sweep
from recoup.apps.closing.orders import (
    THE_SCHEDULE,
    BadDate,
    book_folder,
    check_date,
    place_night,
    refuse_if_taken,
    schedule_in_force,
)
from recoup.apps.closing.policies import load_policies
from recoup.apps.closing.queries import (
    CatchUpCard,
    NightCard,
    as_of_of_start,
    catch_up_card,
    dates_to_run,
    night_card,
    night_row,
    rejects_file,
    starts_between,
)
from recoup.apps.closing.rejects import RejectFilter, all_rows, csv_of, xlsx_of
from recoup.apps.compliance.actions import record_export
from recoup.apps.people.permissions import MACHINE, Actor, require
from recoup.events.bus import publish
from recoup.events.changes import Change
from recoup.kernel.refusal import Refused, Stale
from recoup.web.shown import local, speaks_chinese

#: A scheduled start that is found later than this was missed; people decide what to do about it.
STILL_IN_TIME = timedelta(hours=1)
MOST_DATES = 400


class NothingToRun(BadDate):
    """A span of which every date is done."""


@dataclass(frozen=True, kw_only=True)
class TakenAway:
    """A file that leaves the house: its name, its type and its bytes."""

    file_name: str
    media_type: str
    content: bytes


def order_night(*, actor: Actor, as_of: date, at: datetime) -> NightCard:
    """Order a night for a business date and yield it; the worker takes it within a second or two.

    Errors: NotAllowed; BadDate, BadBook; Occupied or CatchingUp, when another has the turn.
    """
    require(actor, "work", "closing")
    trigger = Night.Trigger.COMMAND if actor.is_machine else Night.Trigger.BUTTON
    return _ordered(actor=actor, as_of=as_of, trigger=trigger, at=at)


def run_again(*, actor: Actor, night_id: int, at: datetime) -> NightCard:
    """Order a night once more for the business date of one that has ended.

    Errors: NotAllowed, NotFound; Occupied or CatchingUp, when another has the turn.
    """
    require(actor, "work", "closing")
    return order_night(actor=actor, as_of=night_row(night_id).as_of, at=at)


def _ordered(*, actor: Actor, as_of: date, trigger: str, at: datetime) -> NightCard:
    sweep(at=at)
    with transaction.atomic():
        night = place_night(as_of=as_of, trigger=trigger, at=at, staff_id=actor.staff_id)
        night.job_id = str(run_ordered_night.enqueue(night_id=night.pk).id)
        night.save(update_fields=("job_id",))
        publish(
            Change(
                at=at,
                actor_id=actor.staff_id,
                verb="order_night",
                room="closing",
                record="night",
                record_id=str(night.pk),
                after={"as_of": as_of.isoformat(), "trigger": trigger, "book": night.book},
            )
        )
    return night_card(night)


def order_catch_up(
    *,
    actor: Actor,
    first_on: date,
    last_on: date,
    at: datetime,
    working_days_only: bool = False,
    by_worker: bool = True,
    also: Collection[date] = (),
) -> CatchUpCard:
    """Order the dates of a span that no night has decided yet, to be run in order.

    Shape: ``by_worker`` False places the order only; the caller carries it out itself, and may run
    dates that are done once more (``also``).
    Errors: NotAllowed; BadDate, with a span the wrong way round or too long; NothingToRun;
    Occupied or CatchingUp, when another has the turn.
    """
    require(actor, "work", "closing")
    sweep(at=at)
    _check_span(first_on=first_on, last_on=last_on, at=at)
    _check_something_to_run(
        first_on=first_on, last_on=last_on, working_days_only=working_days_only, also=also
    )
    with transaction.atomic():
        refuse_if_taken()
        try:
            with transaction.atomic():
                catch_up = CatchUp.objects.create(
                    first_on=first_on,
                    last_on=last_on,
                    working_days_only=working_days_only,
                    ordered_at=at,
                    ordered_by_id=actor.staff_id,
                )
        except IntegrityError:
            refuse_if_taken()
            raise
        if by_worker:
            run_catch_up.enqueue(catch_up_id=catch_up.pk)
        publish(
            Change(
                at=at,
                actor_id=actor.staff_id,
                verb="order_catch_up",
                room="closing",
                record="catch_up",
                record_id=str(catch_up.pk),
                after={"from": first_on.isoformat(), "to": last_on.isoformat()},
            )
        )
    return catch_up_card(catch_up)


def _check_span(*, first_on: date, last_on: date, at: datetime) -> None:
    if last_on < first_on:
        raise BadDate(
            zh=f"结束日期 {last_on} 早于开始日期 {first_on}；请更正。",
            en=f"The last date {last_on} lies before the first {first_on}; correct them.",
        )
    check_date(as_of=first_on, at=at)
    check_date(as_of=last_on, at=at)
    if (last_on - first_on).days >= MOST_DATES:
        raise BadDate(
            zh=f"一次最多补跑 {MOST_DATES} 天；请分段补跑。",
            en=f"At most {MOST_DATES} days can be caught up at a time; take a shorter span.",
        )


def _check_something_to_run(
    *, first_on: date, last_on: date, working_days_only: bool, also: Collection[date]
) -> None:
    calendar = None
    if working_days_only:
        schedule = schedule_in_force()
        calendar = load_policies(pack=schedule.pack, strategy=schedule.strategy).pack.calendar
    if not dates_to_run(first_on=first_on, last_on=last_on, working_days=calendar, also=also):
        raise NothingToRun(
            zh=f"{first_on} 至 {last_on} 之间没有需要补跑的日期，都已完成。",
            en=f"There is nothing to catch up from {first_on} to {last_on}; every date is done.",
        )


def set_schedule(
    *,
    actor: Actor,
    version: int,
    is_on: bool,
    starts_at: time,
    weekdays: tuple[int, ...],
    days_back: int,
    book: str,
    pack: str,
    strategy: str,
    max_bad_ppm: int,
    at: datetime,
) -> None:
    """Set when the night runs by itself, over which book, under which law and policy.

    Errors: NotAllowed; Stale, when somebody has changed it since; BadBook; NoSuchPolicy; the
    refusals of a pack or strategy that cannot be loaded.
    """
    require(actor, "configure", "closing")
    book_folder(book=book, as_of=at.date())
    load_policies(pack=pack, strategy=strategy)
    with transaction.atomic():
        locked = NightSchedule.objects.select_for_update().filter(pk=THE_SCHEDULE).first()
        found = locked or schedule_in_force()
        if found.version != version:
            raise Stale(
                what_zh="日终设置",
                what_en="The schedule of the night",
                who=str(found.changed_by) if found.changed_by else "recoup",
                at=local(found.changed_at) if found.version else None,
            )
        before = _told(found)
        if is_on and not found.is_on:
            # Starts that lie before it was switched on were not missed.
            found.looked_until = at
        found.is_on, found.starts_at, found.weekdays = is_on, starts_at, sorted(weekdays)
        found.days_back, found.book = days_back, book
        found.pack, found.strategy, found.max_bad_ppm = pack, strategy, max_bad_ppm
        found.version, found.changed_at, found.changed_by_id = version + 1, at, actor.staff_id
        found.save()
        after = _told(found)
        publish(
            Change(
                at=at,
                actor_id=actor.staff_id,
                verb="set_schedule",
                room="closing",
                record="schedule",
                record_id=str(THE_SCHEDULE),
                before={key: value for key, value in before.items() if after[key] != value},
                after={key: value for key, value in after.items() if before[key] != value},
            )
        )


def _told(schedule: NightSchedule) -> dict[str, object]:
    return {
        "is_on": schedule.is_on,
        "starts_at": schedule.starts_at.isoformat("minutes"),
        "weekdays": list(schedule.weekdays),
        "days_back": schedule.days_back,
        "book": schedule.book,
        "pack": schedule.pack,
        "strategy": schedule.strategy,
        "max_bad_ppm": schedule.max_bad_ppm,
    }


def tick(*, at: datetime) -> None:
    """Do what time demands: notice dead nights, start the scheduled one, note missed starts.

    A start that is found within an hour is made; one that is found later, after the desk was down,
    is noted as missed, for people to catch up. While another night has the turn a due start waits.
    """
    sweep(at=at)
    schedule = NightSchedule.objects.filter(pk=THE_SCHEDULE, is_on=True).first()
    if schedule is None:
        return
    looked = schedule.looked_until or schedule.changed_at
    for start in starts_between(schedule, after=looked, until=at):
        as_of = as_of_of_start(schedule, start)
        if not Night.objects.filter(as_of=as_of, status=Night.Status.DONE).exists():
            if start < at - STILL_IN_TIME:
                MissedStart.objects.get_or_create(
                    as_of=as_of, defaults={"due_at": start, "noticed_at": at}
                )
            else:
                try:
                    _ordered(actor=MACHINE, as_of=as_of, trigger=Night.Trigger.SCHEDULE, at=at)
                except Refused:
                    return  # it waits for the turn, until its hour has passed
        NightSchedule.objects.filter(pk=THE_SCHEDULE).update(looked_until=start)


def take_rejects_away(
    *,
    actor: Actor,
    night_id: int,
    wanted: RejectFilter,
    form: str,
    head: Sequence[str],
    at: datetime,
) -> TakenAway:
    """Yield what a night refused as a file, ``csv`` or ``xlsx``; the export is recorded.

    Values of names, numbers and addresses are masked in it, and it carries a watermark.
    Errors: NotAllowed; NotFound, also where the night's file has been cleared away.
    """
    require(actor, "export", "closing")
    night = night_row(night_id)
    rows = all_rows(path=rejects_file(night_id), wanted=wanted, chinese=speaks_chinese())
    plain = csv_of(rows, head=head)
    watermark = record_export(
        actor=actor,
        kind="rejects",
        parameters={
            "night": night_id,
            "as_of": night.as_of.isoformat(),
            "form": form,
            **{name: value for name, value in asdict(wanted).items() if value},
        },
        rows=len(rows),
        sha256=hashlib.sha256(plain).hexdigest(),
        at=at,
    )
    name = f"rejects-{night.as_of.isoformat()}-{night_id}.{form}"
    if form == "xlsx":
        media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        content = xlsx_of(rows, head=head, watermark=watermark)
    else:
        media = "text/csv; charset=utf-8"
        content = csv_of(rows, head=head, watermark=watermark)
    return TakenAway(file_name=name, media_type=media, content=content)
