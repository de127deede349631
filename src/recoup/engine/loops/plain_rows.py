"""Which rows are plainly right: one pass over the columns of a piece of instalments or payments.

A piece of which every row is plainly right needs no closer look; any other is examined cell by
cell, and only that names faults. An amount is a pair of 64-bit words, low and high, as decimals of
128 bits are; a piece stops being plain at the first cell that is not.
"""

from collections.abc import MutableSequence, Sequence

#: What the loops yield for a piece that needs a closer look.
NOT_PLAIN = -(2**31)


def plain_instalments(
    places: Sequence[int],
    loan_of: Sequence[int],
    seq: Sequence[int],
    due: Sequence[int],
    principal: Sequence[Sequence[int]],
    interest: Sequence[Sequence[int]],
    fee: Sequence[Sequence[int]],
    most_seq: int,
    first_day: int,
    last_day: int,
    limit: int,
    loan_out: MutableSequence[int],
    principal_out: MutableSequence[int],
    interest_out: MutableSequence[int],
    fee_out: MutableSequence[int],
) -> int:
    """How many rows there are if all are plainly right, else NOT_PLAIN.

    Shape: row i names the loan loan_of[places[i]], -1 if there is none; amounts are below ``limit``
    and not negative, days within first_day..last_day, numbers within 1..most_seq.
    """
    rows = len(places)
    for i in range(rows):
        loan = loan_of[places[i]]
        if loan < 0 or not 1 <= seq[i] <= most_seq or not first_day <= due[i] <= last_day:
            return NOT_PLAIN
        loan_out[i] = loan
        if principal[i][1] | interest[i][1] | fee[i][1] != 0:
            return NOT_PLAIN
        principal_out[i] = principal[i][0]
        interest_out[i] = interest[i][0]
        fee_out[i] = fee[i][0]
        if not (
            0 <= principal_out[i] < limit
            and 0 <= interest_out[i] < limit
            and 0 <= fee_out[i] < limit
        ):
            return NOT_PLAIN
    return rows


def plain_payments(
    places: Sequence[int],
    loan_of: Sequence[int],
    paid: Sequence[int],
    amount: Sequence[Sequence[int]],
    kind_places: Sequence[int],
    waiver_of: Sequence[int],
    first_day: int,
    last_day: int,
    limit: int,
    loan_out: MutableSequence[int],
    amount_out: MutableSequence[int],
    waiver_out: MutableSequence[int],
) -> int:
    """The latest day paid if all rows are plainly right, else NOT_PLAIN.

    Shape: as for instalments; waiver_of[kind_places[i]] is 1 for a waiver, 0 for a receipt, -1 for
    neither; amounts are above zero.
    """
    latest = first_day
    for i in range(len(places)):
        loan = loan_of[places[i]]
        waiver = waiver_of[kind_places[i]]
        if loan < 0 or waiver < 0 or not first_day <= paid[i] <= last_day:
            return NOT_PLAIN
        if amount[i][1] != 0 or not 0 < amount[i][0] < limit:
            return NOT_PLAIN
        loan_out[i] = loan
        amount_out[i] = amount[i][0]
        waiver_out[i] = waiver
        latest = max(latest, paid[i])
    return latest
