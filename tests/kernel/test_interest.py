"""Interest by the day and penalty rates are exact and rounded once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recoup.kernel.interest import Negative, daily_interest_minor, raised_rate_ppm


@pytest.mark.parametrize(
    ("base", "days", "interest"),
    [(50_000_000, 365, 3_193_750), (10_000_000, 100, 175_000), (10_000_000, 0, 0), (0, 365, 0)],
)
def test_interest_on_delay_at_175_millionths_a_day(base, days, interest):
    assert daily_interest_minor(base_minor=base, rate_ppm_per_day=175, days=days) == interest


def test_half_a_minor_unit_is_rounded_up():
    assert daily_interest_minor(base_minor=1, rate_ppm_per_day=500_000, days=1) == 1


@pytest.mark.parametrize(
    ("rate", "uplift", "raised"),
    [(60_000, 500_000, 90_000), (60_000, 300_000, 78_000), (43_500, 0, 43_500)],
)
def test_a_rate_is_raised_by_a_share_of_itself(rate, uplift, raised):
    assert raised_rate_ppm(rate_ppm=rate, uplift_ppm=uplift) == raised


def test_nothing_negative_is_computed():
    with pytest.raises(Negative):
        daily_interest_minor(base_minor=-1, rate_ppm_per_day=175, days=1)
    with pytest.raises(Negative):
        raised_rate_ppm(rate_ppm=-1, uplift_ppm=0)


@given(base=st.integers(0, 10**15), days=st.integers(0, 10_000), split=st.integers(0, 10_000))
def test_splitting_the_days_moves_the_interest_by_at_most_one_unit(base, days, split):
    first = min(split, days)
    whole = daily_interest_minor(base_minor=base, rate_ppm_per_day=175, days=days)
    parts = sum(
        daily_interest_minor(base_minor=base, rate_ppm_per_day=175, days=part)
        for part in (first, days - first)
    )

    assert abs(whole - parts) <= 1
