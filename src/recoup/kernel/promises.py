"""Which promises to pay were kept: receipts matched to promises, first in, first out.

The second sequence rule: a plain loop over one person's promises and receipts, compiled by the
engine like the first. Worked tables: docs/algorithms/promises.md.

A promise takes receipts paid from the day it was made to its due day plus the days of tolerance,
up to the amount promised. A promise that names a contract takes that contract's receipts only, one
that names none takes any of the person's. Promises are served in order (made_on, promise_id), each
from the receipts in order (paid_on, contract, payment_id), and each unit of a receipt counts once.
Waivers keep no promise.
"""

from collections.abc import MutableSequence, Sequence
from dataclasses import dataclass
from datetime import date

from recoup.kernel.calendar import day_number

#: Not kept yet, and its time (with tolerance) is not over on `as_of`.
OPEN = 0
#: The amount promised, less the tolerance, has been paid in time.
KEPT = 1
#: Its time is over; something was paid, but too little.
PARTLY_KEPT = 2
#: Its time is over; nothing was paid.
BROKEN = 3
#: Made after `as_of`: on that day it does not exist yet.
NOT_MADE = 4

#: Names of the status codes, in their order.
STATUSES = ("open", "kept", "partly_kept", "broken", "not_made")

#: Contract of a promise that names none.
ANY_LOAN = -1


def match_block(
    person_from: int,
    person_until: int,
    promise_offsets: Sequence[int],
    made_on: Sequence[int],
    due_on: Sequence[int],
    promise_loan: Sequence[int],
    promised: Sequence[int],
    receipt_offsets: Sequence[int],
    paid_on: Sequence[int],
    receipt_loan: Sequence[int],
    amount: Sequence[int],
    as_of: int,
    tolerance_days: int,
    tolerance_ppm: int,
    unused: MutableSequence[int],
    matched: MutableSequence[int],
    status: MutableSequence[int],
) -> None:
    """Match the promises of the persons person_from..person_until-1 of a block.

    Shape: person k owns promises promise_offsets[k]..[k+1]-1 and receipts receipt_offsets[k]
    ..[k+1]-1. `unused` is as long as the receipts, `matched` and `status` as the promises; the
    loop fills all three.
    """
    for k in range(person_from, person_until):
        match_promises(
            made_on,
            due_on,
            promise_loan,
            promised,
            promise_offsets[k],
            promise_offsets[k + 1],
            paid_on,
            receipt_loan,
            amount,
            receipt_offsets[k],
            receipt_offsets[k + 1],
            as_of,
            tolerance_days,
            tolerance_ppm,
            unused,
            matched,
            status,
        )


def match_promises(
    made_on: Sequence[int],
    due_on: Sequence[int],
    promise_loan: Sequence[int],
    promised: Sequence[int],
    first: int,
    until: int,
    paid_on: Sequence[int],
    receipt_loan: Sequence[int],
    amount: Sequence[int],
    pay_first: int,
    pay_until: int,
    as_of: int,
    tolerance_days: int,
    tolerance_ppm: int,
    unused: MutableSequence[int],
    matched: MutableSequence[int],
    status: MutableSequence[int],
) -> None:
    """Write, for each promise of one person, the amount matched to it and its status on `as_of`.

    Shape: promises first..until-1 sorted by (made_on, promise_id); receipts pay_first..pay_until-1
    of all the person's contracts sorted by (paid_on, contract, payment_id), without waivers and
    reversed payments; those after `as_of` are ignored. `unused` gets what is left of each receipt.
    """
    for r in range(pay_first, pay_until):
        unused[r] = amount[r]
    start = pay_first
    for n in range(first, until):
        # Promises come by the day they were made: receipts before it serve no later one either.
        while start < pay_until and (paid_on[start] < made_on[n] or unused[start] == 0):
            start += 1
        last_day = due_on[n] + tolerance_days
        matched[n] = take_receipts(
            promise_loan[n],
            promised[n],
            start,
            pay_until,
            min(last_day, as_of),
            paid_on,
            receipt_loan,
            unused,
        )
        status[n] = status_of(made_on[n], last_day, promised[n], matched[n], as_of, tolerance_ppm)


def take_receipts(
    loan: int,
    wanted: int,
    start: int,
    pay_until: int,
    last_day: int,
    paid_on: Sequence[int],
    receipt_loan: Sequence[int],
    unused: MutableSequence[int],
) -> int:
    """Take up to `wanted` from the receipts from `start` to `last_day`; what was taken."""
    left = wanted
    for r in range(start, pay_until):
        if left == 0 or paid_on[r] > last_day:
            break
        if loan == ANY_LOAN or loan == receipt_loan[r]:
            taken = min(left, unused[r])
            unused[r] -= taken
            left -= taken
    return wanted - left


def status_of(
    made_on: int, last_day: int, promised: int, matched: int, as_of: int, tolerance_ppm: int
) -> int:
    """The status code of a promise whose last day, with tolerance, is `last_day`.

    Kept once the shortfall is within the tolerance: shortfall <= promised x ppm, compared exactly.
    """
    if made_on > as_of:
        return NOT_MADE
    if (promised - matched) * 1_000_000 <= promised * tolerance_ppm:
        return KEPT
    if as_of <= last_day:
        return OPEN
    if matched > 0:
        return PARTLY_KEPT
    return BROKEN


@dataclass(frozen=True, kw_only=True)
class PromiseMade:
    """A promise to pay; `contract_id` None promises money on any contract of the person."""

    promise_id: str
    made_on: date
    due_on: date
    amount_minor: int
    contract_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class ReceiptFound:
    """A receipt of one of the person's contracts; waivers and reversed payments left out."""

    payment_id: str
    paid_on: date
    amount_minor: int
    contract_id: str


@dataclass(frozen=True, kw_only=True)
class PromiseMatched:
    """What became of a promise: the amount matched to it, and a name of STATUSES."""

    promise: PromiseMade
    matched_minor: int
    status: str


def match(
    *,
    promises: Sequence[PromiseMade],
    receipts: Sequence[ReceiptFound],
    as_of: date,
    tolerance_days: int,
    tolerance_ppm: int,
) -> tuple[PromiseMatched, ...]:
    """What became of each promise of one person by `as_of`, in order (made_on, promise_id)."""
    made = sorted(promises, key=lambda promise: (promise.made_on, promise.promise_id))
    found = sorted(receipts, key=lambda r: (r.paid_on, r.contract_id, r.payment_id))
    names = sorted({receipt.contract_id for receipt in found} | {p.contract_id or "" for p in made})
    number = {name: place for place, name in enumerate(names)}
    matched, status, unused = [0] * len(made), [0] * len(made), [0] * len(found)
    match_promises(
        [day_number(promise.made_on) for promise in made],
        [day_number(promise.due_on) for promise in made],
        [ANY_LOAN if p.contract_id is None else number[p.contract_id] for p in made],
        [promise.amount_minor for promise in made],
        0,
        len(made),
        [day_number(receipt.paid_on) for receipt in found],
        [number[receipt.contract_id] for receipt in found],
        [receipt.amount_minor for receipt in found],
        0,
        len(found),
        day_number(as_of),
        tolerance_days,
        tolerance_ppm,
        unused,
        matched,
        status,
    )
    return tuple(
        PromiseMatched(promise=p, matched_minor=amount, status=STATUSES[code])
        for p, amount, code in zip(made, matched, status, strict=True)
    )
