"""What became of each person within the window: paid, cured, promises kept, contacts, complaints.

The window of a person runs from the day after assignment for the days stated. People whose window
has not ended, and people of whom the book knows too little, have no outcome; they are counted.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from recoup.engine.backends.duck import Duck
from recoup.engine.blocks import Block
from recoup.engine.places import rates_on
from recoup.engine.promising import PromiseRows, Tolerance, match_promises
from recoup.kernel.calendar import day_number
from recoup.kernel.promises import KEPT
from recoup.trials.assignments import Assignments

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_IN_BOOK = """
SELECT a.debtor_id, d.person, a.entered_on, a.entered_on + $days::INTEGER AS ends_on
FROM assigned AS a LEFT JOIN debtors AS d ON d.debtor_id = a.debtor_id
ORDER BY a.debtor_id
"""
_CURED = """
SELECT w.debtor_id, COALESCE(MAX(CASE WHEN p.worst_dpd = 0 THEN 1.0 ELSE 0.0 END), 0.0) AS value,
    COUNT(p.worst_dpd) > 0 AS known
FROM windows AS w
LEFT JOIN people AS p ON p.debtor_id = w.debtor_id
    AND p.as_of > w.entered_on AND p.as_of <= w.ends_on
GROUP BY w.debtor_id ORDER BY w.debtor_id
"""
_PAID = """
SELECT w.debtor_id,
    COALESCE(SUM(CASE WHEN p.paid_on > w.entered_on AND p.paid_on <= w.ends_on
        THEN p.amount_minor::DOUBLE * r.num / r.den END), 0.0) AS value,
    COUNT(c.loan) = COUNT(r.currency) AS known
FROM windows AS w
LEFT JOIN contracts AS c ON c.person = w.person
LEFT JOIN rates AS r ON r.currency = c.currency
LEFT JOIN receipts AS p ON p.loan = c.loan
GROUP BY w.debtor_id ORDER BY w.debtor_id
"""
_RECEIPTS = (
    "SELECT loan, paid_on, amount_minor FROM payments WHERE NOT is_waiver AND NOT is_reversed"
)
_CONTACTS = """
SELECT w.debtor_id, COUNT(c.person)::DOUBLE AS value, TRUE AS known
FROM windows AS w
LEFT JOIN contacts AS c ON c.person = w.person AND c.direction = 'out'
    AND c.local_on > w.entered_on AND c.local_on <= w.ends_on
GROUP BY w.debtor_id ORDER BY w.debtor_id
"""
_COMPLAINTS = """
SELECT w.debtor_id, CASE WHEN COUNT(h.person) > 0 THEN 1.0 ELSE 0.0 END AS value, TRUE AS known
FROM windows AS w
LEFT JOIN holds AS h ON h.person = w.person AND h.kind = 'complaint'
    AND h.from_on > w.entered_on AND h.from_on <= w.ends_on
GROUP BY w.debtor_id ORDER BY w.debtor_id
"""
_PROMISES_KEPT = """
SELECT w.debtor_id, CASE WHEN COUNT(m.person) > 0 THEN 1.0 ELSE 0.0 END AS value, TRUE AS known
FROM windows AS w
LEFT JOIN matched AS m ON m.person = w.person AND m.status = {kept}
    AND m.due_on > w.entered_on AND m.due_on <= w.ends_on
GROUP BY w.debtor_id ORDER BY w.debtor_id
"""


@dataclass(frozen=True, kw_only=True)
class BookKnown:
    """A book in normal form, until when it is known, and what a promise is forgiven."""

    folder: Path
    currency: str
    known_until: date
    tolerance: Tolerance


@dataclass(frozen=True, kw_only=True)
class Outcomes:
    """One outcome per person of an experiment, in the order of its people.

    ``ended``: whether the window has; ``known``: whether the outcome is.
    """

    value: Floats
    ended: Flags
    known: Flags

    @property
    def usable(self) -> Flags:
        """Whether a person counts."""
        return np.asarray(self.ended & self.known)


def outcomes_of(
    *, assignments: Assignments, outcome: str, days: int, book: BookKnown, duck: Duck
) -> Outcomes:
    """Yield what became of the people of an experiment.

    Units: paid in minor units of the base currency; contacts a number; else 0 or 1.
    """
    duck.register("assigned", assignments.people)
    for table in ("debtors", "contracts", "payments", "contacts", "holds"):
        duck.view(table, book.folder / f"{table}.parquet")
    windows = duck.query(_IN_BOOK, {"days": days})
    duck.register("windows", windows)
    found = _MEASURES[outcome](assignments, book, duck)
    ends = windows.column("ends_on").cast(pa.date32())
    ended = pc.less_equal(ends, pa.scalar(book.known_until, pa.date32()))
    in_book = windows.column("person").is_valid()
    known = pc.and_(found.column("known"), in_book)
    return Outcomes(
        value=found.column("value").cast(pa.float64()).to_numpy(),
        ended=ended.to_numpy().astype(bool),
        known=known.to_numpy().astype(bool),
    )


def _cured(assignments: Assignments, book: BookKnown, duck: Duck) -> pa.Table:
    duck.view("people", [night.folder / "people.parquet" for night in assignments.nights])
    return duck.query(_CURED)


def _paid(assignments: Assignments, book: BookKnown, duck: Duck) -> pa.Table:
    rows = pq.read_table(book.folder / "rates.parquet").to_pylist()
    rates = {**rates_on(rates=rows, on=book.known_until), book.currency: (1, 1)}
    table = [{"currency": name, "num": num, "den": den} for name, (num, den) in rates.items()]
    duck.register("rates", pa.Table.from_pylist(table))
    duck.register("receipts", duck.query(_RECEIPTS))
    return duck.query(_PAID)


def _contacts(assignments: Assignments, book: BookKnown, duck: Duck) -> pa.Table:
    return duck.query(_CONTACTS)


def _complaints(assignments: Assignments, book: BookKnown, duck: Duck) -> pa.Table:
    return duck.query(_COMPLAINTS)


def _promises_kept(assignments: Assignments, book: BookKnown, duck: Duck) -> pa.Table:
    duck.register("matched", _matched(book))
    return duck.query(_PROMISES_KEPT.format(kept=KEPT))


def _matched(book: BookKnown) -> pa.Table:
    """Yield every promise of the book with its status, by the night's own loop."""
    owners = pq.read_table(book.folder / "contracts.parquet", columns=["person"]).column("person")
    persons = pq.read_metadata(book.folder / "debtors.parquet").num_rows
    whole = Block(0, len(owners), 0, persons)
    rows = PromiseRows(book=book.folder)
    promises = rows.of(whole)
    rows.close()
    payments = pq.read_table(
        book.folder / "payments.parquet",
        columns=["loan", "paid_on", "amount_minor", "is_waiver", "is_reversed"],
    )
    return match_promises(
        promises=promises,
        payments=payments.filter(pc.invert(payments.column("is_reversed"))),
        person_of_loan=owners,
        block=whole,
        as_of_day=day_number(book.known_until),
        tolerance=book.tolerance,
    )


_MEASURES: Mapping[str, Callable[[Assignments, BookKnown, Duck], pa.Table]] = {
    "paid": _paid,
    "cured": _cured,
    "promises_kept": _promises_kept,
    "contacts": _contacts,
    "complaints": _complaints,
}
