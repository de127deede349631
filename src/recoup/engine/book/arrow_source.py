"""A table that is in memory already: rows of some persons, as they stand in the bank's files."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from recoup.engine.book.columns import Ints, is_text, plain
from recoup.engine.book.contract import TableSpec
from recoup.engine.book.parquet_source import BATCH_ROWS, repeats
from recoup.engine.book.source import Piece, check_header

#: The column that says in which row of the bank's file a row stands; no column of the contract.
SOURCE_ROW = "source row"


class ArrowSource:
    """Rows of one table, ascending by their place in the bank's file.

    Shape: ``table`` has the file's columns, and SOURCE_ROW, from 1.
    Errors: BookRefused, when a required column is missing.
    """

    def __init__(self, *, table: pa.Table, spec: TableSpec) -> None:
        self.path = Path(f"{spec.name}.parquet")
        self.names = tuple(name for name in table.column_names if name != SOURCE_ROW)
        check_header(spec=spec, path=self.path, names=self.names)
        self._rows: Ints = table.column(SOURCE_ROW).to_numpy().astype(np.int64)
        again = {column.name for column in spec.columns if repeats(spec, column)}
        self._columns = {
            name: _encoded(plain(table.column(name)), repeated=name in again) for name in self.names
        }

    def type_of(self, column: str) -> pa.DataType:
        """Yield the type in which a column arrives."""
        return self._columns[column].type

    def pieces(self, columns: Sequence[str]) -> Iterator[Piece]:
        """Yield the rows in order, with those of the named columns that there are."""
        wanted = [name for name in columns if name in self._columns]
        for first in range(0, len(self._rows), BATCH_ROWS):
            until = first + BATCH_ROWS
            found = {name: self._columns[name][first:until] for name in wanted}
            yield Piece(self._rows[first:until], found)


def _encoded(column: pa.Array, *, repeated: bool) -> pa.Array:
    """Yield a column as the readers like it best: texts that repeat as a dictionary."""
    if repeated and is_text(column.type) and not pa.types.is_dictionary(column.type):
        return plain(column.dictionary_encode())
    return column
