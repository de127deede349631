"""Built-in functions on dates, times and durations.

``now`` and ``today`` are missing on purpose: a decision depends on the business date it is given,
never on the clock of the machine.
"""

import datetime as dt
from decimal import Decimal

from recoup.tables.functions_number import number
from recoup.tables.signature import BuiltIn, takes, takes_either, text
from recoup.tables.temporal import (
    YearsMonths,
    read_date,
    read_duration,
    read_instant,
    read_time,
)
from recoup.tables.values import kind_of, same

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def _date(value: object) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return value.date()
    return value if isinstance(value, dt.date) else read_date(text=text(value))


def _date_of(year: object, month: object, day: object) -> dt.date:
    return dt.date(int(number(year)), int(number(month)), int(number(day)))


def _instant(value: object) -> dt.datetime:
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, dt.date):
        return dt.datetime.combine(value, dt.time())
    return read_instant(text=text(value))


def _instant_of(day: object, clock: object) -> dt.datetime | None:
    date = _date(day)
    if date is None or not isinstance(clock, dt.time):
        return None
    return dt.datetime.combine(date, clock)


def _time(value: object) -> dt.time:
    if isinstance(value, dt.time):
        return value
    if isinstance(value, dt.datetime):
        return value.timetz()
    if isinstance(value, dt.date):
        return dt.time(tzinfo=dt.UTC)
    return read_time(text=text(value))


def _time_of(hour: object, minute: object, second: object, offset: object) -> dt.time | None:
    zone = dt.timezone(offset) if isinstance(offset, dt.timedelta) else None
    if offset is not None and zone is None:
        return None
    whole, fraction = divmod(number(second), 1)
    micro = int(fraction * 1_000_000)
    return dt.time(int(number(hour)), int(number(minute)), int(whole), micro, tzinfo=zone)


def _months_between(start: object, end: object) -> YearsMonths | None:
    if not isinstance(start, dt.date) or not isinstance(end, dt.date):
        return None
    first, second = _instant(start), _instant(end)
    sign = 1 if first.replace(tzinfo=None) <= second.replace(tzinfo=None) else -1
    if sign < 0:
        first, second = second, first
    months = (second.year - first.year) * 12 + second.month - first.month
    if (second.day, second.time()) < (first.day, first.time()):
        months -= 1
    return YearsMonths(sign * months)


def _is(first: object, second: object) -> bool:
    if kind_of(first) != kind_of(second):
        return False
    if isinstance(first, dt.time | dt.datetime) and isinstance(second, dt.time | dt.datetime):
        return first == second and str(first.tzinfo) == str(second.tzinfo)
    return same(first, second) is True


def _of_day(value: object, part: str) -> object:
    if not isinstance(value, dt.date):
        return None
    if part == "week":
        return Decimal(value.isocalendar().week)
    if part == "day of year":
        return Decimal(value.timetuple().tm_yday)
    return _DAYS[value.weekday()] if part == "weekday" else _MONTHS[value.month - 1]


BUILT_IN: dict[str, BuiltIn] = {
    "date": takes_either(("from", _date), ("year, month, day", _date_of)),
    "date and time": takes_either(("from", _instant), ("date, time", _instant_of)),
    "time": takes_either(("from", _time), ("hour, minute, second, offset?", _time_of)),
    "duration": takes("from", lambda value: read_duration(text=text(value))),
    "years and months duration": takes("from, to", _months_between),
    "is": takes("value1, value2", _is),
    "day of week": takes("date", lambda day: _of_day(day, "weekday")),
    "month of year": takes("date", lambda day: _of_day(day, "month")),
    "day of year": takes("date", lambda day: _of_day(day, "day of year")),
    "week of year": takes("date", lambda day: _of_day(day, "week")),
}
