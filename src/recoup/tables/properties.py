"""The parts of a value that FEEL names: entries of a context, years of a date, ends of a range."""

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from recoup.tables.temporal import YearsMonths
from recoup.tables.values import UNBOUNDED, Range


def property_of(*, value: object, name: str) -> object:
    """Yield one part of a value; null where the value has no such part."""
    if isinstance(value, Mapping):
        return value.get(name)
    for kind, parts in _PARTS:
        if isinstance(value, kind):
            reader = parts.get(name)
            return None if reader is None else _as_feel(reader(value))
    return None


def _as_feel(part: object) -> object:
    return Decimal(part) if isinstance(part, int) and not isinstance(part, bool) else part


def _truncated(count: int, divisor: int) -> int:
    return count // divisor if count >= 0 else -(-count // divisor)


def _seconds(span: dt.timedelta) -> int:
    return _truncated(span // dt.timedelta(microseconds=1), 1_000_000)


_DATE: dict[str, Callable[[Any], object]] = {
    "year": lambda day: day.year,
    "month": lambda day: day.month,
    "day": lambda day: day.day,
    "weekday": lambda day: day.isoweekday(),
}
_TIME: dict[str, Callable[[Any], object]] = {
    "hour": lambda clock: clock.hour,
    "minute": lambda clock: clock.minute,
    "second": lambda clock: clock.second,
    "time offset": lambda clock: clock.utcoffset(),
    "timezone": lambda clock: getattr(clock.tzinfo, "key", None),
}
_MONTHS: dict[str, Callable[[Any], object]] = {
    "years": lambda span: _truncated(span.months, 12),
    "months": lambda span: span.months - 12 * _truncated(span.months, 12),
}
_DAYS: dict[str, Callable[[Any], object]] = {
    "days": lambda span: _truncated(_seconds(span), 86_400),
    "hours": lambda span: (
        _truncated(_seconds(span), 3600) - 24 * _truncated(_seconds(span), 86_400)
    ),
    "minutes": lambda span: _truncated(_seconds(span), 60) - 60 * _truncated(_seconds(span), 3600),
    "seconds": lambda span: _seconds(span) - 60 * _truncated(_seconds(span), 60),
}
_RANGE: dict[str, Callable[[Any], object]] = {
    "start": lambda interval: None if interval.low is UNBOUNDED else interval.low,
    "end": lambda interval: None if interval.high is UNBOUNDED else interval.high,
    "start included": lambda interval: interval.low_closed,
    "end included": lambda interval: interval.high_closed,
}
_PARTS: tuple[tuple[type, dict[str, Callable[[Any], object]]], ...] = (
    (dt.datetime, _DATE | _TIME | {"date": lambda at: at.date(), "time": lambda at: at.timetz()}),
    (dt.date, _DATE),
    (dt.time, _TIME),
    (YearsMonths, _MONTHS),
    (dt.timedelta, _DAYS),
    (Range, _RANGE),
)
