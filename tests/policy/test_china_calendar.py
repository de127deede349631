"""The working days of China, 2023 to 2027, against the notice and the known wrong copies."""

from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest
from tools import make_calendar

from recoup.kernel.calendar import CalendarSilent
from recoup.policy.pack import Pack, load_pack

ROOT = Path(__file__).resolve().parents[2]

# CN-CAL-02: the notice for 2026.
OFF_2026 = (
    (date(2026, 1, 1), 3),
    (date(2026, 2, 15), 9),
    (date(2026, 4, 4), 3),
    (date(2026, 5, 1), 5),
    (date(2026, 6, 19), 3),
    (date(2026, 9, 25), 3),
    (date(2026, 10, 1), 7),
)
WORKED_2026 = (
    date(2026, 1, 4),
    date(2026, 2, 14),
    date(2026, 2, 28),
    date(2026, 5, 9),
    date(2026, 9, 20),
    date(2026, 10, 10),
)


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(ROOT / "packs" / "cn")


def test_every_day_of_2026_is_as_the_notice_says(pack: Pack) -> None:
    off = {first + timedelta(days=n) for first, length in OFF_2026 for n in range(length)}
    day = date(2026, 1, 1)
    wrong = []
    while day.year == 2026:
        weekend = day.isoweekday() > 5 and day not in WORKED_2026
        if pack.calendar.is_working(day) == (day in off or weekend):
            wrong.append(day)
        day += timedelta(days=1)

    assert wrong == []


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 2, 14), True),
        (date(2026, 2, 23), False),
        (date(2026, 2, 28), True),
        (date(2026, 10, 8), True),
        (date(2026, 10, 10), True),
        (date(2026, 10, 11), False),
    ],
)
def test_days_on_which_wrong_copies_differ_are_right(pack: Pack, day: date, working: bool) -> None:
    assert pack.calendar.is_working(day) is working


@pytest.mark.parametrize("year", [2023, 2024, 2025, 2026])
def test_every_day_agrees_with_the_independent_library(pack: Pack, year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]

    wrong = [
        day
        for day in days
        if day.year == year and pack.calendar.is_working(day) != chinese_calendar.is_workday(day)
    ]

    assert wrong == []


def test_next_year_is_provisional_and_the_year_after_is_not_guessed(pack: Pack) -> None:
    year = pack.calendar_years[2027]

    assert year.provisional is not None
    assert year.confidence == "low"
    assert year.working_weekends == ()
    with pytest.raises(CalendarSilent):
        pack.calendar.is_working(date(2028, 1, 4))
    with pytest.raises(CalendarSilent):
        pack.calendar.is_working(date(2022, 1, 4))


def test_three_working_days_over_a_worked_saturday(pack: Pack) -> None:
    assert pack.calendar.add_working_days(date(2026, 10, 9), 3) == date(2026, 10, 13)


def test_committed_calendar_is_what_the_tool_derives() -> None:
    written = make_calendar.TARGET.read_text(encoding="utf-8")

    assert written == make_calendar.calendar_text()


def test_tool_stops_when_its_sources_disagree() -> None:
    with pytest.raises(make_calendar.Disagreement, match="2026-10-10"):
        make_calendar.check_against_other_library(
            year=2026,
            off=frozenset(
                first + timedelta(days=n) for first, length in OFF_2026 for n in range(length)
            ),
            worked=frozenset(WORKED_2026[:-1]),
        )
