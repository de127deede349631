"""Where each loan stands on a day: days past due and what is still owed, over whole columns.

The demo bank needs it to mark its own book (classes, write-offs, losses expected). The night's own
definition lives in ``recoup.kernel.delinquency``; here rest days and reversals are left out.
"""

from dataclasses import dataclass

import numpy as np

from recoup.demo import schedules
from recoup.demo.columns import Ints
from recoup.demo.schedules import Rows
from recoup.demo.simulation import Receipts


@dataclass(frozen=True)
class Standing:
    """One cell a loan. Units: days, minor units; ``oldest_due`` is 0 where nothing is overdue."""

    dpd: Ints
    oldest_due: Ints
    outstanding: Ints
    overdue: Ints


def standing(rows: Rows, receipts: Receipts, *, day: int) -> Standing:
    """Yield every loan's standing on ``day`` from the receipts paid by then."""
    loans = len(rows.first) - 1
    counted = receipts.paid_on <= day
    paid = np.bincount(
        receipts.loan[counted], weights=receipts.amount[counted], minlength=loans
    ).astype(np.int64)
    total = schedules.first_rows(rows.principal + rows.interest + rows.fee)
    principal = schedules.first_rows(rows.principal)
    covered = total[rows.first[:-1]] + paid
    at = np.searchsorted(total[1:], covered, side="right")
    at = np.minimum(at, rows.first[1:])
    uncovered = at < rows.first[1:]
    due = np.where(uncovered, rows.due[np.minimum(at, len(rows.due) - 1)], day)
    due_by_now = np.bincount(rows.loan[rows.due < day], minlength=loans) + rows.first[:-1]
    return Standing(
        dpd=np.maximum(day - due, 0),
        oldest_due=np.where(due < day, due, 0),
        outstanding=principal[rows.first[1:]] - principal[at],
        overdue=np.maximum(total[due_by_now] - covered, 0),
    )
