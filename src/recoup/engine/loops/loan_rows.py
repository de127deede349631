"""One pass over the rows of a block of loans: are they in order, and what do they add up to."""

from collections.abc import MutableSequence, Sequence

#: What ``payments_in_order`` yields.
IN_ORDER, TIED, OUT_OF_ORDER = 0, 1, 2


def instalments_in_order(loan: Sequence[int], due: Sequence[int], seq: Sequence[int]) -> bool:
    """Whether loans ascend, and within a loan due days do and numbers rise from row to row."""
    for i in range(1, len(loan)):
        if loan[i] == loan[i - 1]:
            if due[i] < due[i - 1] or seq[i] <= seq[i - 1]:
                return False
        elif loan[i] < loan[i - 1]:
            return False
    return True


def payments_in_order(loan: Sequence[int], paid: Sequence[int]) -> int:
    """Whether loans ascend, and days within a loan; TIED if a loan has two rows of one day."""
    found = IN_ORDER
    for i in range(1, len(loan)):
        if loan[i] == loan[i - 1]:
            if paid[i] < paid[i - 1]:
                return OUT_OF_ORDER
            if paid[i] == paid[i - 1]:
                found = TIED
        elif loan[i] < loan[i - 1]:
            return OUT_OF_ORDER
    return found


def greatest_and_most(
    loan: Sequence[int], amount: Sequence[int], found: MutableSequence[int]
) -> None:
    """Set found[0] to the greatest amount of a row, found[1] to the most rows of one loan.

    Shape: rows ascend by loan; amounts are not negative.
    """
    run = 0
    for i in range(len(loan)):
        if i > 0 and loan[i] == loan[i - 1]:
            run += 1
        else:
            run = 1
        found[0] = max(found[0], amount[i])
        found[1] = max(found[1], run)


def sum_instalments(
    loan: Sequence[int],
    first_loan: int,
    principal: Sequence[int],
    interest: Sequence[int],
    fee: Sequence[int],
    sums: Sequence[MutableSequence[int]],
    rows: MutableSequence[int],
) -> None:
    """Add up principal, interest and fee of each loan, and count its rows.

    Shape: ``sums`` has a row for each part; cells are loans from ``first_loan`` on.
    """
    for i in range(len(loan)):
        k = loan[i] - first_loan
        sums[0][k] += principal[i]
        sums[1][k] += interest[i]
        sums[2][k] += fee[i]
        rows[k] += 1


def sum_payments(
    loan: Sequence[int],
    first_loan: int,
    amount: Sequence[int],
    is_waiver: Sequence[int],
    is_reversal: Sequence[int],
    sums: Sequence[MutableSequence[int]],
    rows: Sequence[MutableSequence[int]],
) -> None:
    """Add up receipts, waivers and reversals of each loan, and count them.

    Shape: ``sums`` and ``rows`` have a row for each kind; cells are loans from ``first_loan`` on.
    """
    for i in range(len(loan)):
        kind = 0
        if is_reversal[i]:
            kind = 2
        elif is_waiver[i]:
            kind = 1
        k = loan[i] - first_loan
        sums[kind][k] += amount[i]
        rows[kind][k] += 1
