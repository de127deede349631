"""The check character finds every slip of one digit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from recoup.kernel.identifiers import check_character

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
digits = st.text("0123456789", min_size=17, max_size=17)


def check(number):
    return check_character(digits=number, weights=WEIGHTS, modulus=11, characters="10X98765432")


@given(digits)
def test_the_check_character_agrees_with_an_independent_library(number):
    assert check(number) == ric.calc_check_digit(number + "0")


@given(digits, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(number, place, shift):
    wrong = str((int(number[place]) + shift) % 10)
    slipped = number[:place] + wrong + number[place + 1 :]

    assert check(slipped) != check(number)


@pytest.mark.parametrize("number", ["1101051949123100", "1101051949123100A", "１" * 17])
def test_anything_but_one_ascii_digit_per_weight_is_refused(number):
    with pytest.raises(ValueError, match="digit"):
        check(number)


def test_a_remainder_without_a_character_is_refused():
    with pytest.raises(ValueError, match="remainder"):
        check_character(digits="1", weights=(1,), modulus=11, characters="01")
