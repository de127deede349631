"""Reads the decimal columns of a Parquet file as 64-bit integers, through DuckDB.

Arrow's own reader takes three times as long over them, and makes numbers of 128 bits.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from recoup.engine.backends.duck import Duck, quoted_name, quoted_text
from recoup.engine.book.contract import MOST_AMOUNT_DIGITS

#: Digits of the decimals that DuckDB hands out in 64 bits.
_FEWEST_DIGITS, _MOST_DIGITS = 10, 18
_ROW = "file_row_number"
_PATTERN_MARKS = "*?[]"


def is_narrow(kind: pa.DataType) -> bool:
    """Whether a type is a decimal of 64 bits with no more digits than a currency."""
    return bool(
        pa.types.is_decimal128(kind)
        and _FEWEST_DIGITS <= kind.precision <= _MOST_DIGITS
        and 0 <= kind.scale <= MOST_AMOUNT_DIGITS
    )


def is_plain_path(path: Path) -> bool:
    """Whether a path means one file; DuckDB reads some characters as patterns."""
    return not any(mark in str(path) for mark in _PATTERN_MARKS)


class NarrowDecimals:
    """The decimal columns of one file, handed out in the file's order.

    Errors: DuckFailed, when the file cannot be read; AssertionError, when rows arrive out of order.
    """

    def __init__(self, *, path: Path, columns: Sequence[str], scratch: Path) -> None:
        self.columns = tuple(columns)
        self._duck = Duck(scratch=scratch, threads=1, memory_mib=256)
        self._duck.run("SET arrow_output_version = '1.5'")
        names = ", ".join(quoted_name(name) for name in [*columns, _ROW])
        self._batches: Iterator[pa.RecordBatch] = iter(
            self._duck.stream(
                f"SELECT {names} FROM read_parquet({quoted_text(str(path))}, {_ROW} = true)"
            )
        )
        self._held: list[pa.RecordBatch] = []
        self._held_rows = 0
        self._handed_out = 0

    def take(self, rows: int) -> dict[str, pa.Array]:
        """Yield the next rows of every column; fewer rows than that are a broken file."""
        while self._held_rows < rows:
            batch = next(self._batches, None)
            if batch is None:
                raise pa.ArrowInvalid("the file's columns differ in length")
            self._check_order(batch)
            self._held.append(batch.select(list(self.columns)))
            self._held_rows += batch.num_rows
        table = pa.Table.from_batches(self._held)
        rest = table.slice(rows)
        self._held = rest.to_batches() if rest.num_rows else []
        self._held_rows -= rows
        return {name: table.column(name).slice(0, rows).combine_chunks() for name in self.columns}

    def _check_order(self, batch: pa.RecordBatch) -> None:
        numbers = batch.column(_ROW).to_numpy()
        expected = np.arange(self._handed_out, self._handed_out + batch.num_rows)
        if not np.array_equal(numbers, expected):
            raise AssertionError("rows of a file arrived out of the file's order")
        self._handed_out += batch.num_rows

    def close(self) -> None:
        """End the reading."""
        self._duck.close()
