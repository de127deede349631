"""Until when a record is kept: the longest rule counts, open matters and unknowns keep it."""

from datetime import date

import pytest

from recoup.kernel.retention import keep_until

MADE = date(2025, 6, 1)


def kept(**changes):
    facts = {"recorded_on": MADE, "months": [], "ended_on": [], "still_open": False, "missing": []}
    return keep_until(**(facts | changes))


def test_the_longest_period_counts():
    assert kept(months=[24, 60]).until_on == date(2030, 6, 1)


def test_a_matter_that_ended_later_keeps_longer():
    assert kept(months=[24], ended_on=[date(2031, 6, 1)]).until_on == date(2031, 6, 1)
    assert kept(months=[24], ended_on=[date(2026, 1, 1)]).until_on == date(2027, 6, 1)


@pytest.mark.parametrize(("on", "may"), [(date(2027, 5, 31), False), (date(2027, 6, 1), True)])
def test_a_record_may_go_from_the_day_on_which_the_period_has_passed(on, may):
    assert kept(months=[24]).may_delete(on=on) is may


def test_an_open_matter_keeps_without_a_last_day():
    open_matter = kept(months=[24], still_open=True)

    assert open_matter.until_on is None
    assert open_matter.may_delete(on=date(2099, 1, 1)) is False


def test_a_missing_fact_never_permits_deletion():
    unknown = kept(months=[24], missing=["pending_until"])

    assert unknown.may_delete(on=date(2027, 5, 31)) is False
    assert unknown.may_delete(on=date(2027, 6, 1)) is None


def test_a_period_of_months_ends_within_a_short_month():
    assert kept(recorded_on=date(2024, 2, 29), months=[24]).until_on == date(2026, 2, 28)
