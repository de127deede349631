"""Schedules repay exactly what was lent."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recoup.kernel.schedule import (
    LoanTerms,
    annuity_instalment_minor,
    annuity_principal_minor,
    annuity_schedule,
    bullet_schedule,
    equal_principal_schedule,
    interest_only_schedule,
)

modest = settings(max_examples=150, deadline=None)

terms_of_all_kinds = st.builds(
    LoanTerms,
    principal_minor=st.integers(1, 10**9),
    rate_ppm=st.integers(0, 360_000),
    periods=st.integers(1, 60),
    months_per_period=st.sampled_from([1, 3, 12]),
    first_due_on=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
)


@pytest.mark.parametrize(
    "method",
    [annuity_schedule, equal_principal_schedule, interest_only_schedule, bullet_schedule],
)
@modest
@given(terms=terms_of_all_kinds)
def test_every_schedule_repays_the_principal_to_the_unit(method, terms):
    lines = method(terms=terms)

    assert sum(line.principal_minor for line in lines) == terms.principal_minor
    assert all(line.principal_minor >= 0 and line.interest_minor >= 0 for line in lines)
    assert [line.seq for line in lines] == list(range(1, len(lines) + 1))
    assert sorted({line.due_on for line in lines}) == [line.due_on for line in lines]


@modest
@given(terms=terms_of_all_kinds)
def test_an_annuity_is_the_same_every_period_but_the_last(terms):
    instalment = annuity_instalment_minor(
        principal_minor=terms.principal_minor,
        rate_ppm=terms.rate_ppm,
        periods=terms.periods,
        months_per_period=terms.months_per_period,
    )

    lines = annuity_schedule(terms=terms)

    left = terms.principal_minor
    for line in lines[:-1]:
        paid = line.principal_minor + line.interest_minor
        left -= line.principal_minor
        assert paid == instalment or left == 0 or line.interest_minor > instalment


@modest
@given(
    principal=st.integers(100_000, 10**8),
    rate_ppm=st.integers(0, 360_000),
    periods=st.integers(1, 60),
)
def test_the_principal_comes_back_within_half_a_unit_per_period(principal, rate_ppm, periods):
    instalment = annuity_instalment_minor(
        principal_minor=principal, rate_ppm=rate_ppm, periods=periods
    )

    back = annuity_principal_minor(instalment_minor=instalment, rate_ppm=rate_ppm, periods=periods)

    assert abs(back - principal) <= periods // 2 + 1


def test_the_instalment_of_a_published_example():
    instalment = annuity_instalment_minor(principal_minor=100_000_000, rate_ppm=49_000, periods=360)

    assert instalment == 530_727


@pytest.mark.parametrize(
    "wrong",
    [
        {"principal_minor": 0},
        {"rate_ppm": -1},
        {"periods": 0},
        {"months_per_period": 0},
    ],
)
def test_terms_that_make_no_schedule_are_refused(wrong):
    given_terms = {
        "principal_minor": 100,
        "rate_ppm": 1,
        "periods": 1,
        "first_due_on": date(2026, 1, 1),
        "months_per_period": 1,
    }

    with pytest.raises(ValueError, match="a schedule needs"):
        LoanTerms(**given_terms | wrong)
