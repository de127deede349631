"""What a loan's receipts have paid, and since when it is overdue: the first sequence rule.

One plain loop over integers. It runs as it stands for one loan, and the engine compiles the very
same functions for the book; therefore the loop functions take positional integers and integer
sequences, and build nothing. Days are day numbers, money is minor units. The worked tables are in
docs/algorithms/allocation.md and docs/algorithms/delinquency.md.

Words of the loop: an instalment is *payable* if it asks for anything at all; it is *covered* on the
day of the receipt that completed it; it is *late* if its due day ended without that, even if the
next day's receipt completes it before any evening shows a dpd. A due day counts as one repayment
period, however many instalments fall on it.
"""

from collections.abc import MutableSequence, Sequence

from recoup.kernel.calendar import NO_DAY, add_months

FEE = 0
INTEREST = 1
PRINCIPAL = 2

#: The ways to order the parts of one instalment; loops know an order by its place here.
ORDERS = ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))

# Places in the tuple `tests` that the functions of the loop hand on.
NPL_OVER_DAYS = 0
UPGRADE_MONTHS = 1
UPGRADE_PERIODS = 2
OBSERVE_MONTHS = 3
OBSERVE_PERIODS = 4

#: Cover day of an instalment that no receipt has completed: later than every day.
NOT_COVERED = 2**31 - 1

DPD = 0
DPD_PREV = 1
MAX_DPD_12M = 2
OVERDUE_PRINCIPAL = 3
OVERDUE_INTEREST = 4
OVERDUE_FEE = 5
OUTSTANDING_PRINCIPAL = 6
OVERDUE_INSTALMENTS = 7
OLDEST_OVERDUE_ON = 8
PAID_90 = 9
PAID_180 = 10
PAID_365 = 11
DUE_90 = 12
DUE_180 = 13
DUE_365 = 14
RECEIVED = 15
WAIVED = 16
SURPLUS = 17
LAST_PAID_ON = 18
NEXT_DUE_ON = 19
NEXT_DUE = 20
EVER_OVER_DAYS = 21
NPL_EPISODE = 22
CLEAN_SINCE = 23
CLEAN_PERIODS = 24
OBSERVATION_UNTIL = 25
IN_OBSERVATION = 26
OBSERVATION_FROM = 27
OBSERVATION_PERIODS = 28
FIRST_OVER_30_ON = 29
FIRST_OVER_90_ON = 30

#: Names of the result's columns, in the order of the constants above.
RESULT = (
    "dpd",
    "dpd_prev",
    "max_dpd_12m",
    "overdue_principal_minor",
    "overdue_interest_minor",
    "overdue_fee_minor",
    "outstanding_principal_minor",
    "overdue_instalments",
    "oldest_overdue_on",
    "paid_90",
    "paid_180",
    "paid_365",
    "due_90",
    "due_180",
    "due_365",
    "received_minor",
    "waived_minor",
    "surplus_minor",
    "last_paid_on",
    "next_due_on",
    "next_due_minor",
    "ever_over_days",
    "npl_episode",
    "clean_since",
    "clean_periods",
    "observation_until",
    "in_observation",
    "observation_from",
    "observation_periods",
    "first_over_30_on",
    "first_over_90_on",
)

#: Those of them that are days; NO_DAY in the loop, None outside it.
RESULT_DAYS = (
    "oldest_overdue_on",
    "last_paid_on",
    "next_due_on",
    "clean_since",
    "observation_until",
    "observation_from",
    "first_over_30_on",
    "first_over_90_on",
)


def trace_block(
    loan_from: int,
    loan_until: int,
    instalment_offsets: Sequence[int],
    due_on: Sequence[int],
    principal: Sequence[int],
    interest: Sequence[int],
    fee: Sequence[int],
    payment_offsets: Sequence[int],
    paid_on: Sequence[int],
    amount: Sequence[int],
    is_waiver: Sequence[int],
    as_of: int,
    principal_first_from_dpd: Sequence[int],
    order_code: Sequence[int],
    order_late_code: Sequence[int],
    npl_over_days: int,
    upgrade_months: int,
    upgrade_periods: int,
    observe_from: Sequence[int],
    observe_months: int,
    observe_periods: int,
    out: Sequence[MutableSequence[int]],
) -> None:
    """Trace the loans loan_from..loan_until-1 of a block; row k of `out` is loan k's result.

    Shape: loan k owns instalments instalment_offsets[k]..[k+1]-1 and payments payment_offsets[k]
    ..[k+1]-1. `principal_first_from_dpd`, `order_code`, `order_late_code` (places in ORDERS) and
    `observe_from` have one entry per loan.
    """
    for k in range(loan_from, loan_until):
        trace_loan(
            due_on,
            principal,
            interest,
            fee,
            instalment_offsets[k],
            instalment_offsets[k + 1],
            paid_on,
            amount,
            is_waiver,
            payment_offsets[k],
            payment_offsets[k + 1],
            as_of,
            principal_first_from_dpd[k],
            ORDERS[order_code[k]],
            ORDERS[order_late_code[k]],
            npl_over_days,
            upgrade_months,
            upgrade_periods,
            observe_from[k],
            observe_months,
            observe_periods,
            out[k],
        )


def trace_loan(
    due_on: Sequence[int],
    principal: Sequence[int],
    interest: Sequence[int],
    fee: Sequence[int],
    first: int,
    until: int,
    paid_on: Sequence[int],
    amount: Sequence[int],
    is_waiver: Sequence[int],
    pay_first: int,
    pay_until: int,
    as_of: int,
    principal_first_from_dpd: int,
    order: tuple[int, int, int],
    order_late: tuple[int, int, int],
    npl_over_days: int,
    upgrade_months: int,
    upgrade_periods: int,
    observe_from: int,
    observe_months: int,
    observe_periods: int,
    out: MutableSequence[int],
) -> None:
    """Write the figures of one loan on `as_of` into `out`, one per name in RESULT.

    Shape: the loan's instalments are first..until-1, sorted by (due day, seq), due days already
    moved to working days where the pack says so; its payments are pay_first..pay_until-1, sorted
    by (paid_on, payment_id), reversed ones removed. `observe_from` is moved in the same way.
    """
    tests = (npl_over_days, upgrade_months, upgrade_periods, observe_months, observe_periods)
    # Capacity 0: no pieces are asked for, so the sequence that would take them is never touched.
    trace_pieces(
        due_on,
        principal,
        interest,
        fee,
        first,
        until,
        paid_on,
        amount,
        is_waiver,
        pay_first,
        pay_until,
        as_of,
        principal_first_from_dpd,
        order,
        order_late,
        tests,
        observe_from,
        out,
        out,
        0,
    )


def trace_pieces(
    due_on: Sequence[int],
    principal: Sequence[int],
    interest: Sequence[int],
    fee: Sequence[int],
    first: int,
    until: int,
    paid_on: Sequence[int],
    amount: Sequence[int],
    is_waiver: Sequence[int],
    pay_first: int,
    pay_until: int,
    as_of: int,
    principal_first_from_dpd: int,
    order: tuple[int, int, int],
    order_late: tuple[int, int, int],
    tests: tuple[int, int, int, int, int],
    observe_from: int,
    out: MutableSequence[int],
    pieces: MutableSequence[int],
    capacity: int,
) -> None:
    """The loop itself: as trace_loan, and tells where each unit of each receipt went.

    Shape: with capacity > 0, pieces[0] becomes the number of pieces, and piece n stands at
    4n+1..4n+4 as (payment index, instalment index, part, amount). There are never more than
    3 x instalments + payments of them; `capacity` counts pieces.
    """
    clear(out, observe_from)
    if capacity > 0:
        pieces[0] = 0
    i = place_payments(
        due_on,
        principal,
        interest,
        fee,
        first,
        until,
        paid_on,
        amount,
        is_waiver,
        pay_first,
        pay_until,
        as_of,
        principal_first_from_dpd,
        order,
        order_late,
        tests,
        out,
        pieces,
        capacity,
    )
    sum_open(i, until, due_on, principal, interest, fee, as_of, tests, out)
    sum_due(first, until, due_on, principal, interest, fee, as_of, out)
    end_episode(i == until, as_of, tests, out)
    if observe_from != NO_DAY:
        end_observation(i == until, as_of, tests, out)
        start = out[OBSERVATION_FROM]
        by_periods = nth_due_after(
            start, tests[OBSERVE_PERIODS], first, until, due_on, principal, interest, fee
        )
        out[OBSERVATION_UNTIL] = max(add_months(start, tests[OBSERVE_MONTHS]), by_periods)


def place_payments(
    due_on: Sequence[int],
    principal: Sequence[int],
    interest: Sequence[int],
    fee: Sequence[int],
    first: int,
    until: int,
    paid_on: Sequence[int],
    amount: Sequence[int],
    is_waiver: Sequence[int],
    pay_first: int,
    pay_until: int,
    as_of: int,
    principal_first_from_dpd: int,
    order: tuple[int, int, int],
    order_late: tuple[int, int, int],
    tests: tuple[int, int, int, int, int],
    out: MutableSequence[int],
    pieces: MutableSequence[int],
    capacity: int,
) -> int:
    """Let the payments fill the instalments; the first instalment that is not covered.

    Its rest is left in the three overdue columns. The order of parts is chosen at the opening of a
    day, from the receipts before it, so that the order of receipts within a day changes nothing.
    """
    i = next_payable(first, until, principal, interest, fee)
    open_rest(i, until, principal, interest, fee, out)
    day = NO_DAY
    chosen = order
    for p in range(pay_first, pay_until):
        if paid_on[p] > as_of:
            break
        if paid_on[p] != day:
            day = paid_on[p]
            chosen = order
            if i < until and 0 < principal_first_from_dpd <= day - due_on[i]:
                chosen = order_late
        note_receipt(day, amount[p], is_waiver[p], as_of, out)
        left = amount[p]
        while left > 0 and i < until:
            left = fill(left, chosen, p, i, out, pieces, capacity)
            if rest_of(out) > 0:
                break
            following = next_payable(i + 1, until, principal, interest, fee)
            closes_due_day = following == until or due_on[following] != due_on[i]
            follow_instalment(due_on[i], day, closes_due_day, as_of, tests, out)
            i = following
            open_rest(i, until, principal, interest, fee, out)
        out[SURPLUS] += left
    return i


def clear(out: MutableSequence[int], observe_from: int) -> None:
    """Set every column to what it is for a loan without instalments and payments."""
    for column in range(FIRST_OVER_90_ON + 1):
        out[column] = 0
    out[OLDEST_OVERDUE_ON] = NO_DAY
    out[LAST_PAID_ON] = NO_DAY
    out[NEXT_DUE_ON] = NO_DAY
    out[CLEAN_SINCE] = NO_DAY
    out[OBSERVATION_UNTIL] = NO_DAY
    out[FIRST_OVER_30_ON] = NO_DAY
    out[FIRST_OVER_90_ON] = NO_DAY
    out[OBSERVATION_FROM] = observe_from
    if observe_from != NO_DAY:
        out[IN_OBSERVATION] = 1


def next_payable(
    i: int, until: int, principal: Sequence[int], interest: Sequence[int], fee: Sequence[int]
) -> int:
    """The first instalment from i on that asks for anything; `until` if there is none."""
    while i < until and principal[i] + interest[i] + fee[i] == 0:
        i += 1
    return i


def open_rest(
    i: int,
    until: int,
    principal: Sequence[int],
    interest: Sequence[int],
    fee: Sequence[int],
    out: MutableSequence[int],
) -> None:
    """While receipts are being placed, the three overdue columns hold the rest of instalment i."""
    if i < until:
        out[OVERDUE_PRINCIPAL] = principal[i]
        out[OVERDUE_INTEREST] = interest[i]
        out[OVERDUE_FEE] = fee[i]


def rest_of(out: Sequence[int]) -> int:
    """What the instalment being filled still asks for."""
    return out[OVERDUE_PRINCIPAL] + out[OVERDUE_INTEREST] + out[OVERDUE_FEE]


def fill(
    left: int,
    order: tuple[int, int, int],
    payment: int,
    instalment: int,
    out: MutableSequence[int],
    pieces: MutableSequence[int],
    capacity: int,
) -> int:
    """Place an amount on the parts of one instalment in the given order; what is left over."""
    for place in range(3):
        part = order[place]
        column = OVERDUE_FEE - part
        taken = min(left, out[column])
        if taken > 0:
            out[column] -= taken
            left -= taken
            if capacity > 0:
                emit(payment, instalment, part, taken, pieces, capacity)
    return left


def emit(
    payment: int,
    instalment: int,
    part: int,
    taken: int,
    pieces: MutableSequence[int],
    capacity: int,
) -> None:
    """Append one piece; beyond the capacity it is only counted."""
    at = pieces[0]
    if at < capacity:
        pieces[4 * at + 1] = payment
        pieces[4 * at + 2] = instalment
        pieces[4 * at + 3] = part
        pieces[4 * at + 4] = taken
    pieces[0] = at + 1


def note_receipt(
    day: int, paid: int, is_waiver: int, as_of: int, out: MutableSequence[int]
) -> None:
    """Add a payment to the sums; a waiver is no receipt."""
    if is_waiver:
        out[WAIVED] += paid
        return
    out[RECEIVED] += paid
    out[LAST_PAID_ON] = day
    if day > as_of - 365:
        out[PAID_365] += paid
        if day > as_of - 180:
            out[PAID_180] += paid
            if day > as_of - 90:
                out[PAID_90] += paid


def follow_instalment(
    due: int,
    covered_on: int,
    closes_due_day: bool,
    as_of: int,
    tests: tuple[int, int, int, int, int],
    out: MutableSequence[int],
) -> None:
    """Carry the loan's history over one covered instalment, taken in order of due day."""
    if covered_on > due:
        follow_late(due, covered_on, as_of, tests, out)
    elif closes_due_day and due <= as_of:
        note_on_time(due, out)


def follow_late(
    due: int,
    covered_on: int,
    as_of: int,
    tests: tuple[int, int, int, int, int],
    out: MutableSequence[int],
) -> None:
    """Carry the history over a late instalment: what was reached by its due day, then the lapse."""
    leave_episode(due, tests, out)
    restart_observation(due, tests, out)
    note_late(due, covered_on, as_of, tests[NPL_OVER_DAYS], out)


def note_on_time(due: int, out: MutableSequence[int]) -> None:
    """Count a repayment period that was paid by its due day."""
    if out[CLEAN_SINCE] != NO_DAY and due > out[CLEAN_SINCE]:
        out[CLEAN_PERIODS] += 1
    if out[IN_OBSERVATION] == 1 and due > out[OBSERVATION_FROM]:
        out[OBSERVATION_PERIODS] += 1


def note_late(
    due: int, covered_on: int, as_of: int, npl_over_days: int, out: MutableSequence[int]
) -> None:
    """Enter an instalment that was overdue from the day after `due` to the day before its cover.

    Covered on the very next day, it was late all the same, though no evening shows a dpd. The dpd
    of a day is the greatest over the instalments overdue on it, so each can be entered alone; on
    its last overdue day its share is greatest. Instalments come in order of due day: the first that
    passes a number of days passes it first.
    """
    last = min(covered_on - 1, as_of)
    days = last - due
    if last >= as_of - 364 and days > out[MAX_DPD_12M]:
        out[MAX_DPD_12M] = days
    if covered_on > as_of - 30 > due and as_of - 30 - due > out[DPD_PREV]:
        out[DPD_PREV] = as_of - 30 - due
    if days > npl_over_days:
        out[EVER_OVER_DAYS] = 1
        out[NPL_EPISODE] = 1
    if days > 30 and out[FIRST_OVER_30_ON] == NO_DAY:
        out[FIRST_OVER_30_ON] = due + 31
    if days > 90 and out[FIRST_OVER_90_ON] == NO_DAY:
        out[FIRST_OVER_90_ON] = due + 91
    out[CLEAN_SINCE] = covered_on
    out[CLEAN_PERIODS] = 0


def leave_episode(
    day: int, tests: tuple[int, int, int, int, int], out: MutableSequence[int]
) -> None:
    """End the non-performing episode if its conditions were met on `day` (or before)."""
    if (
        out[NPL_EPISODE] == 0
        or out[CLEAN_PERIODS] < tests[UPGRADE_PERIODS]
        or out[CLEAN_SINCE] > day
    ):
        return
    if add_months(out[CLEAN_SINCE], tests[UPGRADE_MONTHS]) <= day:
        out[NPL_EPISODE] = 0


def restart_observation(
    due: int, tests: tuple[int, int, int, int, int], out: MutableSequence[int]
) -> None:
    """An instalment due on `due` was not paid in time: end the observation if it was over by
    then, else start it anew from that day."""
    if out[IN_OBSERVATION] == 0 or due < out[OBSERVATION_FROM]:
        return
    if observed(due, tests, out):
        out[IN_OBSERVATION] = 0
        return
    out[OBSERVATION_FROM] = due
    out[OBSERVATION_PERIODS] = 0


def observed(day: int, tests: tuple[int, int, int, int, int], out: MutableSequence[int]) -> bool:
    """Whether the observation had lasted its months and its periods by that day."""
    if out[OBSERVATION_PERIODS] < tests[OBSERVE_PERIODS]:
        return False
    return add_months(out[OBSERVATION_FROM], tests[OBSERVE_MONTHS]) <= day


def sum_open(
    i: int,
    until: int,
    due_on: Sequence[int],
    principal: Sequence[int],
    interest: Sequence[int],
    fee: Sequence[int],
    as_of: int,
    tests: tuple[int, int, int, int, int],
    out: MutableSequence[int],
) -> None:
    """Sum what is open from instalment i on; of i itself only the rest, which `out` still holds."""
    rest_principal = out[OVERDUE_PRINCIPAL]
    rest_interest = out[OVERDUE_INTEREST]
    rest_fee = out[OVERDUE_FEE]
    out[OVERDUE_PRINCIPAL] = out[OVERDUE_INTEREST] = out[OVERDUE_FEE] = 0
    for j in range(i, until):
        if j > i:
            rest_principal = principal[j]
            rest_interest = interest[j]
            rest_fee = fee[j]
        rest = rest_principal + rest_interest + rest_fee
        if rest == 0:
            continue
        out[OUTSTANDING_PRINCIPAL] += rest_principal
        if due_on[j] < as_of:
            note_overdue(due_on[j], rest_principal, rest_interest, rest_fee, as_of, out)
            follow_late(due_on[j], NOT_COVERED, as_of, tests, out)
        elif out[NEXT_DUE_ON] == NO_DAY:
            out[NEXT_DUE_ON] = due_on[j]
            out[NEXT_DUE] = rest


def note_overdue(
    due: int,
    rest_principal: int,
    rest_interest: int,
    rest_fee: int,
    as_of: int,
    out: MutableSequence[int],
) -> None:
    """Add an instalment that is overdue on `as_of`; the first one entered is the oldest."""
    if out[OVERDUE_INSTALMENTS] == 0:
        out[DPD] = as_of - due
        out[OLDEST_OVERDUE_ON] = due
    out[OVERDUE_INSTALMENTS] += 1
    out[OVERDUE_PRINCIPAL] += rest_principal
    out[OVERDUE_INTEREST] += rest_interest
    out[OVERDUE_FEE] += rest_fee


def sum_due(
    first: int,
    until: int,
    due_on: Sequence[int],
    principal: Sequence[int],
    interest: Sequence[int],
    fee: Sequence[int],
    as_of: int,
    out: MutableSequence[int],
) -> None:
    """Sum the instalments that fell due in the last 90, 180 and 365 days, paid or not."""
    for i in range(first, until):
        due = due_on[i]
        if due > as_of:
            break
        if due > as_of - 365:
            total = principal[i] + interest[i] + fee[i]
            out[DUE_365] += total
            if due > as_of - 180:
                out[DUE_180] += total
                if due > as_of - 90:
                    out[DUE_90] += total


def end_episode(
    paid_off: bool, as_of: int, tests: tuple[int, int, int, int, int], out: MutableSequence[int]
) -> None:
    """Close the history of arrears on `as_of`. A claim paid off in full has no episode."""
    if out[CLEAN_SINCE] == NOT_COVERED:
        out[CLEAN_SINCE] = NO_DAY
        return
    leave_episode(as_of, tests, out)
    if paid_off:
        out[NPL_EPISODE] = 0


def end_observation(
    paid_off: bool, as_of: int, tests: tuple[int, int, int, int, int], out: MutableSequence[int]
) -> None:
    """Close the observation on `as_of`. A claim paid off in full is not observed."""
    if paid_off or (out[IN_OBSERVATION] == 1 and observed(as_of, tests, out)):
        out[IN_OBSERVATION] = 0


def nth_due_after(
    start: int,
    count: int,
    first: int,
    until: int,
    due_on: Sequence[int],
    principal: Sequence[int],
    interest: Sequence[int],
    fee: Sequence[int],
) -> int:
    """The count-th due day after `start`; the last there is if the schedule ends before."""
    day = start
    for i in range(first, until):
        if count == 0:
            break
        if due_on[i] > day and principal[i] + interest[i] + fee[i] > 0:
            day = due_on[i]
            count -= 1
    return day
