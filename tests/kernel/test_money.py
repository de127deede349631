"""Money in minor units: nothing rounded unseen, nothing lost in a split."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recoup.kernel.money import (
    EXPONENTS,
    GREATEST_MINOR,
    NotAnAmount,
    UnknownCurrency,
    divide_floor,
    divide_half_up,
    exponent,
    minor_from_text,
    split_by_weights,
    text_from_minor,
)

modest = settings(max_examples=150, deadline=None)


@pytest.mark.parametrize(
    ("currency", "digits"), [("CNY", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("XOF", 0)]
)
def test_each_currency_has_its_own_number_of_digits(currency, digits):
    assert exponent(currency) == digits


def test_a_code_that_is_no_currency_is_named_in_both_languages():
    with pytest.raises(UnknownCurrency) as refused:
        exponent("RMB")

    assert "RMB" in refused.value.sentence_zh
    assert "RMB" in refused.value.sentence_en


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1234.56", "CNY", 123456),
        ("1234.5", "CNY", 123450),
        ("1234", "CNY", 123400),
        ("1234.5600", "CNY", 123456),
        ("-0.01", "CNY", -1),
        ("-0", "CNY", 0),
        ("007", "JPY", 7),
        ("7.0", "JPY", 7),
        ("1.234", "KWD", 1234),
        ("92233720368547758.07", "CNY", GREATEST_MINOR),
    ],
)
def test_a_decimal_text_is_read_exactly(text, currency, minor):
    assert minor_from_text(text=text, currency=currency) == minor


@pytest.mark.parametrize(
    "text",
    ["", " ", "1,234.56", "1.2.3", "1e3", "+1", ".5", "5.", "--1", "NaN", "٣", "１２", "1 ", "¥1"],
)
def test_what_is_no_plain_decimal_is_refused(text):
    with pytest.raises(NotAnAmount) as refused:
        minor_from_text(text=text, currency="CNY")

    assert "金额" in refused.value.sentence_zh
    assert "plain decimal" in refused.value.sentence_en


@pytest.mark.parametrize(
    ("text", "currency"), [("0.005", "CNY"), ("0.5", "JPY"), ("1.2345", "KWD")]
)
def test_a_digit_that_the_currency_does_not_have_is_refused_not_rounded(text, currency):
    with pytest.raises(NotAnAmount, match="more digits"):
        minor_from_text(text=text, currency=currency)


@pytest.mark.parametrize("text", ["92233720368547758.08", "9" * 40, "9" * 20_000])
def test_an_amount_beyond_the_column_is_refused(text):
    with pytest.raises(NotAnAmount, match="larger than"):
        minor_from_text(text=text, currency="CNY")


def test_a_long_run_of_zeros_is_still_a_number():
    assert minor_from_text(text="0" * 20_000 + "1." + "0" * 20_000, currency="CNY") == 100


@modest
@given(
    minor=st.integers(-GREATEST_MINOR, GREATEST_MINOR),
    currency=st.sampled_from(sorted(EXPONENTS)),
)
def test_text_and_minor_units_are_two_ways_of_one_road(minor, currency):
    text = text_from_minor(minor=minor, currency=currency)

    assert minor_from_text(text=text, currency=currency) == minor


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (123456789, "CNY", "1,234,567.89"),
        (-5, "CNY", "-0.05"),
        (1234, "JPY", "1,234"),
        (1234567, "KWD", "1,234.567"),
    ],
)
def test_grouped_text_has_a_comma_every_three_digits(minor, currency, text):
    assert text_from_minor(minor=minor, currency=currency, grouped=True) == text


@pytest.mark.parametrize(
    ("n", "d", "half_up", "floor"),
    [(5, 2, 3, 2), (-5, 2, -3, -3), (7, 3, 2, 2), (-7, 3, -2, -3), (0, 9, 0, 0), (4, 2, 2, 2)],
)
def test_the_two_divisions_round_as_named(n, d, half_up, floor):
    assert divide_half_up(n, d) == half_up
    assert divide_floor(n, d) == floor


@pytest.mark.parametrize("divide", [divide_half_up, divide_floor])
def test_a_divisor_that_is_not_positive_is_refused(divide):
    with pytest.raises(ValueError, match="positive"):
        divide(1, 0)


@modest
@given(
    total=st.integers(0, 10**15),
    weights=st.lists(st.integers(0, 10**9), min_size=1, max_size=9).filter(any),
)
def test_a_split_adds_up_and_gives_nothing_where_there_is_no_weight(total, weights):
    shares = split_by_weights(total_minor=total, weights=weights)

    assert sum(shares) == total
    assert all(share >= 0 for share in shares)
    for share, weight in zip(shares, weights, strict=True):
        assert weight > 0 or share == 0
        assert abs(share * sum(weights) - total * weight) < sum(weights) * len(weights)


def test_a_split_without_weights_is_refused():
    with pytest.raises(ValueError, match="weights"):
        split_by_weights(total_minor=1, weights=[0, 0])
