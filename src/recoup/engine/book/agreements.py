"""Contracts: every one that can be identified becomes a loan, numbered by debtor and id."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recoup.engine.book.cells import CURRENCIES
from recoup.engine.book.checking import UNHARMED, Checked, Ranks, TableRun
from recoup.engine.book.columns import (
    NONE,
    Flags,
    Ints,
    Ordinals,
    flags_of,
    is_text,
    plain,
    taken,
)
from recoup.engine.book.contract import CONTRACTS, STATUSES
from recoup.engine.book.held import HeldColumn, HeldTable, hold
from recoup.engine.book.ids import IdIndex
from recoup.engine.book.people import People, with_known_ids, without_doubles
from recoup.engine.book.refused import Sentences
from recoup.engine.book.sentences import RANK
from recoup.kernel.money import exponent

#: Digits of each currency, by its place in CURRENCIES; the last place stands for "not known".
DIGITS = np.array([*(exponent(code) for code in CURRENCIES), NONE], np.int64)
#: Names that the normal form of contracts uses itself.
TAKEN_NAMES = frozenset({"loan", "person", "row", "bad_code"})

_FLAG_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_WORDS = {"true": 1, "false": 0}


@dataclass
class Agreements:
    """The loans of the book, sorted by person and contract id.

    ``currency`` is a place in CURRENCIES, NONE if not known; ``lost`` finds the ids of contracts
    whose rows were rejected whole.
    """

    table: HeldTable
    index: IdIndex
    lost: IdIndex
    person: Ordinals
    currency: Ints
    extra_flags: tuple[str, ...]
    remarks: tuple[Sentences, ...]

    @property
    def size(self) -> int:
        """How many loans there are."""
        return self.table.size

    @property
    def rank(self) -> Ranks:
        """How badly each loan fares."""
        return self.table.rank

    def find(self, checked: Checked) -> Ordinals:
        """Yield the loan of each row of a piece, from its column contract_id."""
        return self.index.find(checked.cells["contract_id"].texts)

    def refer(self, checked: Checked) -> Ordinals:
        """Replace contract_id by loans in a piece, with a fault where there is none; yield them."""
        loans = self.find(checked)
        faults = {"unknown_contract": np.ones(checked.size, bool)}
        if (loans == NONE).any():
            lost = self.lost.find(checked.cells["contract_id"].texts) != NONE
            faults = {"contract_rejected": lost, "unknown_contract": ~lost}
        checked.refer("contract_id", loans, faults)
        return loans

    def exponents(self, loans: Ordinals) -> int | Ints:
        """Yield the digits of each row's currency: one number where the book has only one."""
        if self._one_exponent is None:
            self._one_exponent = np.unique(DIGITS[self.currency])
        if len(self._one_exponent) == 1 and self._one_exponent[0] != NONE:
            return int(self._one_exponent[0])
        digits: Ints = DIGITS[np.append(self.currency, NONE)[loans]]
        return digits

    def currencies(self, loans: Ordinals) -> Ints:
        """Yield the currency of each row: one cell where the book has only one."""
        if self._one_currency is None:
            self._one_currency = np.unique(self.currency)
        if len(self._one_currency) == 1:
            return self._one_currency
        return np.append(self.currency, NONE)[loans]

    _one_exponent: Ints | None = None
    _one_currency: Ints | None = None


def read_agreements(run: TableRun, people: People) -> Agreements:
    """Yield the loans of table contracts.

    A row with faults keeps its place, without the faulty values and with a rank, as long as its id
    and its debtor are known; otherwise the contract is lost.
    """
    extras = _Extras(run)

    def refine(checked: Checked) -> None:
        extras.note(checked)
        _check_contract(checked, people)

    read = table = hold(run, refine=refine, columns=extras.names)
    run.reject_lines(table.bad_lines, [""] * len(table.bad_lines))
    table.columns |= extras.columns()
    every_id = table.texts("contract_id").filter(pa.array(table.columns["contract_id"].known))
    table = with_known_ids(table, "contract_id", "debtor_id")
    table = without_doubles(run, table, identity=("contract_id", "debtor_id"))
    table = table.at(_order(table))
    _control_sums(run, read, table)
    person = table.numbers("debtor_id").astype(np.int32)
    harmed = people.rank[person] < UNHARMED
    table.rank[harmed] = np.minimum(table.rank[harmed], np.int16(RANK["debtor_rejected"]))
    index = IdIndex(table.texts("contract_id"))
    run.tally.kept = table.size
    return Agreements(
        table=table,
        index=index,
        lost=_lost(every_id, index),
        person=person,
        currency=_currency(table),
        extra_flags=tuple(sorted(extras.columns())),
        remarks=extras.remarks(),
    )


def _check_contract(checked: Checked, people: People) -> None:
    everyone = np.ones(checked.size, bool)
    checked.refer("debtor_id", people.find(checked), {"unknown_debtor": everyone})
    checked.take_for_granted("status", STATUSES.index("active"))
    known = checked.known("currency")
    digits = np.where(known, DIGITS[np.where(known, checked.numbers("currency"), NONE)], NONE)
    same = np.unique(digits)
    exponents = int(same[0]) if len(same) == 1 and same[0] != NONE else digits
    for column in ("principal", "expected_credit_loss"):
        checked.to_minor(column, exponents)
    for end in ("maturity_date", "restructured_on", "written_off_on"):
        checked.end_before_start(start="start_date", end=end)
    checked.end_before_start(start="restructured_on", end="first_due_after_restructuring")


def _order(table: HeldTable) -> Ints:
    """Places in order of person, then contract id in byte order."""
    person = table.numbers("debtor_id")
    ids = table.texts("contract_id")
    if table.size < 2:
        return np.arange(table.size)
    step = np.diff(person)
    if (step >= 0).all():
        rising = flags_of(pc.less(ids[:-1], ids[1:]))
        if (rising | (step > 0)).all():
            return np.arange(table.size)
    columns = pa.table({"person": pa.array(person), "id": ids})
    order: Ints = pc.sort_indices(
        columns, sort_keys=[("person", "ascending"), ("id", "ascending")]
    ).to_numpy()
    return order.astype(np.int64)


def _currency(table: HeldTable) -> Ints:
    column = table.columns["currency"]
    return np.where(column.known, table.numbers("currency"), NONE)


def _lost(every_id: pa.StringArray, index: IdIndex) -> IdIndex:
    missing = np.flatnonzero(index.find(every_id) == NONE)
    return IdIndex(plain(pc.unique(taken(every_id, missing))))


def _control_sums(run: TableRun, read: HeldTable, kept: HeldTable) -> None:
    """Add up the principal: accepted are the kept rows without fault, rejected all others."""
    accepted = kept.at(np.flatnonzero(~kept.bad))
    for table, sign, is_accepted in ((read, 1, False), (accepted, -1, False), (accepted, 1, True)):
        rows = np.flatnonzero(table.columns["principal"].known)
        if len(rows):
            run.tally.add_sums(
                column="principal",
                amounts=sign * table.numbers("principal")[rows],
                currencies=_currency(table)[rows],
                accepted=is_accepted,
            )


class _Extras:
    """Columns that the contract does not name: booleans are kept, others ignored with a remark."""

    def __init__(self, run: TableRun) -> None:
        source = run.source
        self._strangers = [name for name in source.names if name not in run.spec.names]
        self.names = possible_flags(names=source.names, type_of=source.type_of)
        self._parts: dict[str, list[tuple[Flags, Ints]]] = {name: [] for name in self.names}
        self._filled = {name for name in self.names if pa.types.is_boolean(source.type_of(name))}
        self._table = source.path.name

    def note(self, checked: Checked) -> None:
        """Keep a piece's cells of every column that is still a column of booleans."""
        for name in list(self._parts):
            array = checked.piece.columns[name]
            read = _flag_cells(array)
            if read is None:
                del self._parts[name]
                continue
            self._parts[name].append(read)
            if read[0].any():
                self._filled.add(name)

    def columns(self) -> dict[str, HeldColumn]:
        """Yield the columns of booleans, whole."""
        return {
            name: HeldColumn(
                np.concatenate([known for known, _ in parts]),
                np.concatenate([values for _, values in parts]),
            )
            for name, parts in self._parts.items()
            if parts and name in self._filled
        }

    def remarks(self) -> tuple[Sentences, ...]:
        """Yield a sentence for each column that was not used."""
        kept = self.columns()
        return tuple(
            unused_column(file=self._table, column=name)
            for name in self._strangers
            if name not in kept
        )


def possible_flags(*, names: Iterable[str], type_of: Callable[[str], pa.DataType]) -> list[str]:
    """Yield the columns beyond the book contract that may hold booleans, by name and type."""
    stored = {column.stored_as for column in CONTRACTS.columns}
    return [
        name
        for name in names
        if name not in CONTRACTS.names
        and _FLAG_NAME.fullmatch(name)
        and name not in TAKEN_NAMES
        and name not in stored
        and (pa.types.is_boolean(type_of(name)) or is_text(type_of(name)))
    ]


def unused_column(*, file: str, column: str) -> Sentences:
    """Yield the remark on a column that is not used."""
    return Sentences(
        f"{file} 的列 {column} 不在约定之内，也不是是非值，未采用。",
        f"Column {column} of {file} is not in the book contract and holds no "
        "booleans; it was not used.",
    )


def _flag_cells(array: pa.Array) -> tuple[Flags, Ints] | None:
    """Yield which cells have a value and 0 or 1 for each; None unless all are booleans."""
    if not pa.types.is_boolean(array.type):
        texts = array if pa.types.is_dictionary(array.type) else plain(array.dictionary_encode())
        words = [text.lower() if text else "" for text in texts.dictionary.to_pylist()]
        if any(word and word not in _WORDS for word in words):
            return None
        pool = pa.array([None if not word else word == "true" for word in words], pa.bool_())
        array = pool.take(texts.indices)
    known = flags_of(pc.is_valid(array))
    return known, flags_of(pc.fill_null(array, False)).astype(np.int64)
