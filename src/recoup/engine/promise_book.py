"""Every promise of a night's book, and of the desk, with what became of it: what the desk shows.

The night counts broken promises for its decisions and keeps no row of each; here the same loop runs
over the same rows once more, for all persons who promised anything, with what the desk recorded
and the book does not have yet put among them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from recoup.engine.blocks import ROWS_READ, Block
from recoup.engine.promising import Tolerance, match_promises
from recoup.kernel.calendar import day_number
from recoup.kernel.promises import STATUSES

PROMISE_COLUMNS = ("promise_id", "person", "loan", "made_on", "due_on", "amount_minor")
PAYMENT_COLUMNS = (
    *("loan", "paid_on", "payment_id", "amount_minor", "is_waiver"),
    "is_reversed",
)


@dataclass(frozen=True, kw_only=True)
class DeskPromise:
    """A promise that the desk recorded; ``contract_id`` None: any of the person's contracts."""

    promise_id: str
    debtor_id: str
    contract_id: str | None
    made_on: date
    due_on: date
    amount_minor: int


@dataclass(frozen=True, kw_only=True)
class DeskReceipt:
    """A receipt that the desk posted and nobody took back."""

    payment_id: str
    contract_id: str
    paid_on: date
    amount_minor: int


@dataclass(frozen=True, kw_only=True)
class DeskRows:
    """What the desk knows beside the book. Rows that the book has too count once, as it has them.

    ``reversed_payment_ids`` count for nothing; ``withdrawn_promise_ids`` take no receipts.
    """

    promises: Sequence[DeskPromise] = ()
    receipts: Sequence[DeskReceipt] = ()
    reversed_payment_ids: frozenset[str] = frozenset()
    withdrawn_promise_ids: frozenset[str] = frozenset()


NO_ROWS = DeskRows()


def promises_matched(
    *,
    result: Path,
    as_of: date,
    tolerance: Tolerance,
    base_currency: str,
    desk: DeskRows = NO_ROWS,
) -> pa.Table:
    """Yield one row per promise, by person, day made and id; withdrawn ones are not among them.

    Shape: promise_id, debtor_id, contract_id (null: any of the person's), currency, made_on,
    due_on, amount_minor, matched_minor, status (a name of STATUSES), in_book. The currency is the
    contract's; without one, that of all the person's contracts, else the base currency. Promises
    of the desk by people whom the book does not have are left out.
    """
    book = result / "book"
    contracts = pq.read_table(
        book / "contracts.parquet", columns=["loan", "contract_id", "person", "currency"]
    )
    debtors = pq.read_table(book / "debtors.parquet", columns=["person", "debtor_id"])
    promises = _promises(book=book, debtors=debtors, contracts=contracts, desk=desk)
    matched = match_promises(
        promises=promises,
        payments=_payments(book=book, promises=promises, contracts=contracts, desk=desk),
        person_of_loan=contracts.column("person"),
        block=Block(0, contracts.num_rows, 0, debtors.num_rows),
        as_of_day=day_number(as_of),
        tolerance=tolerance,
    )
    return pa.table(
        {
            "promise_id": promises.column("promise_id"),
            "debtor_id": debtors.column("debtor_id").take(promises.column("person")),
            "contract_id": contracts.column("contract_id").take(promises.column("loan")),
            "currency": _currencies(
                promises=promises, contracts=contracts, base_currency=base_currency
            ),
            "made_on": promises.column("made_on"),
            "due_on": promises.column("due_on"),
            "amount_minor": promises.column("amount_minor"),
            "matched_minor": matched.column("matched_minor"),
            "status": pa.array(STATUSES).take(matched.column("status")),
            "in_book": promises.column("in_book"),
        }
    )


def _promises(*, book: Path, debtors: pa.Table, contracts: pa.Table, desk: DeskRows) -> pa.Table:
    """Yield the book's promises and the desk's among them, in the order of the normal form."""
    rows = pq.read_table(book / "promises.parquet", columns=list(PROMISE_COLUMNS))
    schema = rows.schema
    known = rows.column("promise_id")
    rows = rows.append_column("in_book", pa.array(np.ones(rows.num_rows, bool)))
    if desk.promises:
        person = pc.index_in(
            pa.array([one.debtor_id for one in desk.promises], pa.string()),
            value_set=debtors.column("debtor_id"),
        )
        loan = pc.index_in(
            pa.array([one.contract_id for one in desk.promises], pa.string()),
            value_set=contracts.column("contract_id"),
        )
        own = pa.table(
            [
                pa.array([one.promise_id for one in desk.promises], pa.string()),
                person,
                loan,
                pa.array([one.made_on for one in desk.promises], pa.date32()),
                pa.array([one.due_on for one in desk.promises], pa.date32()),
                pa.array([one.amount_minor for one in desk.promises], pa.int64()),
            ],
            names=list(PROMISE_COLUMNS),
        ).cast(schema)
        lost = pc.and_(
            pa.array([one.contract_id is not None for one in desk.promises]), pc.is_null(loan)
        )
        fresh = pc.invert(pc.is_in(own.column("promise_id"), value_set=known))
        own = own.filter(pc.and_(pc.and_(fresh, pc.is_valid(person)), pc.invert(lost)))
        own = own.append_column("in_book", pa.array(np.zeros(own.num_rows, bool)))
        rows = pa.concat_tables([rows, own]).sort_by(
            [("person", "ascending"), ("made_on", "ascending"), ("promise_id", "ascending")]
        )
    if desk.withdrawn_promise_ids:
        gone = pa.array(sorted(desk.withdrawn_promise_ids), pa.string())
        rows = rows.filter(pc.invert(pc.is_in(rows.column("promise_id"), value_set=gone)))
    return rows.combine_chunks()


def _payments(*, book: Path, promises: pa.Table, contracts: pa.Table, desk: DeskRows) -> pa.Table:
    """Yield the payments that count of all persons who promised anything, in the book's order."""
    owners = contracts.column("person").to_numpy()
    asked = np.isin(owners, np.unique(promises.column("person").to_numpy()))
    file = pq.ParquetFile(book / "payments.parquet")
    columns = list(PAYMENT_COLUMNS)
    schema = pa.schema([file.schema_arrow.field(name) for name in columns])
    kept = [schema.empty_table()]
    for batch in file.iter_batches(batch_size=ROWS_READ, columns=columns):
        rows = pa.Table.from_batches([batch]).select(columns).cast(schema)
        kept.append(rows.filter(pa.array(asked[rows.column("loan").to_numpy()])))
    file.close()
    rows = pa.concat_tables(kept)
    if desk.receipts:
        own = _posted(desk=desk, contracts=contracts, schema=schema)
        fresh = pc.is_in(own.column("payment_id"), value_set=rows.column("payment_id"))
        theirs = pa.array(asked[own.column("loan").to_numpy()])
        own = own.filter(pc.and_(theirs, pc.invert(fresh)))
        rows = pa.concat_tables([rows, own]).sort_by(
            [("loan", "ascending"), ("paid_on", "ascending"), ("payment_id", "ascending")]
        )
    counts = pc.invert(rows.column("is_reversed"))
    if desk.reversed_payment_ids:
        back = pa.array(sorted(desk.reversed_payment_ids), pa.string())
        counts = pc.and_(counts, pc.invert(pc.is_in(rows.column("payment_id"), value_set=back)))
    return rows.filter(counts)


def _posted(*, desk: DeskRows, contracts: pa.Table, schema: pa.Schema) -> pa.Table:
    """Yield the desk's receipts as payments; those of contracts that are not there are left out."""
    receipts = desk.receipts
    loan = pc.index_in(
        pa.array([one.contract_id for one in receipts], pa.string()),
        value_set=contracts.column("contract_id"),
    )
    no = pa.array(np.zeros(len(receipts), bool))
    rows = pa.table(
        [
            loan,
            pa.array([one.paid_on for one in receipts], pa.date32()),
            pa.array([one.payment_id for one in receipts], pa.string()),
            pa.array([one.amount_minor for one in receipts], pa.int64()),
            no,
            no,
        ],
        names=list(PAYMENT_COLUMNS),
    )
    return rows.filter(pc.is_valid(loan)).cast(schema)


def _currencies(*, promises: pa.Table, contracts: pa.Table, base_currency: str) -> pa.Array:
    own = contracts.column("currency").take(promises.column("loan"))
    every = contracts.group_by("person").aggregate([("currency", "min"), ("currency", "max")])
    same = pc.equal(every.column("currency_min"), every.column("currency_max"))
    common = every.filter(same)
    place = pc.index_in(promises.column("person"), value_set=common.column("person"))
    return pc.coalesce(own, common.column("currency_min").take(place), pa.scalar(base_currency))
