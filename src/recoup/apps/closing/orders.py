"""Places a night on order: one turn, one book below the bank's folder, one business date."""

from datetime import date, datetime, time
from os.path import normpath
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction

from recoup.apps.closing.models import CatchUp, Night, NightSchedule
from recoup.kernel.refusal import Refused
from recoup.web.shown import instant, local

#: A business date further back than this is a slip of the pen.
MOST_DAYS_BACK = 3 * 366
THE_SCHEDULE = 1
EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]


class Occupied(Refused):
    """Another night has the turn; the sentence says which."""

    def __init__(self, *, night: Night) -> None:
        who = str(night.ordered_by) if night.ordered_by else ""
        since = instant(night.started_at or night.ordered_at)
        super().__init__(
            zh=f"{night.as_of} 的日终{'正在运行' if night.started_at else '正在等待运行'}"
            f"（{since} 起{'，' + who if who else ''}，{night.percent}%）；"
            "同一时间只运行一个日终，请等它结束。",
            en=f"The night of {night.as_of} is {'running' if night.started_at else 'waiting'} "
            f"(since {since}{', ' + who if who else ''}, {night.percent}%). One night runs at a "
            "time; wait until it has ended.",
        )


class CatchingUp(Refused):
    """A catch-up has the turn until its last date is done."""

    def __init__(self, *, catch_up: CatchUp) -> None:
        span = f"{catch_up.first_on} – {catch_up.last_on}"
        super().__init__(
            zh=f"正在补跑 {span} 的日终；请等它结束。",
            en=f"Missed nights of {span} are being caught up; wait until that has ended.",
        )


class BadDate(Refused):
    """A business date for which no night can be run."""


class BadBook(Refused):
    """A book folder outside of the bank's folder."""

    def __init__(self, *, book: str) -> None:
        super().__init__(
            zh=f"账册文件夹“{book}”不在 RECOUP_BOOK（{settings.BOOK}）之内；请填写其中的子文件夹。",
            en=f"The book folder '{book}' does not lie within RECOUP_BOOK ({settings.BOOK}); name "
            "a folder below it.",
        )


def schedule_in_force() -> NightSchedule:
    """Yield the schedule; before anybody has set one, what the settings say, switched off."""
    found = NightSchedule.objects.filter(pk=THE_SCHEDULE).first()
    return found or NightSchedule(
        pk=THE_SCHEDULE,
        is_on=False,
        starts_at=time(1, 30),
        weekdays=list(EVERY_DAY),
        days_back=1,
        book="",
        pack=settings.PACK,
        strategy=settings.STRATEGY,
        max_bad_ppm=settings.NIGHT_MAX_BAD_PPM,
        version=0,
    )


def book_folder(*, book: str, as_of: date) -> Path:
    """Yield the folder of a business date's book. Errors: BadBook, outside of RECOUP_BOOK."""
    # By the names alone: where a link in the bank's own folder leads is the bank's affair.
    root = Path(settings.BOOK).absolute()
    found = Path(normpath(root / book.replace("{as_of}", as_of.isoformat())))
    if not found.is_relative_to(root):
        raise BadBook(book=book)
    return found


def check_date(*, as_of: date, at: datetime) -> None:
    """Pass if a night may be run for a business date. Errors: BadDate."""
    today = local(at).date()
    if as_of > today:
        raise BadDate(
            zh=f"营业日期 {as_of} 还没有到（今天是 {today}）；请选今天或以前的日期。",
            en=f"The business date {as_of} has not come yet (today is {today}); choose today or "
            "a day before.",
        )
    if (today - as_of).days > MOST_DAYS_BACK:
        raise BadDate(
            zh=f"营业日期 {as_of} 太早；最多可补跑三年以内的日期。",
            en=f"The business date {as_of} lies too far back; at most three years can be run.",
        )


def place_night(
    *,
    as_of: date,
    trigger: str,
    at: datetime,
    staff_id: int | None = None,
    catch_up: CatchUp | None = None,
) -> Night:
    """Take the turn for a night and yield it, waiting.

    Errors: BadDate, BadBook; Occupied or CatchingUp, when another night has the turn.
    """
    check_date(as_of=as_of, at=at)
    schedule = schedule_in_force()
    book = book_folder(book=schedule.book, as_of=as_of)
    with transaction.atomic():
        refuse_if_taken(but=catch_up)
        try:
            with transaction.atomic():
                return Night.objects.create(
                    as_of=as_of,
                    trigger=trigger,
                    catch_up=catch_up,
                    ordered_at=at,
                    ordered_by_id=staff_id,
                    book=str(book),
                    pack=schedule.pack,
                    strategy=schedule.strategy,
                    max_bad_ppm=schedule.max_bad_ppm,
                )
        except IntegrityError:
            # Somebody took the turn between the look and the leap.
            refuse_if_taken(but=catch_up)
            raise


def refuse_if_taken(*, but: CatchUp | None = None) -> None:
    """Pass if no night waits or runs, and no other catch-up. Errors: Occupied, CatchingUp."""
    open_ = (Night.Status.WAITING, Night.Status.RUNNING)
    night = Night.objects.filter(status__in=open_).select_related("ordered_by").first()
    if night is not None:
        raise Occupied(night=night)
    running = CatchUp.objects.filter(status=CatchUp.Status.RUNNING)
    other = running.exclude(pk=but.pk).first() if but else running.first()
    if other is not None:
        raise CatchingUp(catch_up=other)
