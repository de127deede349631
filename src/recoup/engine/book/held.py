"""A table small enough to be held in memory: read whole, ordered, freed of double keys."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recoup.engine.book.cells import Cells
from recoup.engine.book.checking import UNHARMED, Checked, Ranks, TableRun, Verdict
from recoup.engine.book.columns import Flags, Ints, as_text, flags_of, plain, taken
from recoup.engine.book.contract import Kind, TableSpec
from recoup.engine.book.ids import Groups, ascending, repeated_rows
from recoup.engine.book.sentences import RANK, Severity
from recoup.engine.book.source import BadLine

#: Stands between the parts of a key of several columns.
KEY_MARK = "\x1f"
#: Text that repeats is held once.
REPEATED_TEXTS = frozenset({"product", "branch", "team", "officer", "time_zone", "language"})


@dataclass
class HeldColumn:
    """One column, whole: numbers or texts, and which rows have a value.

    A column in which no row has a value takes up no memory, however long it is.
    """

    known: Flags
    numbers: Ints | None = None
    texts: pa.Array | None = None

    @property
    def is_empty(self) -> bool:
        """Whether the column was made without any value."""
        return self.known.strides == (0,)

    def emptied(self, rows: int) -> "HeldColumn":
        """Yield a column of the same sort without values."""
        return HeldColumn(
            np.broadcast_to(np.False_, rows),
            None if self.numbers is None else np.broadcast_to(self.numbers.dtype.type(0), rows),
            None if self.texts is None else pa.nulls(rows, pa.string()),
        )

    def at(self, places: Ints) -> "HeldColumn":
        """Yield the column's rows at some places."""
        if self.is_empty:
            return self.emptied(len(places))
        return HeldColumn(
            self.known[places],
            None if self.numbers is None else self.numbers[places],
            None if self.texts is None else taken(self.texts, places),
        )

    def differs(self, some: Ints, others: Ints) -> Flags:
        """Flag where the values at two lists of places are not the same."""
        known, other_known = self.known[some], self.known[others]
        if self.numbers is not None:
            unequal: Flags = self.numbers[some] != self.numbers[others]
        else:
            equal = pc.equal(as_text(taken(self.texts, some)), as_text(taken(self.texts, others)))
            unequal = ~flags_of(pc.fill_null(equal, False))
        differs: Flags = (known != other_known) | (known & other_known & unequal)
        return differs


@dataclass
class HeldTable:
    """All rows of a table. ``rank`` tells how badly a row's contract fares, ``bad`` who is out."""

    rows: Ints
    columns: dict[str, HeldColumn]
    bad: Flags
    rank: Ranks
    bad_lines: list[BadLine] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many rows there are."""
        return len(self.rows)

    def numbers(self, column: str) -> Ints:
        """The numbers of a column that holds numbers."""
        numbers = self.columns[column].numbers
        if numbers is None:
            raise KeyError(f"{column} holds no numbers")
        return numbers

    def texts(self, column: str) -> pa.Array:
        """The texts of a column that holds texts."""
        return self.columns[column].texts

    def at(self, places: Ints) -> "HeldTable":
        """Yield the rows at some places, in that order."""
        if len(places) == self.size and np.array_equal(places, np.arange(self.size)):
            return self
        columns = {name: column.at(places) for name, column in self.columns.items()}
        return HeldTable(
            self.rows[places], columns, self.bad[places], self.rank[places], self.bad_lines
        )

    def differs(self, places: Ints, *, names: Sequence[str] = ()) -> Flags:
        """Flag each place whose row has other content than the place before it in the list.

        Shape: one flag per place, the first one false; ``names`` limits the columns compared.
        """
        unlike = np.zeros(len(places), bool)
        if len(places) > 1:
            for name in names or self.columns:
                unlike[1:] |= self.columns[name].differs(places[1:], places[:-1])
        return unlike

    def forget(self, places: Ints, *, but: Sequence[str]) -> None:
        """Leave some rows without values, save in the named columns."""
        for name, column in self.columns.items():
            if name not in but and not column.is_empty:
                column.known[places] = False


Refine = Callable[[Checked], None]


def hold(run: TableRun, refine: Refine, columns: Sequence[str] = ()) -> HeldTable:
    """Yield a table read whole; ``refine`` applies the table's own rules to each piece.

    ``columns`` are further columns that ``refine`` wants to see in the pieces. Every amount must
    be turned into minor units by ``refine``.
    """
    pieces: dict[str, list[HeldColumn]] = {name: [] for name in run.spec.names}
    rows, bad, ranks = [], [], []
    lines: list[BadLine] = []
    for checked in run.checked(columns):
        refine(checked)
        verdict = run.judge(checked)
        lines.extend(checked.piece.bad_lines)
        rows.append(checked.piece.rows)
        if verdict is None:
            unharmed = np.full(checked.size, UNHARMED, np.int16)
            verdict = Verdict(np.zeros(checked.size, bool), unharmed)
        bad.append(verdict.bad)
        ranks.append(verdict.rank)
        for name, cells in checked.cells.items():
            pieces[name].append(_held(cells, checked.size))
    if not rows:
        return no_rows(run.spec)
    whole = {name: _joined(parts) for name, parts in pieces.items()}
    return HeldTable(np.concatenate(rows), whole, np.concatenate(bad), np.concatenate(ranks), lines)


def no_rows(spec: TableSpec) -> HeldTable:
    """Yield a table without rows."""
    columns = {}
    for column in spec.columns:
        wordy = column.kind in (Kind.ID, Kind.TEXT, Kind.ZONE, Kind.FRACTION)
        columns[column.name] = HeldColumn(
            np.zeros(0, bool),
            None if wordy and column.kind is not Kind.ID else np.zeros(0, np.int64),
            pa.array([], pa.string()) if wordy else None,
        )
    return HeldTable(np.zeros(0, np.int64), columns, np.zeros(0, bool), np.zeros(0, np.int16))


def _held(cells: Cells, rows: int) -> HeldColumn:
    """Yield a piece's cells as they are held."""
    known = np.ones(rows, bool) if cells.known is None else cells.known
    numbers = _narrow(cells.column.kind, cells.numbers)
    held = HeldColumn(known, numbers, _compact(cells.column.name, cells.texts))
    return held if known.any() else held.emptied(rows)


def _compact(name: str, texts: pa.Array | None) -> pa.Array | None:
    if texts is None:
        return None
    if name in REPEATED_TEXTS:
        if pa.types.is_dictionary(texts.type):
            return texts
        return plain(texts.dictionary_encode())
    return plain(texts.dictionary_decode()) if pa.types.is_dictionary(texts.type) else texts


def _narrow(kind: Kind, numbers: Ints | None) -> Ints | None:
    """Codes, days and counts need 32 bits at most; what they cannot hold is not known anyway."""
    if numbers is None or kind in (Kind.AMOUNT, Kind.INSTANT, Kind.RATE):
        return numbers
    return numbers.astype(np.int32)


def _joined(parts: list[HeldColumn]) -> HeldColumn:
    if all(part.is_empty for part in parts):
        return parts[0].emptied(sum(len(part.known) for part in parts))
    known = np.concatenate([part.known for part in parts])
    numbers = [part.numbers for part in parts if part.numbers is not None]
    texts = [part.texts for part in parts if part.texts is not None]
    return HeldColumn(
        known, np.concatenate(numbers) if numbers else None, _joined_texts(texts) if texts else None
    )


def _joined_texts(parts: list[pa.Array]) -> pa.Array:
    kinds = {part.type for part in parts}
    if len(kinds) > 1:
        # A piece without values is plain text where the others are dictionaries.
        parts = [
            part if pa.types.is_dictionary(part.type) else plain(part.dictionary_encode())
            for part in parts
        ]
    chunks = pa.chunked_array(parts)
    if pa.types.is_dictionary(chunks.type):
        chunks = chunks.unify_dictionaries()
    return chunks.combine_chunks()


@dataclass(frozen=True)
class DoubleKeys:
    """Rows that share their key: which to leave out, and the groups that contradict themselves.

    ``conflicting`` holds the places of the contradicting groups only; it is part of ``dropped``.
    """

    dropped: Ints
    conflicting: Groups


def settle_keys(run: TableRun, table: HeldTable, keys: pa.StringArray) -> DoubleKeys:
    """Record rows that share a key, and yield what to leave out.

    Rows with the same content: the first of the file stays. Rows that differ: none stays, so that
    the order of the rows decides nothing.
    """
    nothing = np.zeros(0, np.int64)
    if not keys.null_count and ascending(keys):
        return DoubleKeys(nothing, Groups(nothing, nothing))
    groups = repeated_rows(keys)
    torn = groups.where(_unlike_within(table, groups))
    members = groups.members
    follows = np.ones(len(members), bool)
    follows[groups.starts] = False
    again = np.sort(members[follows & ~torn])
    conflicting = groups.only(torn)
    _reject(run, table, keys, again, "duplicate_row")
    _reject(run, table, keys, np.sort(conflicting.members), "duplicate_key")
    rank = np.int16(RANK["duplicate_key"])
    table.rank[conflicting.members] = np.minimum(table.rank[conflicting.members], rank)
    return DoubleKeys(np.concatenate([again, conflicting.members]), conflicting)


def _unlike_within(table: HeldTable, groups: Groups) -> Flags:
    """Flag members that differ from the member of their group before them."""
    unlike = table.differs(groups.members)
    unlike[groups.starts] = False
    return unlike


def _reject(run: TableRun, table: HeldTable, keys: pa.StringArray, places: Ints, code: str) -> None:
    if len(places):
        legible = pc.replace_substring(taken(keys, places), KEY_MARK, "/")
        run.rejects.add(
            code=code,
            severity=Severity.ERROR,
            rows=table.rows[places],
            keys=legible,
            values=legible,
        )
        run.tally.rejected += int((~table.bad[places]).sum())
        table.bad[places] = True


def key_texts(parts: Sequence[pa.Array]) -> pa.StringArray:
    """Yield one text per row that is the same only where every part is."""
    return plain(
        pc.binary_join_element_wise(*parts, KEY_MARK, null_handling="replace", null_replacement="")
    )


def rest_of(size: int, dropped: Ints) -> Ints:
    """Yield the places that are not dropped, ascending."""
    kept = np.ones(size, bool)
    kept[dropped] = False
    return np.flatnonzero(kept)
