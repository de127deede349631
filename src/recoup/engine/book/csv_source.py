"""Reads a table from CSV: a line is a row, and a broken line never harms its neighbours.

Lines are taken apart here, so that each bad one is known by its number; Arrow's reader then parses
the good ones. A cell may stand in quotes, with a quote inside written twice; it holds no line
break. Both UTF-8 and GB18030 leave commas, quotes and line breaks alone in longer characters.
"""

import codecs
import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from recoup.engine.book.columns import Bytes, Flags, Ints
from recoup.engine.book.contract import LINE_LIMIT_BYTES, TableSpec
from recoup.engine.book.encoding import GB18030, UTF8, foreign_encoding, is_valid, tell_encoding
from recoup.engine.book.files import reason
from recoup.engine.book.refused import refuse
from recoup.engine.book.source import BadLine, Piece, check_header

READ_BYTES = 8 << 20
#: So much of a bad line is kept to be shown, and to be searched for the contract it speaks of.
SHOWN_BYTES = 2_000

_COMMA, _QUOTE, _NEWLINE, _RETURN = (ord(mark) for mark in ',"\n\r')
_AROUND_QUOTES: Flags = np.isin(np.arange(256), [_COMMA, _QUOTE, _NEWLINE, _RETURN])
_COMPRESSION = {".gz": "gzip", ".zst": "zstd"}


class CsvSource:
    """One table's CSV file, plain or compressed.

    Errors: BookRefused, when the file cannot be read, is broken or empty, has an encoding other
    than UTF-8 and GB18030, or lacks a required column.
    """

    def __init__(self, *, path: Path, spec: TableSpec) -> None:
        self.path = path
        self.encoding = tell_encoding(self._blocks())
        self.names = self._header()
        check_header(spec=spec, path=path, names=self.names)

    def type_of(self, column: str) -> pa.DataType:
        """Yield the type in which a column arrives: always text."""
        return pa.string()

    def pieces(self, columns: Sequence[str]) -> Iterator[Piece]:
        """Yield the rows in the file's order, with those of the named columns that it has."""
        wanted = [name for name in columns if name in self.names]
        first_row = 0  # the header is line 1 and row 0
        for block in self._blocks():
            lines = _Lines(block, columns=len(self.names), encoding=self.encoding)
            if first_row == 0:
                lines.skip_first()
            yield self._parsed(lines, first_row, wanted)
            first_row += lines.count

    def _parsed(self, lines: "_Lines", first_row: int, wanted: list[str]) -> Piece:
        good = lines.good()
        rows = first_row + np.flatnonzero(lines.kept)
        bad = tuple(
            BadLine(first_row + place, code, lines.shown(place)) for place, code in lines.bad()
        )
        if not len(rows):
            return Piece(rows, {name: pa.nulls(0, pa.string()) for name in wanted}, bad)
        table = arrow_csv.read_csv(
            pa.BufferReader(good),
            read_options=arrow_csv.ReadOptions(
                column_names=self.names, block_size=len(good) + 1, use_threads=False
            ),
            parse_options=arrow_csv.ParseOptions(ignore_empty_lines=False),
            convert_options=arrow_csv.ConvertOptions(
                include_columns=wanted,
                column_types=dict.fromkeys(wanted, pa.string()),
                strings_can_be_null=True,
                null_values=[""],
                check_utf8=False,
            ),
        )
        if table.num_rows != len(rows):
            raise AssertionError(f"{self.path}: {len(rows)} lines became {table.num_rows} rows")
        columns = {name: table.column(name).combine_chunks() for name in wanted}
        return Piece(rows, columns, bad)

    def _header(self) -> tuple[str, ...]:
        block = next(self._blocks(), b"")
        line = block.removeprefix(codecs.BOM_UTF8).split(b"\n", 1)[0].rstrip(b"\r")
        if not line.strip():
            raise refuse("empty_file", file=self.path)
        if len(line) > LINE_LIMIT_BYTES or not is_valid(line, self.encoding):
            raise refuse("broken_file", file=self.path, why="the header is no line of text / 表头")
        return tuple(next(csv.reader([line.decode(self.encoding)])))

    def _blocks(self) -> Iterator[bytes]:
        """Yield the file in blocks of whole lines; a line over the limit arrives cut short."""
        with (
            self._reading(),
            pa.input_stream(
                str(self.path), compression=_COMPRESSION.get(self.path.suffix)
            ) as stream,
        ):
            held, at_start = b"", True
            while read := stream.read(READ_BYTES):
                if at_start and (name := foreign_encoding(read)) is not None:
                    raise refuse("unsupported_encoding", file=self.path, encoding=name)
                at_start = False
                cut = read.rfind(b"\n") + 1
                if cut:
                    yield held + read[:cut]
                    held = read[cut:]
                elif len(held) <= LINE_LIMIT_BYTES:
                    held += read
                if len(held) > LINE_LIMIT_BYTES:
                    held = held[: LINE_LIMIT_BYTES + 1]
            if held:
                yield held + b"\n"

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except (PermissionError, FileNotFoundError, IsADirectoryError) as failure:
            raise refuse("unreadable", file=self.path, why=reason(failure)) from failure
        except (pa.ArrowException, OSError) as failure:
            raise refuse("broken_file", file=self.path, why=reason(failure)) from failure


class _Lines:
    """The lines of one block: where each starts and ends, and what is wrong with it."""

    def __init__(self, block: bytes, *, columns: int, encoding: str) -> None:
        self._block = block
        self._encoding = encoding
        self._data: Bytes = np.frombuffer(block, np.uint8)
        breaks = np.flatnonzero(self._data == _NEWLINE)
        self._starts: Ints = np.concatenate([[0], breaks[:-1] + 1])
        self._after: Ints = breaks + 1
        self._ends: Ints = breaks - ((breaks > 0) & (self._data[breaks - 1] == _RETURN))
        self.count = len(breaks)
        self._faults: dict[str, Flags] = {}
        self._kept: Flags = self._ends > self._starts
        self._note("line_too_long", self._ends - self._starts > LINE_LIMIT_BYTES)
        self._note("bad_bytes", self._undecodable())
        self._note("stray_line_break", self._with_inner_return())
        self._check_cells(columns)

    @property
    def kept(self) -> Flags:
        """Which lines are rows; empty ones and bad ones are not."""
        return self._kept

    def skip_first(self) -> None:
        """Leave out the header line."""
        self._kept[0] = False
        for flags in self._faults.values():
            flags[0] = False

    def bad(self) -> Iterator[tuple[int, str]]:
        """Yield place and code of each bad line, in order."""
        found = [
            (int(place), code)
            for code, flags in self._faults.items()
            for place in np.flatnonzero(flags)
        ]
        yield from sorted(found)

    def shown(self, place: int) -> str:
        """Yield the beginning of a line as text."""
        raw = self._block[self._starts[place] : self._ends[place]][:SHOWN_BYTES]
        return raw.decode(self._encoding, errors="replace")

    def good(self) -> bytes:
        """Yield the lines that are rows, joined, in UTF-8."""
        block = self._block
        if not self._kept.all():
            block = self._data[np.repeat(self._kept, self._after - self._starts)].tobytes()
        if self._encoding == GB18030:
            return block.decode(GB18030).encode(UTF8)
        return block

    def _note(self, code: str, flags: Flags) -> None:
        """A line has one fault, the first found; a bad line is no row."""
        flags = flags & self._kept
        if flags.any():
            self._faults[code] = flags
            self._kept = self._kept & ~flags

    def _add(self, code: str, flags: Flags) -> None:
        """Note more lines under a code that may have some already."""
        earlier = self._faults.pop(code, None)
        self._note(code, flags)
        if earlier is not None:
            self._faults[code] = self._faults.get(code, earlier) | earlier

    def _undecodable(self) -> Flags:
        wrong = np.zeros(self.count, bool)
        if not self._block.isascii() and not is_valid(self._block, self._encoding):
            for place in range(self.count):
                line = self._block[self._starts[place] : self._ends[place]]
                wrong[place] = not is_valid(line, self._encoding)
        return wrong

    def _with_inner_return(self) -> Flags:
        """A carriage return that does not end its line would split it in two."""
        wrong = np.zeros(self.count, bool)
        returns = np.flatnonzero(self._data == _RETURN)
        if len(returns):
            lines = np.searchsorted(self._after, returns, side="right")
            wrong[lines[returns < self._ends[lines]]] = True
        return wrong

    def _check_cells(self, columns: int) -> None:
        """Find lines with stray quotes, then those with another number of cells than the header.

        Counted from a line's start, quotes take turns to open and to close. Lines with an odd
        number of them are left out first; then the turns agree over the whole block.
        """
        commas = self._data == _COMMA
        quotes = self._data == _QUOTE
        if quotes.any():
            odd = self._per_line(quotes) % 2 == 1
            self._note("stray_quote", odd)
            if odd.any():
                quotes &= ~np.repeat(odd, self._after - self._starts)
            inside: Flags = np.logical_xor.accumulate(quotes)
            self._add("stray_quote", self._misplaced(np.flatnonzero(quotes), inside))
            commas &= ~inside
        self._note("wrong_column_count", self._per_line(commas) != columns - 1)

    def _per_line(self, flags: Flags) -> Ints:
        """How many bytes of each line are flagged."""
        counts: Ints = np.add.reduceat(flags.view(np.uint8), self._starts, dtype=np.int32)
        return counts

    def _misplaced(self, quotes: Ints, inside: Flags) -> Flags:
        """A quote opens at the start of a cell and closes at its end; inside it is written twice.

        One that opens must follow a comma, a line break or (written twice) a quote; one that closes
        must precede a comma, a line's end or a quote.
        """
        before = self._data[np.maximum(quotes - 1, 0)]
        after = self._data[np.minimum(quotes + 1, len(self._data) - 1)]
        may_open = (quotes == 0) | _AROUND_QUOTES[before]
        wrong = quotes[np.where(inside[quotes], ~may_open, ~_AROUND_QUOTES[after])]
        misplaced = np.zeros(self.count, bool)
        misplaced[np.searchsorted(self._after, wrong, side="right")] = True
        return misplaced
