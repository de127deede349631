"""Checks the rows of one table, piece by piece: reads the cells, records faults, gives verdicts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recoup.engine.book import amounts
from recoup.engine.book.cells import Cells, WrongType, absent, read_cells, with_fault
from recoup.engine.book.columns import NONE, Flags, Ints, Ordinals, as_text, taken
from recoup.engine.book.contract import Column, Kind, TableSpec
from recoup.engine.book.csv_source import CsvSource
from recoup.engine.book.intake import Tally
from recoup.engine.book.parquet_source import ParquetSource
from recoup.engine.book.refused import refuse
from recoup.engine.book.rejects import TableRejects
from recoup.engine.book.sentences import BY_CODE, RANK, Severity, severity_of
from recoup.engine.book.source import BadLine, Piece, Source

Ranks = npt.NDArray[np.int16]

#: Rank of a row or loan that nothing speaks against.
UNHARMED = 32_767
#: Amounts and their currencies are unknown together.
NO_CURRENCY = -1

#: What a kind of column holds, in words.
KIND_WORDS = {
    Kind.DATE: ("日期", "a date"),
    Kind.INSTANT: ("时刻", "an instant"),
    Kind.AMOUNT: ("金额", "an amount"),
    Kind.RATE: ("利率", "a rate"),
    Kind.WHOLE: ("整数", "a whole number"),
    Kind.FRACTION: ("小数", "a decimal"),
    Kind.BOOLEAN: ("是非值", "a yes or no"),
}


def open_source(*, path: Path, spec: TableSpec, scratch: Path) -> Source:
    """Yield the source of a table's file, by its name; ``scratch`` is a folder to work in.

    Errors: BookRefused.
    """
    if path.suffix == ".parquet":
        return ParquetSource(path=path, spec=spec, scratch=scratch)
    return CsvSource(path=path, spec=spec)


@dataclass
class Checked:
    """A piece whose cells have been read; the table's own rules may replace cells and add faults.

    ``cells`` has every column of the contract, in its order.
    """

    piece: Piece
    cells: dict[str, Cells]

    @property
    def size(self) -> int:
        """How many rows the piece has."""
        return len(self.piece.rows)

    def fault(self, column: str, code: str, rows: Flags) -> None:
        """Add a fault to a column's cells, where it has none yet."""
        if rows.any():
            self.cells[column] = with_fault(self.cells[column], code=code, rows=rows)

    def known(self, column: str) -> Flags:
        """Which rows have a readable value in a column."""
        known = self.cells[column].known
        return np.ones(self.size, bool) if known is None else known

    def numbers(self, column: str) -> Ints:
        """The numbers of a column that holds numbers."""
        numbers = self.cells[column].numbers
        if numbers is None:
            raise KeyError(f"{column} holds no numbers")
        return numbers

    def refer(self, column: str, ordinals: Ordinals, faults: Mapping[str, Flags]) -> None:
        """Replace ids by the ordinals of the rows they name; ids that name none are faults.

        Shape: ``faults`` says, per code, which of the rows without an ordinal it covers.
        """
        cells = self.cells[column]
        named = self.known(column)
        self.cells[column] = Cells(
            cells.column, ordinals.astype(np.int64), None, None, cells.known, cells.faults
        )
        for code, flags in faults.items():
            self.fault(column, code, flags & named & (ordinals == NONE))

    def take_for_granted(self, column: str, number: int) -> None:
        """Give a column of codes the value that the contract says it has where none is written."""
        cells = self.cells[column]
        if cells.known is None:
            return
        empty = ~cells.known
        for flags in cells.faults.values():
            empty &= ~flags
        numbers = np.where(empty, number, self.numbers(column))
        self.cells[column] = Cells(
            cells.column, numbers, None, None, cells.known | empty, cells.faults
        )

    def end_before_start(self, *, start: str, end: str) -> None:
        """Fault the end where both days are known and it lies before the start."""
        if end in self.piece.columns:
            early = self.numbers(end) < self.numbers(start)
            self.fault(end, "end_before_start", early & self.known(start) & self.known(end))

    def to_minor(self, column: str, exponents: int | Ints) -> None:
        """Turn amounts into minor units, given each row's currency digits (-1: not known)."""
        cells = self.cells[column]
        units = cells.units
        if units is None:
            raise KeyError(f"{column} holds no amounts")
        if isinstance(exponents, int):
            minor, fine, _ = amounts.minor_units(units, exponents=exponents)
        else:
            minor, fine, _ = amounts.minor_units(units, exponents=np.maximum(exponents, 0))
        known = cells.known
        if not isinstance(exponents, int) and (exponents < 0).any():
            known = self.known(column) & (exponents >= 0)
        cells = Cells(cells.column, minor, None, None, known, cells.faults)
        if fine is not None:
            cells = with_fault(
                cells, code="too_many_digits", rows=fine if known is None else fine & known
            )
        if units.negative_zero is not None:
            cells = with_fault(cells, code="negative_zero", rows=units.negative_zero)
            cells = _still_known(cells, "negative_zero")
        self.cells[column] = cells


def _still_known(cells: Cells, code: str) -> Cells:
    """A warning leaves the value in use."""
    flags = cells.faults.get(code)
    if flags is None or cells.known is None:
        return cells
    return Cells(
        cells.column, cells.numbers, cells.texts, cells.units, cells.known | flags, cells.faults
    )


@dataclass(frozen=True)
class Verdict:
    """What became of the rows of a piece: which are rejected, and how badly their contract fares.

    ``rank`` is the smallest rank of a finding that makes the row's contract undecidable, UNHARMED
    where there is none.
    """

    bad: Flags
    rank: Ranks


class TableRun:
    """One reading of one table: its source, its rejects and its tally."""

    def __init__(self, *, spec: TableSpec, source: Source, scratch: Path) -> None:
        self.spec = spec
        self.source = source
        self.rejects = TableRejects(spec=spec, file=source.path.name, scratch=scratch)
        present = tuple(name for name in spec.names if name in source.names)
        self.tally = Tally(rejects=self.rejects, columns=present)

    def checked(self, columns: Sequence[str] = ()) -> Iterator[Checked]:
        """Yield the pieces with the cells of every column read; ``columns`` are read besides.

        Errors: BookRefused, when a column's type cannot hold what the contract says.
        """
        for piece in self.pieces(columns):
            yield self.check(piece)

    def pieces(self, columns: Sequence[str] = ()) -> Iterator[Piece]:
        """Yield the pieces as the file has them, counted; ``columns`` are read besides."""
        for piece in self.source.pieces([*self.spec.names, *columns]):
            self.tally.read += len(piece.rows) + len(piece.bad_lines)
            self.tally.rejected += len(piece.bad_lines)
            yield piece

    def check(self, piece: Piece) -> Checked:
        """Yield a piece with the cells of every column read.

        Errors: BookRefused, when a column's type cannot hold what the contract says.
        """
        cells = {column.name: self._cells(column, piece) for column in self.spec.columns}
        return Checked(piece, cells)

    def _cells(self, column: Column, piece: Piece) -> Cells:
        array = piece.columns.get(column.name)
        if array is None:
            return absent(column, len(piece.rows))
        try:
            return read_cells(column, array)
        except (WrongType, pa.ArrowException) as wrong:
            # Arrow itself cannot read some values, such as times of a zone that does not exist.
            zh, en = KIND_WORDS.get(column.kind, ("文本", "text"))
            raise refuse(
                "unreadable_type",
                file=self.source.path.name,
                column=column.name,
                type=wrong.args[0] if isinstance(wrong, WrongType) else array.type,
                zh=zh,
                en=en,
            ) from wrong

    def judge(self, checked: Checked) -> Verdict | None:
        """Record every fault of a piece; yield the verdicts, or None when no row is rejected."""
        bad, rank = None, None
        for cells in checked.cells.values():
            for code, flags in cells.faults.items():
                severity = severity_of(code=code, matters=cells.column.matters)
                self._record(checked.piece, cells.column.name, code, severity, flags)
                if severity is not Severity.ERROR:
                    continue
                if bad is None or rank is None:
                    bad = np.zeros(checked.size, bool)
                    rank = np.full(checked.size, UNHARMED, np.int16)
                bad |= flags
                if not BY_CODE[code].spares:
                    rank[flags] = np.minimum(rank[flags], np.int16(RANK[code]))
        if bad is None or rank is None:
            return None
        self.tally.rejected += int(bad.sum())
        return Verdict(bad, rank)

    def remark(self, piece: Piece, column: str, code: str, flags: Flags) -> None:
        """Record something about rows that are accepted all the same."""
        self._record(piece, column, code, BY_CODE[code].severity, flags)

    def _record(
        self, piece: Piece, column: str, code: str, severity: Severity, flags: Flags
    ) -> None:
        places = np.flatnonzero(flags)
        array = piece.columns.get(column)
        self.rejects.add(
            code=code,
            severity=severity,
            rows=piece.rows[places],
            keys=self.keys(piece, places),
            column=column,
            values=None if array is None else shown(taken(array, places)),
        )

    def keys(self, piece: Piece, places: Ints) -> pa.Array:
        """Yield the key of some rows as text, its columns joined by ``/``."""
        parts = [
            shown(taken(piece.columns[name], places))
            for name in self.spec.key
            if name in piece.columns
        ]
        return joined_keys(parts)

    def reject_lines(self, lines: Iterable[BadLine], keys: Sequence[str]) -> None:
        """Record lines that are no rows; ``keys`` names what each may speak of, or is empty."""
        for line, key in zip(lines, keys, strict=True):
            self.rejects.add(
                code=line.code,
                severity=Severity.ERROR,
                rows=np.array([line.row]),
                keys=pa.array([key or None], pa.string()),
                values=pa.array([line.text], pa.string()),
            )


def joined_keys(parts: Sequence[pa.Array]) -> pa.Array:
    """Yield texts joined by ``/``, missing ones as nothing."""
    if len(parts) == 1:
        return parts[0]
    return pc.binary_join_element_wise(*parts, "/", null_handling="replace", null_replacement="")


def shown(array: pa.Array) -> pa.StringArray:
    """Yield values as text to be shown, whatever their type; broken text with marks in it."""
    try:
        texts = as_text(array)
        texts.validate(full=True)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return pa.array([_shown_value(value) for value in array.cast(pa.binary()).to_pylist()])
    return texts


def _shown_value(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8", errors="replace")


def named_in(line: BadLine) -> list[str]:
    """Yield the cells of a broken line, as far as they can be told, to search them for ids."""
    return [cell.strip().strip('"') for cell in line.text.split(",")]
