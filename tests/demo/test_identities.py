import re

import numpy as np
import pytest
from stdnum.cn import ric, uscc
from stdnum.exceptions import InvalidComponent

from recoup.demo import columns, identities

PEOPLE = np.arange(3_000) * 331


def test_resident_numbers_have_right_check_characters_and_real_birthdays():
    births = np.arange(3_000) * 8 - 6_000

    numbers = columns.fixed_text(identities.resident_ids(person=PEOPLE, birth=births)).to_pylist()

    for number, birth in zip(numbers, births.tolist(), strict=True):
        assert number[-1] == ric.calc_check_digit(number)
        assert ric.get_birth_date(number) == np.datetime64(birth, "D").item()


def test_resident_numbers_name_a_place_that_was_never_in_use():
    births = np.zeros(3_000, dtype=np.int64)

    numbers = columns.fixed_text(identities.resident_ids(person=PEOPLE, birth=births)).to_pylist()

    for number in numbers:
        assert number.startswith("99")
        with pytest.raises(InvalidComponent):
            ric.get_birth_place(number)


def test_no_two_people_share_a_number_even_when_born_on_one_day():
    everyone = np.arange(1_000_000)

    numbers = identities.resident_ids(person=everyone, birth=np.zeros(1_000_000, dtype=np.int64))

    places_and_orders = np.hstack([numbers[:, :6], numbers[:, 14:17]])
    assert len(np.unique(places_and_orders.view("S9"))) == 1_000_000


def test_orders_are_odd_for_men_as_names_assume():
    numbers = identities.resident_ids(person=PEOPLE, birth=np.zeros(3_000, dtype=np.int64))

    odd = (numbers[:, 16] - ord("0")) % 2 == 1

    assert (odd == identities.is_man(PEOPLE)).all()


def test_credit_codes_are_valid_and_so_is_the_organisation_within_them():
    weights = (3, 7, 9, 10, 5, 8, 4, 2)

    codes = columns.fixed_text(identities.credit_codes(person=PEOPLE)).to_pylist()

    for code in codes:
        assert uscc.is_valid(code)
        rest = 11 - sum(int(c) * w for c, w in zip(code[8:16], weights, strict=True)) % 11
        assert code[16] == {10: "X", 11: "0"}.get(rest, str(rest))


def test_phones_have_eleven_digits_in_the_range_that_no_operator_has():
    phones = identities.phones(person=PEOPLE).to_pylist()

    assert all(re.fullmatch(r"154\d{8}", phone) for phone in phones)
    assert len(set(phones)) == len(phones)


def test_addresses_lie_under_the_domain_kept_for_examples():
    present = PEOPLE % 2 == 0

    addresses = identities.emails(person=PEOPLE, present=present).to_pylist()

    assert addresses[0] == "d000000000@example.com"
    assert addresses[1] is None
