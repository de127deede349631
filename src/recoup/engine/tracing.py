"""Streams the sorted book through the kernel's compiled loops, block by block.

The loops are ``kernel.delinquency.trace_block`` and ``kernel.promises.match_block``; nothing about
a loan is decided here.
"""

import itertools
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recoup.engine.backends.compiled import compiled
from recoup.engine.blocks import ROWS_READ, Block, Ints, SortedRows, offsets
from recoup.kernel.calendar import NO_DAY
from recoup.kernel.delinquency import RESULT, RESULT_DAYS, trace_block

Days = npt.NDArray[np.int32]

#: What the flow and the decisions take of the kernel's result.
TRACED = (
    *("dpd", "dpd_prev", "max_dpd_12m", "overdue_instalments"),
    *("overdue_principal_minor", "overdue_interest_minor", "overdue_fee_minor"),
    *("outstanding_principal_minor", "next_due_on", "npl_episode", "in_observation"),
    *("clean_since", "clean_periods"),
    *("paid_90", "paid_180", "paid_365", "due_90", "due_180", "due_365"),
    *("first_over_30_on", "first_over_90_on"),
)
#: Result columns that are yes or no.
RESULT_FLAGS = ("npl_episode", "in_observation")


@dataclass(frozen=True)
class TraceRules:
    """What the pack says about sequences on the business date; lists have one cell per loan.

    Units: ``*_days`` days, ``*_months`` months, ``*_periods`` repayment periods; orders are places
    in ``kernel.delinquency.ORDERS``; ``late_from_dpd`` 0 means the late order never applies.
    """

    npl_over_days: int
    upgrade_months: int
    upgrade_periods: int
    observe_months: int
    observe_periods: int
    orders: Mapping[str, tuple[int, int, int]]  # product -> order, late order, late_from_dpd
    other_order: tuple[int, int, int]


@dataclass(frozen=True)
class LoanParameters:
    """Per loan of a block: discharge order, late order, from which dpd, observed from which day."""

    order: Ints
    order_late: Ints
    late_from_dpd: Ints
    observe_from: Ints


class LoanRows:
    """The instalments and payments of the book, read once, in loan order."""

    def __init__(self, *, book: Path, rows_read: int = ROWS_READ) -> None:
        parts = ["due_on", "principal_minor", "interest_minor", "fee_minor"]
        received = ["paid_on", "amount_minor", "is_waiver", "is_reversed"]
        self._instalments = SortedRows(
            path=book / "instalments.parquet", by="loan", columns=parts, rows_read=rows_read
        )
        self._payments = SortedRows(
            path=book / "payments.parquet", by="loan", columns=received, rows_read=rows_read
        )

    def of(self, block: Block) -> tuple[pa.Table, pa.Table]:
        """Yield the instalments and the payments that count, of a block; blocks ascend."""
        payments = self._payments.until(block.loan_until)
        if pc.any(payments.column("is_reversed")).as_py():
            payments = payments.filter(pc.invert(payments.column("is_reversed")))
        return self._instalments.until(block.loan_until), payments

    def close(self) -> None:
        """Let go of the files."""
        self._instalments.close()
        self._payments.close()


def days(column: pa.ChunkedArray) -> Days:
    """Yield a date column as day numbers, NO_DAY where it is NULL."""
    numbers = column.cast(pa.int32())
    if numbers.null_count:
        numbers = pc.fill_null(numbers, NO_DAY)
    found: Days = numbers.to_numpy()
    return found


def loan_parameters(
    *, contracts: pa.Table, rules: TraceRules, moved: Callable[[Ints], Ints]
) -> LoanParameters:
    """Yield the per-loan parameters of a block's contracts.

    Shape: ``moved`` takes day numbers off rest days. Where nobody said whether the debtor was in
    difficulty the observation is traced all the same, so that its rule can be shown as open.
    """
    products = contracts.column("product").combine_chunks().dictionary_encode()
    names = products.dictionary.to_pylist()
    orders = [rules.orders.get(name, rules.other_order) for name in names]
    places = products.indices.fill_null(len(orders)).to_numpy()
    chosen = np.array([*orders, rules.other_order])[places]
    observe = days(contracts.column("first_due_after_restructuring_on")).astype(np.int64)
    observe = np.where(observe == NO_DAY, days(contracts.column("restructured_on")), observe)
    difficulty = contracts.column("financial_difficulty").fill_null(True).to_numpy()
    observe = np.where(difficulty, observe, NO_DAY)
    observed = observe != NO_DAY
    observe[observed] = moved(observe[observed])
    return LoanParameters(
        order=chosen[:, 0].astype(np.int64),
        order_late=chosen[:, 1].astype(np.int64),
        late_from_dpd=chosen[:, 2].astype(np.int64),
        observe_from=observe.astype(np.int64),
    )


def trace(
    *,
    block: Block,
    instalments: pa.Table,
    payments: pa.Table,
    parameters: LoanParameters,
    rules: TraceRules,
    as_of_day: int,
    threads: int,
) -> pa.Table:
    """Yield one row per loan of the block, in order: those of the kernel's columns in TRACED."""
    loop = compiled(trace_block)
    out = np.zeros((block.loans, len(RESULT)), np.int64)
    due_offsets = _offsets(instalments, block)
    paid_offsets = _offsets(payments, block)
    given = (
        days(instalments.column("due_on")),
        *(
            instalments.column(f"{part}_minor").to_numpy()
            for part in ("principal", "interest", "fee")
        ),
    )
    received = (
        days(payments.column("paid_on")),
        payments.column("amount_minor").to_numpy(),
        payments.column("is_waiver").to_numpy(),
    )

    def run(bounds: tuple[int, int]) -> None:
        loop(
            *bounds,
            due_offsets,
            *given,
            paid_offsets,
            *received,
            as_of_day,
            parameters.late_from_dpd,
            parameters.order,
            parameters.order_late,
            rules.npl_over_days,
            rules.upgrade_months,
            rules.upgrade_periods,
            parameters.observe_from,
            rules.observe_months,
            rules.observe_periods,
            out,
        )

    _in_parts(run, total=block.loans, threads=threads)
    return _as_table(out)


def _in_parts(run, *, total: int, threads: int) -> None:  # type: ignore[no-untyped-def]
    """Run a loop over 0..total-1 in contiguous parts, one per thread; loops let go of the GIL."""
    cuts = [total * part // threads for part in range(threads + 1)]
    with ThreadPoolExecutor(max_workers=threads) as pool:
        list(pool.map(run, itertools.pairwise(cuts)))


def _offsets(rows: pa.Table, block: Block) -> Ints:
    return offsets(
        ordinals=rows.column("loan").to_numpy(), first=block.loan_from, until=block.loan_until
    )


def traced_schema() -> pa.Schema:
    """Yield the columns and types that a trace adds to a loan."""
    return _as_table(np.zeros((0, len(RESULT)), np.int64)).schema


def _as_table(out: npt.NDArray[np.int64]) -> pa.Table:
    columns = {}
    for name in TRACED:
        values = np.ascontiguousarray(out[:, RESULT.index(name)])
        if name in RESULT_DAYS:
            narrow = pa.array(values.astype(np.int32), mask=values == NO_DAY)
            columns[name if name.endswith("_on") else f"{name}_on"] = narrow.cast(pa.date32())
        elif name in RESULT_FLAGS:
            columns[name] = pa.array(values == 1)
        else:
            columns[name] = pa.array(values)
    return pa.table(columns)
