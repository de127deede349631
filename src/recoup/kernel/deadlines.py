"""Periods of law: the day on which a counted period ends, and the day on which it may be used.

The first day is not counted; a period of months or years ends on the corresponding day, else on
the month's last day. Where the law says so, a last day that is a rest day moves to the next working
day. Where the calendar does not know the year the corresponding day stands, which is never later
than the true one: for whoever must act in time it is the safe day.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from recoup.kernel.calendar import CalendarSilent, WorkingDays, add_months, date_of, day_number

DAYS = "days"
WORKING_DAYS = "working_days"
WEEKS = "weeks"
MONTHS = "months"
YEARS = "years"
UNITS = (DAYS, WORKING_DAYS, WEEKS, MONTHS, YEARS)


class NoSuchUnit(ValueError):
    """A unit in which no period of law is counted."""

    def __init__(self, *, unit: str) -> None:
        self.zh = f"期间不能以“{unit}”计算；可用：{'、'.join(UNITS)}。"
        self.en = f"No period is counted in '{unit}'; use one of {', '.join(UNITS)}."
        super().__init__(f"{self.en} / {self.zh}")


class BeyondCalendar(ValueError):
    """A period that ends after the last year that a date can have."""

    def __init__(self, *, start: date, count: int, unit: str) -> None:
        self.zh = f"自 {start} 起 {count}（{unit}）的期间超出日期所能表示的范围。"
        self.en = f"A period of {count} {unit} from {start} ends beyond the last possible date."
        super().__init__(f"{self.en} / {self.zh}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """The last day of a period.

    ``corresponding_on`` is the day before any move. ``moved`` says whether a rest day moved it;
    None where the calendar lacks the year and the corresponding day was kept.
    """

    due_on: date
    corresponding_on: date
    moved: bool | None


def end_of_period(
    *, start: date, count: int, unit: str, calendar: WorkingDays | None = None
) -> date:
    """Yield the last day of a period from ``start``, which is not counted itself.

    Shape: ``count`` may be negative for a period before a day. ``calendar`` is needed for working
    days. Errors: NoSuchUnit; CalendarSilent; BeyondCalendar.
    Example:
    >>> end_of_period(start=date(2024, 2, 29), count=1, unit="years")
    datetime.date(2025, 2, 28)
    """
    if unit == WORKING_DAYS:
        if calendar is None:
            raise CalendarSilent(year=start.year)
        return calendar.add_working_days(start, count)
    if unit not in UNITS:
        raise NoSuchUnit(unit=unit)
    try:
        if unit in (DAYS, WEEKS):
            return start + timedelta(days=count * (7 if unit == WEEKS else 1))
        months = count * (12 if unit == YEARS else 1)
        found = date_of(add_months(day_number(start), months))
    except (OverflowError, ValueError):
        raise BeyondCalendar(start=start, count=count, unit=unit) from None
    if found is None:
        raise BeyondCalendar(start=start, count=count, unit=unit)
    return found


def deadline(
    *,
    start: date,
    count: int,
    unit: str,
    calendar: WorkingDays,
    moves: bool,
    counts_first_day: bool = False,
) -> Deadline:
    """Yield the last day of a period, moved off a rest day where ``moves`` says so.

    Shape: ``counts_first_day`` for a term that runs from the day itself (a freeze for one year
    from 1 March ends on the last day of February).
    Errors: NoSuchUnit; BeyondCalendar; CalendarSilent only for working days.
    """
    corresponding = end_of_period(start=start, count=count, unit=unit, calendar=calendar)
    if counts_first_day:
        corresponding -= timedelta(days=1)
    if not moves or unit == WORKING_DAYS:
        return Deadline(due_on=corresponding, corresponding_on=corresponding, moved=False)
    try:
        due_on = calendar.next_working(corresponding)
    except CalendarSilent:
        return Deadline(due_on=corresponding, corresponding_on=corresponding, moved=None)
    return Deadline(due_on=due_on, corresponding_on=corresponding, moved=due_on != corresponding)
