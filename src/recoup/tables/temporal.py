"""Dates, times, instants and durations of FEEL, read from ISO 8601 text."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class NotATime(ValueError):
    """A text that is no date, time or duration: ``zh`` and ``en`` say so."""

    def __init__(self, text: str) -> None:
        self.zh = f"“{text}”不是日期、时间或时长"
        self.en = f'"{text}" is no date, time or duration'
        super().__init__(self.en)


@dataclass(frozen=True, slots=True, order=True)
class YearsMonths:
    """A duration in whole months; days are another kind of duration and never mixed in."""

    months: int


_DATE = re.compile(r"(-?\d{4,9})-(\d\d)-(\d\d)")
_TIME = re.compile(r"(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d(?::\d\d)?|@[\w+/-]+)?")
_YEARS_MONTHS = re.compile(r"(-)?P(?:(\d+)Y)?(?:(\d+)M)?")
_DAYS_TIME = re.compile(r"(-)?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d+))?S)?)?")


def read_date(*, text: str) -> dt.date:
    """Yield the date of ``YYYY-MM-DD``."""
    found = _DATE.fullmatch(text)
    if found is None:
        raise NotATime(text)
    return _made(text, dt.date, *(int(part) for part in found.groups()))


def read_time(*, text: str) -> dt.time:
    """Yield the time of ``hh:mm:ss``, with its offset or zone when one is given."""
    found = _TIME.fullmatch(text.removeprefix("T"))
    if found is None:
        raise NotATime(text)
    hour, minute, second, fraction, zone = found.groups()
    microsecond = int(((fraction or "") + "000000")[:6])
    zone_info = _zone(text, zone)
    try:
        return dt.time(int(hour), int(minute), int(second), microsecond, tzinfo=zone_info)
    except ValueError:
        raise NotATime(text) from None


def read_instant(*, text: str) -> dt.datetime:
    """Yield the date and time of ``YYYY-MM-DDThh:mm:ss``; a date alone stands for its midnight."""
    day, separator, clock = text.partition("T")
    if not separator:
        return dt.datetime.combine(read_date(text=day), dt.time())
    if clock.startswith("24:00:00"):
        # The end of a day is the beginning of the next.
        midnight = read_time(text="00" + clock[2:])
        following = _made(text, dt.date.fromordinal, read_date(text=day).toordinal() + 1)
        return dt.datetime.combine(following, midnight)
    return dt.datetime.combine(read_date(text=day), read_time(text=clock))


def read_duration(*, text: str) -> YearsMonths | dt.timedelta:
    """Yield the duration of an ISO 8601 text such as ``P1Y6M`` or ``P2DT12H``."""
    months = _YEARS_MONTHS.fullmatch(text)
    if months is not None and (months[2] or months[3]):
        total = int(months[2] or 0) * 12 + int(months[3] or 0)
        return YearsMonths(-total if months[1] else total)
    days = _DAYS_TIME.fullmatch(text)
    if days is None or not any(days.groups()[1:]) or text.endswith("T"):
        raise NotATime(text)
    sign, day, hour, minute, second, fraction = days.groups()
    try:
        span = dt.timedelta(
            days=int(day or 0),
            hours=int(hour or 0),
            minutes=int(minute or 0),
            seconds=int(second or 0),
            microseconds=int(((fraction or "") + "000000")[:6]),
        )
    except OverflowError:
        raise NotATime(text) from None
    return -span if sign else span


def value_at(*, text: str) -> object:
    """Yield what ``@"..."`` stands for: a date, time, instant or duration, by its form."""
    if text.lstrip("-").startswith("P"):
        return read_duration(text=text)
    if _DATE.fullmatch(text):
        return read_date(text=text)
    if _DATE.match(text):
        return read_instant(text=text)
    return read_time(text=text)


def _made(text: str, kind: Callable[..., dt.date], *parts: int) -> dt.date:
    try:
        return kind(*parts)
    except (ValueError, OverflowError):
        raise NotATime(text) from None


def _zone(text: str, zone: str | None) -> dt.tzinfo | None:
    if zone is None:
        return None
    if zone == "Z":
        return dt.UTC
    try:
        if zone.startswith("@"):
            return ZoneInfo(zone[1:])
        parts = [int(part) for part in zone[1:].split(":")]
        offset = dt.timedelta(hours=parts[0], minutes=parts[1], seconds=sum(parts[2:]))
        return dt.timezone(-offset if zone[0] == "-" else offset)
    except (ValueError, ZoneInfoNotFoundError):
        raise NotATime(text) from None
