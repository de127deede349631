"""Spoils a few rows of a block's tables, and keeps the list of what was spoilt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recoup.demo.contracts import Contracts
from recoup.demo.slips import SLIPS, Mode, Row, Slip, Where
from recoup.engine.book.contract import BY_NAME

_DRAWS_PER_ROW = 40
_MILLION = 1_000_000


@dataclass(frozen=True)
class Dirt:
    """One row that a reader of the book must find fault with. ``row`` counts data rows from 1."""

    table: str
    row: int
    key: str
    column: str
    code: str
    severity: str


@dataclass(frozen=True)
class _Spoilt:
    """One slip that befell a row of the clean table: what is written there instead or besides."""

    slip: Slip
    source: int
    row: Row


class Spoiler:
    """Spoils the tables of one block of debtors; no debtor suffers more than one slip."""

    def __init__(
        self,
        *,
        chance: np.random.Generator,
        contracts: Contracts,
        as_text: bool,
        at_least_one: bool,
    ) -> None:
        self._chance = chance
        self._contracts = contracts
        self._as_text = as_text
        self._at_least_one = at_least_one
        self._used: set[int] = set()
        self.dirt: list[Dirt] = []

    def spoil(self, name: str, table: pa.Table, written: pa.Table, *, before: int) -> pa.Table:
        """Yield the rows to write: those of ``written``, with slips among them.

        Shape: ``table`` holds the same rows as typed values; ``before`` rows of the file precede.
        """
        slips = [slip for slip in SLIPS if slip.table == name]
        spoilt = [
            found
            for slip in slips
            if self._as_text or not slip.text_only
            for found in self._befalls(slip, table)
        ]
        if not spoilt:
            return written
        return self._rewritten(name, table, written, spoilt, before=before)

    def _befalls(self, slip: Slip, table: pa.Table) -> list[_Spoilt]:
        """Yield the rows that this slip befalls."""
        wanted = int(slip.share_ppm * table.num_rows / _MILLION + self._chance.random())
        wanted = max(wanted, 1) if self._at_least_one else wanted
        found: list[_Spoilt] = []
        if not wanted or not table.num_rows:
            return found
        pool = self._pool(slip, table)
        draws = min(wanted * _DRAWS_PER_ROW, len(pool))
        for place in self._chance.choice(pool, draws, replace=False).tolist():
            row = table.slice(place, 1).to_pylist()[0]
            owner = self._owner(row)
            if owner in self._used or not _suits(slip, row):
                continue
            self._used.add(owner)
            found.append(_Spoilt(slip, place, row))
            if len(found) == wanted:
                break
        return found

    def _pool(self, slip: Slip, table: pa.Table) -> np.ndarray:
        """Yield the rows that the slip could befall."""
        rows = np.arange(table.num_rows)
        if slip.where in (Where.REVERSAL, Where.PLAIN_PAYMENT):
            is_reversal = table["reverses"].is_valid().to_numpy()
            rows = np.flatnonzero(is_reversal == (slip.where is Where.REVERSAL))
            if slip.where is Where.PLAIN_PAYMENT:
                taken_back = pc.is_in(table["payment_id"], table["reverses"].drop_null())
                rows = np.flatnonzero(~is_reversal & ~taken_back.to_numpy())
        if slip.where is Where.LATER_INSTALMENT:
            rows = np.flatnonzero(table["seq"].to_numpy() > 4)
        return rows

    def _owner(self, row: Row) -> int:
        """Yield the number of the debtor to whom a row belongs."""
        if "debtor_id" in row:
            return int(str(row["debtor_id"])[1:])
        contract = int(str(row["contract_id"])[1:]) - 1 - int(self._contracts.contract[0])
        return int(self._contracts.owner[contract])

    def _rewritten(
        self,
        name: str,
        table: pa.Table,
        written: pa.Table,
        spoilt: Sequence[_Spoilt],
        *,
        before: int,
    ) -> pa.Table:
        changes = [dict(found.slip.change(found.row)) for found in spoilt]
        sources = np.array([found.source for found in spoilt])
        extra = _changed(written.take(pa.array(sources)), changes)
        replaced = [f.source for f in spoilt if f.slip.mode in (Mode.CHANGE, Mode.CLASH)]
        stays = np.ones(table.num_rows, dtype=np.bool_)
        stays[replaced] = False
        kept = np.flatnonzero(stays)
        places = np.concatenate([kept, sources])
        from_extra = np.concatenate([np.zeros(len(kept)), np.ones(len(sources))])
        rows = np.concatenate([kept, table.num_rows + np.arange(len(sources))])
        order = np.lexsort((from_extra, places))
        both = pa.concat_tables([written, extra]).unify_dictionaries().combine_chunks()
        new_place = np.full(table.num_rows + len(sources), -1)
        new_place[rows[order]] = np.arange(len(order))
        for number, found in enumerate(spoilt):
            row = {**found.row, **changes[number]}
            at = before + int(new_place[table.num_rows + number]) + 1
            self._list(name, found, row, at=at)
            if found.slip.mode in (Mode.TWICE, Mode.CLASH):
                other = found.source if found.slip.mode is Mode.TWICE else found.source - 1
                self._list(name, found, row, at=before + int(new_place[other]) + 1)
        return both.take(pa.array(rows[order]))

    def _list(self, name: str, found: _Spoilt, row: Row, *, at: int) -> None:
        key = "/".join(_text(row.get(column)) or "" for column in BY_NAME[name].key)
        slip = found.slip
        self.dirt.append(
            Dirt(
                table=name,
                row=at,
                key=key,
                column=slip.column,
                code=slip.code,
                severity=slip.severity,
            )
        )


def _suits(slip: Slip, row: Row) -> bool:
    """Yield whether the slip would show in this row."""
    if slip.code == "contract_of_another_debtor":
        return row["debtor_id"] != "D000000001"
    return True


def _changed(rows: pa.Table, changes: Sequence[Mapping[str, object]]) -> pa.Table:
    """Yield the rows with the changed cells, in columns of the same types."""
    touched = {column for change in changes for column in change}
    for column in touched:
        place = rows.schema.get_field_index(column)
        kind = rows.schema.field(column).type
        cells = rows[column].to_pylist()
        for number, change in enumerate(changes):
            if column in change:
                cells[number] = change[column]
        is_text = pa.types.is_string(kind) or pa.types.is_dictionary(kind)
        if is_text:
            cells = [_text(cell) for cell in cells]
        fresh = pa.array(cells, pa.string() if is_text else kind)
        if pa.types.is_dictionary(kind):
            fresh = fresh.dictionary_encode()
        rows = rows.set_column(place, column, fresh)
    return rows


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def dirt_columns(dirt: Sequence[Dirt]) -> Mapping[str, pa.Array]:
    """Yield the rows of the side file ``dirty``."""
    return {
        "table": pa.array([one.table for one in dirt], pa.string()),
        "row": pa.array([one.row for one in dirt], pa.int64()),
        "key": pa.array([one.key for one in dirt], pa.string()),
        "column": pa.array([one.column for one in dirt], pa.string()),
        "code": pa.array([one.code for one in dirt], pa.string()),
        "severity": pa.array([one.severity for one in dirt], pa.string()),
    }
