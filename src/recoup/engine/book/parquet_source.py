"""Reads a table from Parquet in batches, ids and codes as dictionaries where the file has them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from recoup.engine.book.columns import is_text
from recoup.engine.book.contract import Column, Kind, TableSpec
from recoup.engine.book.files import reason
from recoup.engine.book.refused import refuse
from recoup.engine.book.source import Piece, check_header

#: Rows read at once; small enough for the processor's cache, large enough for its vectors.
BATCH_ROWS = 262_144
_REPEATING = (Kind.CODE, Kind.CURRENCY, Kind.ZONE, Kind.BOOLEAN)


class ParquetSource:
    """One table's Parquet file.

    Errors: BookRefused, when the file cannot be read, is broken, or lacks a required column.
    """

    def __init__(self, *, path: Path, spec: TableSpec, scratch: Path) -> None:
        self.path = path
        self._scratch = scratch
        with self._reading():
            found = pq.read_schema(path)
        self.names = tuple(found.names)
        check_header(spec=spec, path=path, names=self.names)
        self._schema = found
        self._as_dictionary = [
            column.name
            for column in spec.columns
            if column.name in self.names
            and is_text(found.field(column.name).type)
            and repeats(spec, column)
        ]

    def type_of(self, column: str) -> pa.DataType:
        """Yield the type in which a column arrives."""
        kind = self._schema.field(column).type
        return pa.string() if pa.types.is_string_view(kind) else kind

    def pieces(self, columns: Sequence[str]) -> Iterator[Piece]:
        """Yield the rows in the file's order, with those of the named columns that it has."""
        wanted = [name for name in columns if name in self.names]
        first = 1
        with (
            self._reading(),
            pq.ParquetFile(
                self.path, read_dictionary=self._as_dictionary, buffer_size=1 << 20
            ) as file,
        ):
            for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=wanted):
                rows = np.arange(first, first + batch.num_rows, dtype=np.int64)
                first += batch.num_rows
                arrays = [_whole_texts(column) for column in batch.columns]
                yield Piece(rows, dict(zip(batch.schema.names, arrays, strict=True)))

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except (PermissionError, FileNotFoundError, IsADirectoryError) as failure:
            raise refuse("unreadable", file=self.path, why=reason(failure)) from failure
        except (pa.ArrowException, OSError) as failure:
            raise refuse("broken_file", file=self.path, why=reason(failure)) from failure


def _whole_texts(column: pa.Array) -> pa.Array:
    """Yield texts as texts where the file asks for views, which Arrow can do little with."""
    return column.cast(pa.string()) if pa.types.is_string_view(column.type) else column


def repeats(spec: TableSpec, column: Column) -> bool:
    """Tell whether a column's texts occur many times each: codes, and ids of other tables' rows."""
    points_elsewhere = column.name in ("contract_id", "debtor_id", "reverses")
    return column.kind in _REPEATING or (points_elsewhere and spec.key != (column.name,))
