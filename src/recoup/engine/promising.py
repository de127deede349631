"""Matches the promises of a block's persons with their receipts, by the kernel's compiled loop."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recoup.engine.backends.compiled import compiled
from recoup.engine.blocks import ROWS_READ, Block, Ints, SortedRows
from recoup.engine.tracing import Days, days
from recoup.kernel.promises import ANY_LOAN, match_block


@dataclass(frozen=True)
class Tolerance:
    """What the strategy forgives a promise: days late, and parts per million too little."""

    days: int
    ppm: int


class PromiseRows:
    """The promises of the book, read once, in person order."""

    def __init__(self, *, book: Path, rows_read: int = ROWS_READ) -> None:
        columns = ["loan", "made_on", "due_on", "amount_minor"]
        self._rows = SortedRows(
            path=book / "promises.parquet", by="person", columns=columns, rows_read=rows_read
        )

    def of(self, block: Block) -> pa.Table:
        """Yield the promises of a block's persons; blocks ascend."""
        return self._rows.until(block.person_until)

    def close(self) -> None:
        """Let go of the file."""
        self._rows.close()


def match_promises(
    *,
    promises: pa.Table,
    payments: pa.Table,
    person_of_loan: pa.ChunkedArray,
    block: Block,
    as_of_day: int,
    tolerance: Tolerance,
) -> pa.Table:
    """Yield one row per promise of the block: person, loan, due_on, matched_minor, status.

    Shape: ``payments`` are those that count, of the block, by loan and day; ``person_of_loan`` has
    one cell per loan of the block.
    """
    persons = np.unique(promises.column("person").to_numpy())
    receipts = _receipts_of(
        payments=payments, persons=persons, owners=person_of_loan.to_numpy(), block=block
    )
    status = np.zeros(promises.num_rows, np.int64)
    matched = np.zeros(promises.num_rows, np.int64)
    loans = pc.fill_null(promises.column("loan"), ANY_LOAN).to_numpy().astype(np.int64)
    compiled(match_block)(
        0,
        len(persons),
        _bounds(promises.column("person").to_numpy(), persons),
        days(promises.column("made_on")),
        days(promises.column("due_on")),
        loans,
        promises.column("amount_minor").to_numpy(),
        _bounds(receipts.person, persons),
        receipts.paid_on,
        receipts.loan,
        receipts.amount,
        as_of_day,
        tolerance.days,
        tolerance.ppm,
        np.zeros(len(receipts.amount), np.int64),
        matched,
        status,
    )
    result = promises.select(["person", "loan", "due_on"])
    result = result.append_column("matched_minor", pa.array(matched))
    return result.append_column("status", pa.array(status.astype(np.int32)))


@dataclass(frozen=True)
class _Receipts:
    """Receipts of the persons who promised, by person, day, and the order of the book."""

    person: Ints
    loan: Ints
    paid_on: Days
    amount: Ints


def _receipts_of(*, payments: pa.Table, persons: Ints, owners: Ints, block: Block) -> _Receipts:
    place = payments.column("loan").to_numpy() - block.loan_from
    has_promised = np.isin(owners, persons)
    is_waiver = payments.column("is_waiver").to_numpy().astype(bool, copy=False)
    wanted = np.flatnonzero(has_promised[place] & ~is_waiver)
    rows = payments.select(["paid_on", "amount_minor"]).take(pa.array(wanted))
    place, paid_on = place[wanted].astype(np.int64), days(rows.column("paid_on"))
    loan, owner = place + block.loan_from, owners[place].astype(np.int64)
    order = np.lexsort((np.arange(len(owner)), paid_on, owner))
    return _Receipts(
        person=owner[order],
        loan=loan[order],
        paid_on=paid_on[order],
        amount=rows.column("amount_minor").to_numpy()[order],
    )


def _bounds(owners: Ints, persons: Ints) -> Ints:
    starts = np.searchsorted(owners, persons, side="left")
    return np.append(starts, len(owners)).astype(np.int64)
