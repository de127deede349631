"""Days: civil dates as integers, months ahead, working days of a jurisdiction.

Inside the sequence rules a day is one integer: days since 1970-01-01 (the `date32` of Arrow).
`add_months` and the functions under it are plain integer loops that compile with Numba unchanged.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

#: "No day" inside the loops; outside them it is None.
NO_DAY = -(2**31) + 1

_EPOCH = date(1970, 1, 1).toordinal()
_SEARCH_LIMIT_DAYS = 3660


def days_in_month(year: int, month: int) -> int:
    """The number of days of a month, 28 to 31."""
    if month == 2:
        if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0):
            return 29
        return 28
    if month == 4 or month == 6 or month == 9 or month == 11:
        return 30
    return 31


def day_of_civil(year: int, month: int, day: int) -> int:
    """The day number of a date of the Gregorian calendar.

    Counts years from 1 March, so that the leap day is the last of its year.
    """
    shifted = year
    if month <= 2:
        shifted = year - 1
    era = shifted // 400
    year_of_era = shifted - era * 400
    month_from_march = (month + 9) % 12
    day_of_year = (153 * month_from_march + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * 146097 + day_of_era - 719468


def year_of(day: int) -> int:
    """The year of a day number."""
    return month_index(day) // 12


def month_index(day: int) -> int:
    """Months since the year 0: year * 12 + month - 1."""
    shifted = day + 719468
    era = shifted // 146097
    of_era = shifted - era * 146097
    year_of_era = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_from_march = (5 * of_year + 2) // 153
    return (year_of_era + era * 400) * 12 + month_from_march + 2


def add_months(day: int, months: int) -> int:
    """The same day of the month so many months on, or that month's last day if it is shorter.

    Example: 31 January 2026 plus one month is 28 February 2026.
    """
    start = month_index(day)
    day_of_month = day - day_of_civil(start // 12, start % 12 + 1, 1) + 1
    target = start + months
    year = target // 12
    month = target % 12 + 1
    longest = days_in_month(year, month)
    if day_of_month > longest:
        day_of_month = longest
    return day_of_civil(year, month, day_of_month)


def add_years(day: int, years: int) -> int:
    """The same day so many years on; 29 February becomes 28 February in a common year."""
    return add_months(day, 12 * years)


def day_number(on: date) -> int:
    """The day number of a date.

    >>> day_number(date(1970, 1, 2))
    1
    """
    return on.toordinal() - _EPOCH


def date_of(day: int) -> date | None:
    """The date of a day number; None for NO_DAY.

    >>> date_of(1)
    datetime.date(1970, 1, 2)
    """
    if day == NO_DAY:
        return None
    return date.fromordinal(day + _EPOCH)


class CalendarSilent(LookupError):
    """The calendar knows nothing of the year asked for; nothing is guessed."""

    def __init__(self, *, year: int) -> None:
        self.year = year
        self.sentence_zh = f"工作日历没有{year}年的数据：请补充该年的放假与调休安排后再运行。"
        self.sentence_en = (
            f"The working-day calendar has no year {year}: add that year's days off and "
            "make-up working days, then run again."
        )
        super().__init__(f"{self.sentence_en} {self.sentence_zh}")


@dataclass(frozen=True, kw_only=True)
class CalendarYear:
    """What one year adds to the plain week: weekdays off, and weekend days that are worked."""

    off: frozenset[date] = frozenset()
    working_weekends: frozenset[date] = frozenset()


@dataclass(frozen=True)
class WorkingDays:
    """The working days of a jurisdiction, for the years it knows.

    A year that is missing raises CalendarSilent. `weekend` holds ISO weekdays (Monday = 1).
    """

    years: Mapping[int, CalendarYear]
    weekend: frozenset[int] = field(default=frozenset({6, 7}))

    def is_working(self, on: date) -> bool:
        """Whether banks and offices work on that day."""
        year = self.years.get(on.year)
        if year is None:
            raise CalendarSilent(year=on.year)
        if on in year.working_weekends:
            return True
        return on not in year.off and on.isoweekday() not in self.weekend

    def next_working(self, on: date) -> date:
        """That day if it is a working day, else the first working day after it."""
        day = on
        for _ in range(_SEARCH_LIMIT_DAYS):
            if self.is_working(day):
                return day
            day += timedelta(days=1)
        raise CalendarSilent(year=day.year)

    def add_working_days(self, on: date, days: int) -> date:
        """The working day that is so many working days after (or, negative, before) a day."""
        step = timedelta(days=1 if days >= 0 else -1)
        left = abs(days)
        day = on
        for _ in range(_SEARCH_LIMIT_DAYS):
            if left == 0:
                return day
            day += step
            if self.is_working(day):
                left -= 1
        raise CalendarSilent(year=day.year)
