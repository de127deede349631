"""What became of promises: the kernel's answer for one person, and the whole book's at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from recoup.apps.arrangements.models import Promise
from recoup.apps.ledger.queries import StandingReceipt
from recoup.kernel.promises import PromiseMade, ReceiptFound, match
from recoup.policy.strategy_parts import Tolerance

#: A promise made after the day asked for: it waits like an open one.
NOT_MADE = "not_made"


@dataclass(frozen=True, kw_only=True)
class Found:
    """What the kernel found for one promise."""

    status: str
    matched_minor: int


def matched(
    *,
    promises: Sequence[Promise],
    receipts: Iterable[StandingReceipt],
    on: date,
    tolerance: Tolerance,
) -> dict[str, Found]:
    """Yield what became of each promise of one person by a day, by promise id.

    Withdrawn promises take no receipts and are not in the answer.
    """
    found = match(
        promises=[
            PromiseMade(
                promise_id=row.promise_id,
                made_on=row.made_on,
                due_on=row.due_on,
                amount_minor=row.amount_minor,
                contract_id=row.contract_id or None,
            )
            for row in promises
            if row.status != Promise.Status.WITHDRAWN
        ],
        receipts=[
            ReceiptFound(
                payment_id=one.payment_id,
                paid_on=one.paid_on,
                amount_minor=one.amount_minor,
                contract_id=one.contract_id,
            )
            for one in receipts
        ],
        as_of=on,
        tolerance_days=tolerance.days,
        tolerance_ppm=tolerance.ppm,
    )
    return {
        one.promise.promise_id: Found(status=named(one.status), matched_minor=one.matched_minor)
        for one in found
    }


def named(status: str) -> str:
    """Yield the kernel's name of a status as the records hold it."""
    return str(Promise.Status.OPEN) if status == NOT_MADE else status


def lapses_on(*, due_on: date, tolerance: Tolerance) -> date:
    """Yield the first day on which a promise's time, with tolerance, is over."""
    return due_on + timedelta(days=tolerance.days + 1)
