"""Runs the SQL twin on the normal form of a book, and the compiled kernel on the same rows."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from recoup.engine.backends.compiled import compiled
from recoup.engine.blocks import offsets
from recoup.engine.trace_rules import trace_rules
from recoup.engine.tracing import days, loan_parameters
from recoup.engine.working_days import moved_days
from recoup.kernel.calendar import day_number
from recoup.kernel.delinquency import RESULT, RESULT_DAYS, trace_block
from recoup.policy.pack import Pack
from recoup.policy.strategy import Strategy

STATEMENTS = Path(__file__).with_name("twin.sql").read_text(encoding="utf-8")


@dataclass(frozen=True, kw_only=True)
class Law:
    """What the twin is told of the law, written down here and not asked of the pack."""

    card_late_from_dpd: int
    npl_over_days: int
    upgrade_months: int
    upgrade_periods: int
    observe_months: int
    observe_periods: int
    moves_due_days: bool


#: CN-CON-22, CN-CLS-05, CN-CLS-13, CN-CLS-18; nothing moves an agreed due day.
CN = Law(
    card_late_from_dpd=91,
    npl_over_days=90,
    upgrade_months=6,
    upgrade_periods=2,
    observe_months=12,
    observe_periods=2,
    moves_due_days=False,
)
#: ZZ-MON-02, ZZ-CLS-03, ZZ-CLS-07, ZZ-CLS-08, ZZ-CIV-03.
ZZ = Law(
    card_late_from_dpd=61,
    npl_over_days=100,
    upgrade_months=3,
    upgrade_periods=3,
    observe_months=6,
    observe_periods=3,
    moves_due_days=True,
)


def twin_figures(*, book: Path, as_of: date, law: Law, rest_days: frozenset[date]) -> pa.Table:
    """Every figure of every loan by the SQL twin, in the order of the book."""
    connection = duckdb.connect(config={"threads": 2})
    values = {"as_of": as_of, **vars(law)}
    for name, value in values.items():
        connection.execute(f"SET VARIABLE {name} = ?", [value])
    connection.execute("CREATE TEMP TABLE rest_days (rest_day DATE)")
    if rest_days:
        listed = ", ".join(f"(DATE '{day}')" for day in sorted(rest_days))
        connection.execute(f"INSERT INTO rest_days VALUES {listed}")
    connection.execute(_READING.format(book=book))
    connection.execute(STATEMENTS)
    return connection.execute("SELECT * FROM twin ORDER BY loan").to_arrow_table()


# A due day on a rest day becomes the first day after it that is no rest day: the rest days are
# numbered, days that follow one another without a gap share `day - number`, and the day after the
# last of such a run is meant.
_READING = """
CREATE TEMP TABLE moved AS
SELECT rest_day, MAX(rest_day) OVER (PARTITION BY run) + 1 AS working_day
FROM (
    SELECT rest_day, rest_day - CAST(ROW_NUMBER() OVER (ORDER BY rest_day) AS INTEGER) AS run
    FROM rest_days
) AS runs;

CREATE TEMP TABLE loans AS
SELECT
    c.loan,
    CASE WHEN product = 'credit_card' THEN getvariable('card_late_from_dpd') ELSE 0 END
        AS late_from_dpd,
    CASE WHEN financial_difficulty IS DISTINCT FROM FALSE THEN COALESCE(
        m.working_day, c.first_due_after_restructuring_on, c.restructured_on
    ) END AS observe_from
FROM '{book}/contracts.parquet' AS c
LEFT JOIN moved AS m ON getvariable('moves_due_days')
    AND m.rest_day = COALESCE(c.first_due_after_restructuring_on, c.restructured_on);

CREATE TEMP TABLE dues AS
SELECT i.* REPLACE (COALESCE(m.working_day, i.due_on) AS due_on)
FROM '{book}/instalments.parquet' AS i
LEFT JOIN moved AS m ON getvariable('moves_due_days') AND m.rest_day = i.due_on;

CREATE TEMP TABLE receipts AS
SELECT * FROM '{book}/payments.parquet' WHERE NOT is_reversed;
"""


def kernel_figures(*, book: Path, as_of: date, pack: Pack, strategy: Strategy) -> pa.Table:
    """The same by the compiled kernel, with every column of its result."""
    contracts = pq.read_table(book / "contracts.parquet")
    moved = moved_days(pack=pack, on=as_of)
    dues = moved.table(rows=pq.read_table(book / "instalments.parquet"), column="due_on")
    receipts = duckdb.connect().execute(
        f"SELECT * FROM '{book}/payments.parquet' WHERE NOT is_reversed "
        "ORDER BY loan, paid_on, payment_id"
    )
    received = receipts.to_arrow_table()
    rules = trace_rules(pack=pack, strategy=strategy, on=as_of)
    known = loan_parameters(contracts=contracts, rules=rules, moved=moved.days)
    out = np.zeros((contracts.num_rows, len(RESULT)), np.int64)
    compiled(trace_block)(
        0,
        contracts.num_rows,
        _offsets(dues, contracts.num_rows),
        days(dues.column("due_on")),
        *(dues.column(f"{part}_minor").to_numpy() for part in ("principal", "interest", "fee")),
        _offsets(received, contracts.num_rows),
        days(received.column("paid_on")),
        received.column("amount_minor").to_numpy(),
        received.column("is_waiver").to_numpy(),
        day_number(as_of),
        known.late_from_dpd,
        known.order,
        known.order_late,
        rules.npl_over_days,
        rules.upgrade_months,
        rules.upgrade_periods,
        known.observe_from,
        rules.observe_months,
        rules.observe_periods,
        out,
    )
    return pa.table({name: out[:, place] for place, name in enumerate(RESULT)})


def _offsets(rows: pa.Table, loans: int) -> np.ndarray:
    return offsets(ordinals=rows.column("loan").to_numpy(), first=0, until=loans)


def differing(twin: pa.Table, kernel: pa.Table) -> dict[str, list[tuple[int, int, int]]]:
    """Per figure, the first loans on which the two disagree, as (loan, twin, kernel)."""
    assert twin.num_rows == kernel.num_rows
    found = {}
    for name in RESULT:
        mine = _numbers(twin.column(name), is_day=name in RESULT_DAYS)
        theirs = kernel.column(name).to_numpy()
        places = np.flatnonzero(mine != theirs)
        if len(places):
            found[name] = [(int(at), int(mine[at]), int(theirs[at])) for at in places[:5]]
    return found


def _numbers(column: pa.ChunkedArray, *, is_day: bool) -> np.ndarray:
    if is_day:
        return days(column.cast(pa.date32())).astype(np.int64)
    return column.cast(pa.int64()).to_numpy()


def rest_days_of(pack: Pack, *, first: int, until: int) -> frozenset[date]:
    """The days from 1 January of one year to the end of another that are no working days."""
    numbers = range(date(first, 1, 1).toordinal(), date(until + 1, 1, 1).toordinal())
    every = (date.fromordinal(number) for number in numbers)
    return frozenset(day for day in every if not pack.calendar.is_working(day))
