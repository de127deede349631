"""Derives the working-day calendar of the United States pack from two libraries.

``holidays`` gives the federal holidays and their names; the calendar of federal holidays in
``pandas`` must agree on every weekday. They are fixed by statute, so coming years are as certain
as past ones. Run when a year is about to be missing::

    .venv/bin/python -m tools.make_us_calendar            writes the calendar of packs/us
    .venv/bin/python -m tools.make_us_calendar --check    compares only
"""

import sys
from collections.abc import Iterator, Mapping
from datetime import date

import holidays
from pandas.tseries.holiday import USFederalHolidayCalendar
from tools.calendar_file import ROOT, Disagreement, written

TARGET = ROOT / "packs" / "us" / "calendars" / "working-days.yaml"
YEARS = range(2021, 2029)
CHECKED_ON = "2026-11-24"
SATURDAY = 6
OBSERVED = " (observed)"
NAMES = {
    "New Year's Day": "元旦",
    "Martin Luther King Jr. Day": "马丁·路德·金纪念日",
    "Washington's Birthday": "华盛顿诞辰",
    "Memorial Day": "阵亡将士纪念日",
    "Juneteenth National Independence Day": "六月节",
    "Independence Day": "独立日",
    "Labor Day": "劳动节",
    "Columbus Day": "哥伦布日",
    "Veterans Day": "退伍军人节",
    "Thanksgiving Day": "感恩节",
    "Christmas Day": "圣诞节",
}
HEADER = """\
# Working days of the United States: Monday to Friday but for federal holidays. Written by
# tools/make_us_calendar.py; do not edit by hand. A year that is not here is not known.
weekend: [saturday, sunday]
years:
"""


def federal_holidays(year: int) -> Mapping[date, str]:
    """Yield the federal holidays of a year, days off in lieu included, by ``holidays``."""
    found = holidays.country_holidays("US", years=year)
    return {day: found[day] for day in sorted(found) if day.year == year}


def check_against_other_library(*, year: int, named: Mapping[date, str]) -> None:
    """Compare the weekdays off with those of ``pandas``. Errors: Disagreement."""
    ours = {day for day in named if day.isoweekday() < SATURDAY}
    stamps = USFederalHolidayCalendar().holidays(f"{year}-01-01", f"{year}-12-31")
    for day in sorted(ours ^ {stamp.date() for stamp in stamps}):
        raise Disagreement(f"{day}: holidays and pandas disagree")


def year_text(year: int) -> str:
    """Yield the YAML of one year. Errors: Disagreement; KeyError for a holiday without a name."""
    named = federal_holidays(year)
    check_against_other_library(year=year, named=named)
    return "".join(_year_lines(year, named))


def _year_lines(year: int, named: Mapping[date, str]) -> Iterator[str]:
    yield f"  {year}:\n    source: FEDERAL-HOLIDAYS\n    checked_on: {CHECKED_ON}\n"
    yield "    confidence: high\n    off:\n"
    for day, name in named.items():
        plain = name.removesuffix(OBSERVED)
        zh = NAMES[plain] + ("（补休）" if plain != name else "")
        yield f'      - {{on: {day}, zh: {zh}, en: "{name}"}}\n'
    yield "    working_weekends: []\n"


def calendar_text() -> str:
    """Yield the whole calendar file. Errors: Disagreement."""
    return HEADER + "".join(year_text(year) for year in YEARS)


def main() -> int:
    """Write the calendar, or compare it; yield the exit status."""
    return written(target=TARGET, text_of=calendar_text)


if __name__ == "__main__":
    sys.exit(main())
