"""Reads the working-day calendars of a pack: one entry a year, as the notice of that year says.

A year that is not there is not known: nothing is carried over from another year.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from types import MappingProxyType

from recoup.kernel.calendar import CalendarYear, WorkingDays
from recoup.policy import fields
from recoup.policy.bilingual import Bilingual
from recoup.policy.findings import Findings, Place
from recoup.policy.loading import Known, read_checked_on, read_confidence, read_source_names
from recoup.policy.rules import AnnouncedYear, OffDays
from recoup.policy.yaml_tree import Branch, Node

WEEKDAYS: Mapping[str, int] = MappingProxyType(
    {
        "monday": 1,
        "tuesday": 2,
        "wednesday": 3,
        "thursday": 4,
        "friday": 5,
        "saturday": 6,
        "sunday": 7,
    }
)
LONGEST_HOLIDAY_DAYS = 60


def read_calendar(*, node: Node, known: Known, findings: Findings) -> tuple[AnnouncedYear, ...]:
    """Yield the years of one calendar file."""
    got = fields.fields(node=node, required=("weekend", "years"), findings=findings)
    weekend = frozenset(
        WEEKDAYS.get(fields.code(node=item, known=tuple(WEEKDAYS), findings=findings), 0)
        for item in fields.items(node=got.get("weekend"), findings=findings)
    )
    years = []
    for key, inner in fields.entries(node=got.get("years"), findings=findings).items():
        if not (key.isdigit() and len(key) == 4):
            findings.add("not_a_whole_number", inner.place, text=key)
            continue
        year = _read_year(
            year=int(key), weekend=weekend, node=inner, known=known, findings=findings
        )
        if year is not None:
            years.append(year)
    return tuple(years)


def _read_year(
    *, year: int, weekend: frozenset[int], node: Node, known: Known, findings: Findings
) -> AnnouncedYear | None:
    got = fields.fields(
        node=node,
        required=("checked_on", "confidence", "off", "working_weekends"),
        optional=("source", "provisional"),
        findings=findings,
    )
    sources = read_source_names(
        node=got.get("source"), owner=node, known=known.sources, findings=findings
    )
    checked_on = read_checked_on(node=got.get("checked_on"), on=known.on, findings=findings)
    confidence = read_confidence(node=got.get("confidence"), findings=findings)
    off = tuple(
        days
        for item in fields.items(node=got.get("off"), findings=findings)
        if (days := _read_off(node=item, year=year, findings=findings))
    )
    made_up = _read_working_weekends(
        node=got.get("working_weekends"), year=year, weekend=weekend, findings=findings
    )
    _check_no_day_twice(off=off, made_up=made_up, place=node.place, findings=findings)
    provisional = fields.bilingual_or_none(node=got.get("provisional"), findings=findings)
    if checked_on is None or not sources:
        return None
    return AnnouncedYear(
        year=year,
        weekend=weekend,
        off=off,
        working_weekends=made_up,
        source=sources[0],
        checked_on=checked_on,
        confidence=confidence,
        provisional=provisional,
        place=node.place,
    )


def _read_off(*, node: Node, year: int, findings: Findings) -> OffDays | None:
    one_day = isinstance(node, Branch) and "on" in node.entries
    required = ("on", "zh", "en") if one_day else ("first", "last", "zh", "en")
    got = fields.fields(node=node, required=required, findings=findings)
    first = fields.day(node=got.get("on" if one_day else "first"), findings=findings)
    last = fields.day(node=got.get("on" if one_day else "last"), findings=findings)
    zh = fields.text(node=got.get("zh"), findings=findings)
    en = fields.text(node=got.get("en"), findings=findings)
    if first is None or last is None:
        return None
    if last < first or (last - first).days > LONGEST_HOLIDAY_DAYS:
        findings.add("until_before_from", node.place, until=last, start=first)
        return None
    for day in (first, last):
        if day.year != year:
            findings.add("calendar_day_outside_year", node.place, day=day, year=year)
    return OffDays(first=first, last=last, name=Bilingual(zh=zh, en=en))


def _read_working_weekends(
    *, node: Node | None, year: int, weekend: frozenset[int], findings: Findings
) -> tuple[date, ...]:
    days = []
    for item in fields.items(node=node, findings=findings):
        day = fields.day(node=item, findings=findings)
        if day is None:
            continue
        if day.year != year:
            findings.add("calendar_day_outside_year", item.place, day=day, year=year)
        if day.isoweekday() not in weekend:
            findings.add("calendar_not_a_weekend", item.place, day=day)
        days.append(day)
    return tuple(days)


def _check_no_day_twice(
    *, off: Iterable[OffDays], made_up: Iterable[date], place: Place, findings: Findings
) -> None:
    seen: set[date] = set()
    for day in (*(day for days in off for day in days_of(days)), *made_up):
        if day in seen:
            findings.add("calendar_day_twice", place, day=day)
        seen.add(day)


def days_of(days: OffDays) -> tuple[date, ...]:
    """Yield every day from the first to the last."""
    length = (days.last - days.first).days + 1
    return tuple(days.first + timedelta(days=offset) for offset in range(length))


def working_days(*, years: Iterable[AnnouncedYear]) -> WorkingDays:
    """Yield the kernel's calendar of the announced years."""
    known = tuple(years)
    by_year = {
        year.year: CalendarYear(
            off=frozenset(day for days in year.off for day in days_of(days)),
            working_weekends=frozenset(year.working_weekends),
        )
        for year in known
    }
    weekend = known[0].weekend if known else frozenset()
    return WorkingDays(MappingProxyType(by_year), weekend)
