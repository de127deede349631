"""Writes the normal form: Parquet files whose bytes depend on their rows alone."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from recoup.engine.book.cells import CURRENCIES
from recoup.engine.book.columns import Bytes, Flags, Ints, Ordinals, plain
from recoup.engine.book.contract import Column, Kind
from recoup.engine.book.held import HeldColumn

#: Most rows of one row group. By day one person's rows are read, and with them the row group that
#: holds them; smaller groups than these cost the night time.
ROWS_TOGETHER = 65_536
#: The same in tables of many columns that are not cut into blocks.
WHOLE_ROWS_TOGETHER = 16_384

#: Columns by which rows are looked up; only their least and greatest values are worth keeping.
LOOKED_UP = ("loan", "person", "contract_id", "debtor_id")


class NormalTable:
    """One Parquet file of the normal form; each call of ``write`` begins a row group."""

    def __init__(self, *, path: Path, schema: pa.Schema) -> None:
        self.schema = schema
        numbers = [field.name for field in schema if not _is_wordy(field.type)]
        words = [field.name for field in schema if pa.types.is_string(field.type)]
        self._writer = pq.ParquetWriter(
            path,
            schema,
            use_dictionary=False,
            compression={name: "lz4" if name in words else "none" for name in schema.names},
            column_encoding=dict.fromkeys(numbers, "DELTA_BINARY_PACKED") or None,
            write_statistics=[name for name in schema.names if name in LOOKED_UP],
            store_schema=False,
        )
        self.rows = 0

    def write(self, table: pa.Table) -> None:
        """Append rows as one row group."""
        if table.num_rows:
            self._writer.write_table(table, row_group_size=ROWS_TOGETHER)
            self.rows += table.num_rows

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()


def _is_wordy(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_boolean(kind))


def write_whole(*, path: Path, table: pa.Table) -> int:
    """Write a table that is not cut into blocks; yield its rows."""
    with NormalTable(path=path, schema=table.schema) as file:
        for start in range(0, table.num_rows, WHOLE_ROWS_TOGETHER):
            file.write(table.slice(start, WHOLE_ROWS_TOGETHER))
        return file.rows


def type_of(column: Column) -> pa.DataType:
    """Yield the type that a column of the contract has in the normal form."""
    return _TYPES[column.kind]


_TYPES = {
    Kind.ID: pa.string(),
    Kind.TEXT: pa.string(),
    Kind.CODE: pa.string(),
    Kind.CURRENCY: pa.string(),
    Kind.ZONE: pa.string(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.DATE: pa.date32(),
    Kind.INSTANT: pa.timestamp("us", "UTC"),
    Kind.AMOUNT: pa.int64(),
    Kind.RATE: pa.int64(),
    Kind.WHOLE: pa.int32(),
    Kind.FRACTION: pa.string(),
}

_WIDTHS = {Kind.WHOLE: np.int32}


def to_arrow(column: Column, held: HeldColumn) -> pa.Array:
    """Yield a held column as it stands in the normal form."""
    kind = type_of(column)
    if held.texts is not None:
        return texts_of(held.texts, held.known)
    numbers = held.numbers
    if numbers is None:
        return pa.nulls(len(held.known), kind)
    if column.kind in (Kind.CODE, Kind.CURRENCY):
        pool = column.codes if column.kind is Kind.CODE else CURRENCIES
        return coded(numbers, pool, held.known)
    if column.kind is Kind.BOOLEAN:
        return pa.array(numbers.astype(bool), mask=masked(held.known))
    if column.kind is Kind.DATE:
        return dates(numbers, held.known)
    if column.kind is Kind.INSTANT:
        return pa.array(numbers, mask=masked(held.known)).cast(kind)
    return pa.array(
        numbers.astype(_WIDTHS.get(column.kind, np.int64)), kind, mask=masked(held.known)
    )


def texts_of(texts: pa.Array, known: Flags) -> pa.Array:
    """Yield texts without what is not known."""
    if pa.types.is_dictionary(texts.type):
        texts = texts.dictionary_decode()
    texts = plain(texts)
    if known.all():
        return texts
    return texts.take(pa.array(np.arange(len(texts)), mask=~known))


def coded(numbers: Ints, pool: Sequence[str], known: Flags) -> pa.Array:
    """Yield places in a list of codes as the codes; unknown ones as null."""
    places = pa.array(np.where(known, numbers, 0), mask=masked(known))
    return pa.array(pool, pa.string()).take(places)


def booleans(flags: Flags | Bytes) -> pa.Array:
    """Yield flags, or bytes of 0 and 1, as booleans of which all are known."""
    bits = pa.py_buffer(np.packbits(flags, bitorder="little"))
    return pa.Array.from_buffers(pa.bool_(), len(flags), [None, bits])


def dates(numbers: Ints, known: Flags | None = None) -> pa.Array:
    """Yield day numbers as dates."""
    mask = None if known is None else masked(known)
    return pa.array(numbers.astype(np.int32, copy=False), mask=mask).cast(pa.date32())


def ordinals(numbers: Ints | Ordinals, known: Flags | None = None) -> pa.Array:
    """Yield row ordinals as int32."""
    mask = None if known is None else masked(known)
    return pa.array(numbers.astype(np.int32, copy=False), mask=mask)


def masked(known: Flags) -> Flags | None:
    """Yield the mask of what is not known; None if everything is."""
    return None if known.all() else ~known
