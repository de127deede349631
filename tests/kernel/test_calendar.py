"""Days as integers, months ahead, working days."""

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recoup.engine.backends.compiled import compiled
from recoup.kernel.calendar import (
    NO_DAY,
    CalendarSilent,
    CalendarYear,
    WorkingDays,
    add_months,
    add_years,
    date_of,
    day_number,
    year_of,
)

modest = settings(max_examples=200, deadline=None)

NEW_YEAR = date(2026, 1, 1)
WORKED_SUNDAY = date(2026, 1, 4)
CALENDAR = WorkingDays(
    {
        2026: CalendarYear(
            off=frozenset({NEW_YEAR, date(2026, 1, 2)}),
            working_weekends=frozenset({WORKED_SUNDAY}),
        )
    }
)


def later(text: str, months: int) -> str:
    return date_of(add_months(day_number(date.fromisoformat(text)), months)).isoformat()


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-10", 6, "2026-07-10"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2026-08-31", 1, "2026-09-30"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-03-31", 0, "2026-03-31"),
        ("1970-01-01", -1, "1969-12-01"),
    ],
)
def test_months_keep_the_day_or_stop_at_the_months_end(start, months, end):
    assert later(start, months) == end


def test_a_leap_day_in_a_common_year_is_the_28th():
    leap_day = day_number(date(2024, 2, 29))

    assert date_of(add_years(leap_day, 1)) == date(2025, 2, 28)
    assert date_of(add_years(leap_day, 4)) == date(2028, 2, 29)


@modest
@given(
    start=st.dates(min_value=date(1000, 1, 1), max_value=date(9000, 1, 1)),
    months=st.integers(-1200, 1200),
)
def test_months_agree_with_the_standard_calendar(start, months):
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    expected = date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))

    assert date_of(add_months(day_number(start), months)) == expected
    assert year_of(day_number(start)) == start.year


@modest
@given(start=st.integers(-300_000, 2_000_000), months=st.integers(-600, 600))
def test_compiled_months_equal_plain_ones(start, months):
    assert compiled(add_months)(start, months) == add_months(start, months)


def test_no_day_is_no_date():
    assert date_of(NO_DAY) is None
    assert date_of(day_number(date(1970, 1, 1))) == date(1970, 1, 1)
    assert day_number(date(1970, 1, 1)) == 0


@pytest.mark.parametrize(
    ("on", "works"),
    [
        (NEW_YEAR, False),
        (WORKED_SUNDAY, True),
        (date(2026, 1, 5), True),
        (date(2026, 1, 10), False),
    ],
)
def test_days_off_and_worked_weekends_overrule_the_week(on, works):
    assert CALENDAR.is_working(on) is works


def test_the_next_working_day_is_the_day_itself_if_it_is_one():
    assert CALENDAR.next_working(WORKED_SUNDAY) == WORKED_SUNDAY
    assert CALENDAR.next_working(NEW_YEAR) == WORKED_SUNDAY


def test_working_days_are_counted_from_the_day_after():
    assert CALENDAR.add_working_days(WORKED_SUNDAY, 5) == date(2026, 1, 9)
    assert CALENDAR.add_working_days(WORKED_SUNDAY, 6) == date(2026, 1, 12)
    assert CALENDAR.add_working_days(date(2026, 1, 12), -6) == WORKED_SUNDAY
    assert CALENDAR.add_working_days(NEW_YEAR, 0) == NEW_YEAR


@pytest.mark.parametrize(
    "ask",
    [
        lambda: CALENDAR.is_working(date(2027, 1, 1)),
        lambda: CALENDAR.next_working(date(2025, 12, 31)),
        lambda: CALENDAR.add_working_days(date(2026, 12, 31), 1),
    ],
)
def test_a_missing_year_is_said_not_guessed(ask):
    with pytest.raises(CalendarSilent) as silent:
        ask()

    assert "工作日历" in silent.value.sentence_zh
    assert str(silent.value.year) in silent.value.sentence_en


def test_a_calendar_without_any_working_day_ends_in_a_refusal():
    never = WorkingDays({2026: CalendarYear()}, weekend=frozenset(range(1, 8)))

    with pytest.raises(CalendarSilent):
        never.next_working(date(2026, 12, 1) + timedelta(days=1))
