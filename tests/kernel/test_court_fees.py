"""Fees by brackets add up, are rounded once, and never fall as the amount rises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recoup.kernel.court_fees import Bracket, BracketsWrong, bracket_fee

PROPERTY = [
    Bracket(up_to_minor=1_000_000, flat_minor=5_000),
    Bracket(up_to_minor=10_000_000, rate_ppm=25_000),
    Bracket(up_to_minor=20_000_000, rate_ppm=20_000),
    Bracket(up_to_minor=50_000_000, rate_ppm=15_000),
    Bracket(up_to_minor=100_000_000, rate_ppm=10_000),
    Bracket(up_to_minor=None, rate_ppm=9_000),
]


@pytest.mark.parametrize(
    ("amount", "fee"),
    [
        (0, 5_000),
        (1, 5_000),
        (1_000_000, 5_000),
        (1_000_100, 5_003),  # 50.025, half up
        (10_000_000, 230_000),
        (100_000_000, 1_380_000),
    ],
)
def test_the_fee_is_what_the_brackets_add_up_to(amount, fee):
    assert bracket_fee(amount_minor=amount, brackets=PROPERTY) == fee


def test_a_share_is_taken_of_the_exact_fee_and_rounded_once():
    # 50.025 / 2 = 25.0125; half of the rounded 50.03 would be 25.015 and give 25.02.
    half = bracket_fee(amount_minor=1_000_100, brackets=PROPERTY, share_of=1, share_per=2)
    third = bracket_fee(amount_minor=100_000, brackets=PROPERTY, share_of=1, share_per=3)

    assert half == 2_501
    assert third == 1_667


def test_the_cap_limits_the_result():
    capped = bracket_fee(amount_minor=100_000_000, brackets=PROPERTY, cap_minor=500_000)

    assert capped == 500_000


def test_a_negative_amount_is_refused():
    with pytest.raises(ValueError, match="negative"):
        bracket_fee(amount_minor=-1, brackets=PROPERTY)


@pytest.mark.parametrize(
    "brackets",
    [
        [Bracket(up_to_minor=100), Bracket(up_to_minor=100), Bracket(up_to_minor=None)],
        [Bracket(up_to_minor=100)],
        [],
    ],
)
def test_brackets_that_do_not_rise_or_do_not_reach_the_amount_are_refused(brackets):
    with pytest.raises(BracketsWrong):
        bracket_fee(amount_minor=200, brackets=brackets)


@given(st.integers(0, 10**13), st.integers(0, 10**9))
def test_a_larger_claim_never_costs_less(amount, more):
    smaller = bracket_fee(amount_minor=amount, brackets=PROPERTY)

    assert bracket_fee(amount_minor=amount + more, brackets=PROPERTY) >= smaller


@given(st.integers(0, 10**13))
def test_half_of_the_fee_is_half_to_the_minor_unit(amount):
    whole = bracket_fee(amount_minor=amount, brackets=PROPERTY)
    half = bracket_fee(amount_minor=amount, brackets=PROPERTY, share_of=1, share_per=2)

    assert abs(2 * half - whole) <= 2
