"""The demo bank's payments as its ledger shows them, with direct debits that bounced."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from recoup.demo import columns
from recoup.demo.columns import Days, Flags, Ints
from recoup.demo.contracts import Contracts
from recoup.demo.simulation import EXPORT_LAG_DAYS, Receipts

_BOUNCED_SHARE = 0.0025
_BOUNCED_AFTER_DAYS = 2
_PAID_AGAIN_AFTER_DAYS = 5
#: A debit that bounced longer ago than this was always paid again.
_UNSETTLED_DAYS = 20


@dataclass(frozen=True)
class Payments:
    """Payment rows by loan and day; ``reverses`` is the row taken back, or -1. Minor units."""

    loan: Ints
    paid_on: Days
    amount: Ints
    is_waiver: Flags
    reverses: Ints


def ledger(chance: np.random.Generator, receipts: Receipts, *, day: int) -> Payments:
    """Yield the receipts in order, and for each bounced debit its reversal and, mostly, a repeat.

    A bounced debit never took place; its reversal is a row of its own, as banks book it.
    """
    size = len(receipts.loan)
    settled_by = day + EXPORT_LAG_DAYS - _BOUNCED_AFTER_DAYS
    bounced = np.flatnonzero(
        ~receipts.is_waiver
        & (receipts.paid_on <= settled_by)
        & (chance.random(size) < _BOUNCED_SHARE)
    )
    paid_again = receipts.paid_on[bounced] < day - _UNSETTLED_DAYS
    paid_again |= chance.random(len(bounced)) < 0.4
    again = bounced[paid_again]
    again = again[receipts.paid_on[again] + _PAID_AGAIN_AFTER_DAYS <= day + EXPORT_LAG_DAYS]
    source = np.concatenate([np.arange(size), bounced, again])
    lag = np.concatenate(
        [
            np.zeros(size, dtype=np.int32),
            np.full(len(bounced), _BOUNCED_AFTER_DAYS),
            np.full(len(again), _PAID_AGAIN_AFTER_DAYS),
        ]
    )
    taken_back = np.full(len(source), -1)
    taken_back[size : size + len(bounced)] = bounced
    paid_on = (receipts.paid_on[source] + lag).astype(np.int32)
    order = np.lexsort((np.arange(len(source)), paid_on, receipts.loan[source]))
    place_of = np.empty(len(source), dtype=np.int64)
    place_of[order] = np.arange(len(source))
    reverses = np.where(taken_back >= 0, place_of[np.maximum(taken_back, 0)], -1)
    return Payments(
        loan=receipts.loan[source][order],
        paid_on=paid_on[order],
        amount=receipts.amount[source][order],
        is_waiver=receipts.is_waiver[source][order],
        reverses=reverses[order],
    )


def payment_columns(
    contracts: Contracts, payments: Payments, ids: pa.Array, *, before: int
) -> dict[str, pa.Array]:
    """Yield the rows of the table ``payments``, numbered after ``before``."""
    size = len(payments.loan)
    taken_back = np.maximum(payments.reverses, 0) + before + 1
    return {
        "payment_id": columns.numbered("P", np.arange(size) + before + 1, width=10),
        "contract_id": columns.repeated(ids, payments.loan),
        "paid_on": columns.dates(payments.paid_on),
        "amount": columns.decimals(payments.amount * contracts.hundredths[payments.loan]),
        "kind": columns.coded(("receipt", "waiver"), payments.is_waiver.astype(np.int8)),
        "reverses": columns.numbered("P", taken_back, width=10, present=payments.reverses >= 0),
    }
