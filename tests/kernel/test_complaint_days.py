"""By when a complaint is answered: the regulation's own case, new facts, appraisals, rest days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recoup.kernel.calendar import CalendarYear, WorkingDays
from recoup.kernel.complaint_days import AnswerBy, Outside, answer_by

RECEIVED = date(2026, 3, 1)
#: 2026-03-16 is a Monday; here it is a holiday.
CALENDAR = WorkingDays(
    years={2026: CalendarYear(off=frozenset({date(2026, 3, 16)}), working_weekends=frozenset())}
)


def due(*, days: int = 15, as_of: date = RECEIVED, **more: object) -> AnswerBy:
    facts: dict[str, object] = {"new_facts_on": (), "outside": (), "rolls": False}
    return answer_by(
        received_on=RECEIVED,
        count=days,
        unit="days",
        calendar=CALENDAR,
        as_of=as_of,
        **(facts | more),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("days", "last"),
    [(15, date(2026, 3, 16)), (30, date(2026, 3, 31)), (60, date(2026, 4, 30))],
)
def test_the_case_of_the_regulation_cn_con_32(days: int, last: date) -> None:
    assert due(days=days).due_on == last


def test_new_facts_start_the_whole_period_again_from_the_day_they_came() -> None:
    found = due(new_facts_on=[date(2026, 3, 5), date(2026, 3, 10)], as_of=date(2026, 3, 10))

    assert (found.starts_on, found.due_on) == (date(2026, 3, 10), date(2026, 3, 25))


def test_new_facts_of_tomorrow_change_nothing_today() -> None:
    assert due(new_facts_on=[date(2026, 3, 2)], as_of=date(2026, 3, 1)).starts_on == RECEIVED


def test_an_appraisal_that_was_told_is_left_out_and_one_that_was_not_counts() -> None:
    told = Outside(from_on=date(2026, 3, 5), until_on=date(2026, 3, 12), is_told=True)
    untold = Outside(from_on=date(2026, 3, 5), until_on=date(2026, 3, 12), is_told=False)

    assert due(outside=[told]).due_on == date(2026, 3, 23)
    assert due(outside=[told]).left_out_days == 7
    assert due(outside=[untold]).due_on == date(2026, 3, 16)


def test_an_appraisal_under_way_moves_the_last_day_with_each_day() -> None:
    lasting = Outside(from_on=date(2026, 3, 5), until_on=None, is_told=True)

    assert due(outside=[lasting], as_of=date(2026, 3, 5)).left_out_days == 0
    assert due(outside=[lasting], as_of=date(2026, 3, 9)).due_on == date(2026, 3, 20)


def test_an_appraisal_that_begins_after_the_last_day_saves_nothing() -> None:
    late = Outside(from_on=date(2026, 3, 17), until_on=date(2026, 4, 17), is_told=True)

    assert due(outside=[late], as_of=date(2026, 4, 17)).due_on == date(2026, 3, 16)


def test_days_of_two_appraisals_at_once_are_left_out_once() -> None:
    first = Outside(from_on=date(2026, 3, 5), until_on=date(2026, 3, 12), is_told=True)
    second = Outside(from_on=date(2026, 3, 10), until_on=date(2026, 3, 14), is_told=True)

    assert due(outside=[second, first]).left_out_days == 9


def test_days_of_an_appraisal_before_new_facts_are_no_days_of_the_new_period() -> None:
    early = Outside(from_on=date(2026, 3, 2), until_on=date(2026, 3, 8), is_told=True)
    found = due(outside=[early], new_facts_on=[date(2026, 3, 9)], as_of=date(2026, 3, 9))

    assert (found.due_on, found.left_out_days) == (date(2026, 3, 24), 0)


def test_a_last_day_of_rest_moves_where_the_law_says_so() -> None:
    assert due(rolls=True).due_on == date(2026, 3, 17)
    assert due(rolls=True).moved is True
    assert due(rolls=False).due_on == date(2026, 3, 16)


def test_where_the_calendar_lacks_the_year_the_day_stands_and_that_is_said() -> None:
    found = answer_by(
        received_on=date(2031, 3, 1),
        new_facts_on=(),
        outside=(),
        count=15,
        unit="days",
        rolls=True,
        calendar=CALENDAR,
        as_of=date(2031, 3, 1),
    )

    assert (found.due_on, found.moved) == (date(2031, 3, 16), None)


def test_days_left_are_below_nothing_once_the_last_day_is_over() -> None:
    assert due().days_left(as_of=date(2026, 3, 16)) == 0
    assert due().days_left(as_of=date(2026, 3, 17)) == -1


DAYS = st.integers(0, 90).map(lambda days: RECEIVED + timedelta(days=days))


@given(
    spans=st.lists(st.tuples(DAYS, st.integers(0, 30)), max_size=4),
    untold=st.booleans(),
    as_of=DAYS,
)
def test_left_out_days_are_those_of_told_appraisals_and_never_shorten(
    spans: list[tuple[date, int]], untold: bool, as_of: date
) -> None:
    outside = [
        Outside(from_on=first, until_on=first + timedelta(days=days), is_told=not untold)
        for first, days in spans
    ]

    found = due(outside=outside, as_of=as_of)

    covered = {
        one.from_on + timedelta(days=step)
        for one in outside
        for step in range((one.until_on - one.from_on).days if one.until_on else 0)
    }
    assert 0 <= found.left_out_days <= (0 if untold else len(covered))
    assert found.due_on == RECEIVED + timedelta(days=15 + found.left_out_days)
