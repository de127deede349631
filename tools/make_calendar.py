"""Derives the working-day calendar of the China pack from two libraries and holds them together.

``holidays`` gives the days; ``chinese_calendar`` must agree on every single day of each year that
it knows; the year whose official notice was read must agree with that notice too. A year that only
one of them knows is written with the mark that it is provisional. Run after a new notice is out::

    .venv/bin/python -m tools.make_calendar            writes packs/cn/calendars/working-days.yaml
    .venv/bin/python -m tools.make_calendar --check    compares only
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar
import holidays
from tools.calendar_file import ROOT, Disagreement, written

TARGET = ROOT / "packs" / "cn" / "calendars" / "working-days.yaml"
YEARS = range(2023, 2028)
LAST_AGREED_YEAR = 2026
CHECKED_ON = "2026-11-23"
SATURDAY = 6
NAMES = {
    "元旦": "New Year's Day",
    "春节": "Spring Festival",
    "清明节": "Tomb-Sweeping Day",
    "劳动节": "Labour Day",
    "端午节": "Dragon Boat Festival",
    "中秋节": "Mid-Autumn Festival",
    "国庆节": "National Day",
}
# Rule CN-CAL-02: the notice for 2026, read in full.
NOTICE_OFF_2026 = (
    ("2026-01-01", "2026-01-03"),
    ("2026-02-15", "2026-02-23"),
    ("2026-04-04", "2026-04-06"),
    ("2026-05-01", "2026-05-05"),
    ("2026-06-19", "2026-06-21"),
    ("2026-09-25", "2026-09-27"),
    ("2026-10-01", "2026-10-07"),
)
NOTICE_WORKED_2026 = (
    "2026-01-04",
    "2026-02-14",
    "2026-02-28",
    "2026-05-09",
    "2026-09-20",
    "2026-10-10",
)
HEADER = """\
# Working days of China. Written by tools/make_calendar.py; do not edit by hand.
# Days off are listed with the weekends that they run into, as the yearly notices list them. A year
# that is not here is not known: nothing is computed in it.
weekend: [saturday, sunday]
years:
"""
PROVISIONAL = """\
    provisional:
      zh: 未见国务院办公厅该年放假通知；只列法定节假日及其补假，调休上班日未知。
      en: >-
        the State Council's notice for the year was not seen; only the statutory holidays and their
        substitute days are listed, the make-up working days are unknown.
"""


@dataclass(frozen=True, kw_only=True)
class Run:
    """Consecutive days off with a holiday among them."""

    first: date
    last: date
    names: tuple[str, ...]


def days_of_year(year: int) -> Iterator[date]:
    """Yield every day of a year."""
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += timedelta(days=1)


def off_runs(*, year: int, named: Mapping[date, str], worked: Iterable[date]) -> list[Run]:
    """Yield the runs of consecutive days off that have a holiday in them."""
    made_up = frozenset(worked)
    runs: list[list[date]] = []
    for day in days_of_year(year):
        weekend = day.isoweekday() >= SATURDAY and day not in made_up
        if day not in named and not weekend:
            continue
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return [
        Run(first=run[0], last=run[-1], names=names_of(named[day] for day in run if day in named))
        for run in runs
        if any(day in named for day in run)
    ]


def names_of(found: Iterable[str]) -> tuple[str, ...]:
    """Yield the holidays named in the library's texts, in the order of the year."""
    texts = " ".join(found)
    return tuple(name for name in NAMES if name in texts)


def check_against_other_library(
    *, year: int, off: frozenset[date], worked: frozenset[date]
) -> None:
    """Compare every day of a year with ``chinese_calendar``. Errors: Disagreement."""
    for day in days_of_year(year):
        ours = day not in off and (day.isoweekday() < SATURDAY or day in worked)
        if ours != chinese_calendar.is_workday(day):
            raise Disagreement(f"{day}: holidays says {ours}, chinese_calendar the opposite")


def check_against_notice(*, runs: Iterable[Run], worked: Iterable[date]) -> None:
    """Compare the year 2026 with its official notice (CN-CAL-02). Errors: Disagreement."""
    ours = tuple((run.first.isoformat(), run.last.isoformat()) for run in runs)
    made_up = tuple(day.isoformat() for day in worked)
    if ours != NOTICE_OFF_2026 or made_up != NOTICE_WORKED_2026:
        raise Disagreement(f"2026 differs from the notice: {ours} {made_up}")


def year_text(year: int) -> str:
    """Yield the YAML of one year, checked against everything that knows the year."""
    library = holidays.country_holidays("CN", years=year, language="zh_CN")
    named = {day: name for day, name in library.items() if day.year == year}
    # The library lists make-up days of other years too; only this year's are meant.
    worked = sorted(day for day in library.weekend_workdays if day.year == year)
    runs = off_runs(year=year, named=named, worked=worked)
    off = frozenset(
        run.first + timedelta(days=offset)
        for run in runs
        for offset in range((run.last - run.first).days + 1)
    )
    if year <= LAST_AGREED_YEAR:
        check_against_other_library(year=year, off=off, worked=frozenset(worked))
    if year == LAST_AGREED_YEAR:
        check_against_notice(runs=runs, worked=worked)
    return "".join(_year_lines(year=year, runs=runs, worked=worked))


def _year_lines(*, year: int, runs: Iterable[Run], worked: Iterable[date]) -> Iterator[str]:
    notice = year == LAST_AGREED_YEAR
    yield f"  {year}:\n"
    yield f"    source: {'GOV-HOLIDAYS-2026' if notice else 'HOLIDAY-LIBRARIES'}\n"
    yield f"    checked_on: {CHECKED_ON}\n"
    yield f"    confidence: {'low' if year > LAST_AGREED_YEAR else 'high'}\n"
    if year > LAST_AGREED_YEAR:
        yield PROVISIONAL
    yield "    off:\n"
    for run in runs:
        zh = "、".join(run.names)
        en = ", ".join(NAMES[name] for name in run.names)
        days = (
            f"on: {run.first}" if run.first == run.last else f"first: {run.first}, last: {run.last}"
        )
        yield f'      - {{{days}, zh: {zh}, en: "{en}"}}\n'
    yield f"    working_weekends: [{', '.join(day.isoformat() for day in worked)}]\n"


def calendar_text() -> str:
    """Yield the whole calendar file. Errors: Disagreement."""
    return HEADER + "".join(year_text(year) for year in YEARS)


def main() -> int:
    """Write the calendar, or compare it; yield the exit status."""
    return written(target=TARGET, text_of=calendar_text)


if __name__ == "__main__":
    sys.exit(main())
