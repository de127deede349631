"""The intake's plain loops say the same as they stand and compiled, and overlook nothing."""

import numpy as np
import pytest

from recoup.engine.backends.compiled import compiled
from recoup.engine.loops.loan_rows import (
    IN_ORDER,
    OUT_OF_ORDER,
    TIED,
    greatest_and_most,
    instalments_in_order,
    payments_in_order,
    sum_payments,
)
from recoup.engine.loops.plain_rows import NOT_PLAIN, plain_instalments, plain_payments

WAYS = {"as it stands": lambda loop: loop, "compiled": compiled}
FIRST, LAST, LIMIT = 0, 1_000, 10**16


def words(*amounts):
    return np.array([[amount, amount >> 63] for amount in amounts], np.int64)


def instalments(*, places=(0, 1), loan_of=(4, 5), seq=(1, 2), due=(10, 20), principal=(7, 8)):
    return (
        *(np.array(column, np.int32) for column in (places, loan_of, seq, due)),
        *(words(*principal), words(0, 1), words(2, 0)),
        *(100, FIRST, LAST, LIMIT),
        np.zeros(2, np.int32),
        *np.zeros((3, 2), np.int64),
    )


@pytest.mark.parametrize("way", WAYS)
def test_plain_instalments_are_handed_on_with_their_loans(way):
    given = instalments(places=(1, 0))

    assert WAYS[way](plain_instalments)(*given) == 2

    loan, principal, interest, fee = (column.tolist() for column in given[-4:])
    assert (loan, principal, interest, fee) == ([5, 4], [7, 8], [0, 1], [2, 0])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "odd",
    [
        {"loan_of": (4, -1)},
        {"seq": (1, 0)},
        {"seq": (101, 2)},
        {"due": (10, 1_001)},
        {"due": (-1, 10)},
        {"principal": (7, -1)},
        {"principal": (LIMIT, 1)},
    ],
)
def test_an_odd_cell_asks_for_a_closer_look(way, odd):
    assert WAYS[way](plain_instalments)(*instalments(**odd)) == NOT_PLAIN


@pytest.mark.parametrize("way", WAYS)
def test_plain_payments_tell_the_latest_day(way):
    def look(*, amount=(5, 6), kinds=(0, 1), waiver_of=(0, 1, -1)):
        places, loan_of, paid = (np.array(x, np.int32) for x in ((0, 1), (4, 5), (30, 20)))
        waivers = [np.array(column, np.int32) for column in (kinds, waiver_of)]
        out = np.zeros(2, np.int32), np.zeros(2, np.int64), np.zeros(2, np.uint8)
        bounds = (FIRST, LAST, LIMIT)
        found = WAYS[way](plain_payments)(
            places, loan_of, paid, words(*amount), *waivers, *bounds, *out
        )
        return found, out[2].tolist()

    assert look() == (30, [0, 1])
    assert look(amount=(5, 0))[0] == NOT_PLAIN
    assert look(amount=(5, 2**62))[0] == NOT_PLAIN
    assert look(kinds=(0, 2))[0] == NOT_PLAIN


@pytest.mark.parametrize("way", WAYS)
def test_order_is_told_of_a_blocks_rows(way):
    def ordered(loan, due, seq):
        columns = [np.array(column, np.int32) for column in (loan, due, seq)]
        return WAYS[way](instalments_in_order)(*columns)

    def paid(loan, day):
        return WAYS[way](payments_in_order)(np.array(loan, np.int32), np.array(day, np.int32))

    assert ordered([1, 1, 2], [5, 5, 4], [1, 2, 1])
    assert not ordered([1, 1], [5, 5], [2, 2])
    assert not ordered([1, 1], [5, 4], [1, 2])
    assert not ordered([2, 1], [5, 5], [1, 1])
    assert paid([1, 1, 2], [5, 6, 4]) == IN_ORDER
    assert paid([1, 1, 2], [5, 5, 4]) == TIED
    assert paid([1, 1, 2], [5, 4, 4]) == OUT_OF_ORDER


@pytest.mark.parametrize("way", WAYS)
def test_a_block_is_added_up_by_loan(way):
    loan, amount = np.array([3, 3, 3, 4], np.int32), np.array([5, 6, 7, 8], np.int64)
    found, sums, rows = (
        np.zeros(2, np.int64),
        np.zeros((3, 2), np.int64),
        np.zeros((3, 2), np.int64),
    )

    WAYS[way](greatest_and_most)(loan, amount, found)
    WAYS[way](sum_payments)(
        loan, 3, amount, np.array([0, 1, 1, 0], np.uint8), np.array([0, 0, 1, 0], bool), sums, rows
    )

    assert found.tolist() == [8, 3]
    assert sums.tolist() == [[5, 8], [6, 0], [7, 0]]
    assert rows.tolist() == [[1, 1], [1, 0], [1, 0]]
