"""Periods of law end on the corresponding day; a rest day moves them only where the law says so."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recoup.kernel.calendar import CalendarSilent, CalendarYear, WorkingDays
from recoup.kernel.deadlines import BeyondCalendar, NoSuchUnit, deadline, end_of_period

# 2026 as announced around National Day: 1-7 October off, Saturday 10 October worked.
OCTOBER = WorkingDays(
    years={
        2026: CalendarYear(
            off=frozenset(date(2026, 10, day) for day in range(1, 8)),
            working_weekends=frozenset({date(2026, 10, 10)}),
        )
    }
)


@pytest.mark.parametrize(
    ("start", "count", "unit", "ends"),
    [
        (date(2024, 5, 20), 3, "years", date(2027, 5, 20)),
        (date(2024, 2, 29), 1, "years", date(2025, 2, 28)),
        (date(2024, 2, 29), 4, "years", date(2028, 2, 29)),
        (date(2024, 5, 20), 6, "months", date(2024, 11, 20)),
        (date(2026, 8, 31), 6, "months", date(2027, 2, 28)),
        (date(2026, 3, 31), 3, "months", date(2026, 6, 30)),
        (date(2026, 3, 2), 7, "days", date(2026, 3, 9)),
        (date(2026, 3, 2), 2, "weeks", date(2026, 3, 16)),
        (date(2026, 3, 2), 0, "days", date(2026, 3, 2)),
        (date(2027, 5, 20), -6, "months", date(2026, 11, 20)),
    ],
)
def test_a_period_ends_on_the_corresponding_day(start, count, unit, ends):
    assert end_of_period(start=start, count=count, unit=unit) == ends


def test_working_days_count_a_saturday_that_is_worked():
    found = end_of_period(start=date(2026, 10, 9), count=3, unit="working_days", calendar=OCTOBER)

    assert found == date(2026, 10, 13)


def test_a_last_day_that_is_a_holiday_moves_to_the_next_working_day():
    found = deadline(start=date(2026, 9, 16), count=15, unit="days", calendar=OCTOBER, moves=True)

    assert (found.due_on, found.corresponding_on) == (date(2026, 10, 8), date(2026, 10, 1))
    assert found.moved is True


def test_a_last_day_that_is_a_working_saturday_stays():
    found = deadline(start=date(2026, 9, 25), count=15, unit="days", calendar=OCTOBER, moves=True)

    assert (found.due_on, found.moved) == (date(2026, 10, 10), False)


def test_a_rest_day_stays_where_the_law_moves_nothing():
    found = deadline(start=date(2026, 9, 16), count=15, unit="days", calendar=OCTOBER, moves=False)

    assert (found.due_on, found.moved) == (date(2026, 10, 1), False)


def test_a_year_that_the_calendar_lacks_keeps_the_day_and_says_so():
    found = deadline(start=date(2026, 9, 16), count=3, unit="years", calendar=OCTOBER, moves=True)

    assert (found.due_on, found.moved) == (date(2029, 9, 16), None)


def test_working_days_in_a_year_that_the_calendar_lacks_are_refused():
    with pytest.raises(CalendarSilent):
        end_of_period(start=date(2029, 1, 2), count=3, unit="working_days", calendar=OCTOBER)


def test_a_term_that_counts_its_first_day_ends_a_day_earlier():
    found = deadline(
        start=date(2026, 3, 1),
        count=1,
        unit="years",
        calendar=OCTOBER,
        moves=False,
        counts_first_day=True,
    )

    assert found.due_on == date(2027, 2, 28)


def test_an_unknown_unit_is_refused():
    with pytest.raises(NoSuchUnit, match="fortnights"):
        end_of_period(start=date(2026, 1, 1), count=1, unit="fortnights")


@pytest.mark.parametrize(("count", "unit"), [(20, "years"), (10**9, "days"), (10**5, "months")])
def test_a_period_beyond_the_last_date_is_refused(count, unit):
    with pytest.raises(BeyondCalendar):
        end_of_period(start=date(9990, 1, 1), count=count, unit=unit)


@given(
    start=st.dates(date(1950, 1, 1), date(2090, 1, 1)),
    months=st.integers(0, 600),
    more=st.integers(0, 40),
)
def test_a_later_start_or_a_longer_period_never_ends_earlier(start, months, more):
    ends = end_of_period(start=start, count=months, unit="months")

    assert end_of_period(start=start, count=months + more, unit="months") >= ends
    assert end_of_period(start=start + timedelta(days=more), count=months, unit="months") >= ends
