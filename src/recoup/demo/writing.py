"""Files of a generated book: tables appended block by block, written in large row groups."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import csv

ROW_GROUP_ROWS = 500_000

# A dictionary page of keys that never repeat costs time and saves nothing.
KEYS = frozenset(
    {"payment_id", "contact_id", "promise_id", "collateral_id", "reverses", "id_number", "email"}
)


class Tables:
    """A folder of tables to which rows are appended block by block; used as a context."""

    def __init__(self, *, folder: Path) -> None:
        self._folder = folder
        self._rows: dict[str, int] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> "Tables":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close(whole=error is None)

    @property
    def rows(self) -> Mapping[str, int]:
        """Yield how many rows each table has received."""
        return dict(self._rows)

    def append(self, name: str, columns: Mapping[str, pa.Array]) -> None:
        """Add one block of rows to a table."""
        self.append_table(name, self.as_written(pa.table(dict(columns))))

    def as_written(self, table: pa.Table) -> pa.Table:
        """Yield the rows in the types in which these files hold them."""
        return table

    def append_table(self, name: str, table: pa.Table) -> None:
        """Add rows that are already in the types of these files."""
        self._rows[name] = self._rows.get(name, 0) + table.num_rows
        self._write(name, table)

    def _write(self, name: str, table: pa.Table) -> None:
        raise NotImplementedError

    def _close(self, *, whole: bool) -> None:
        raise NotImplementedError


class ParquetTables(Tables):
    """One Parquet file per table, in large row groups.

    Dictionary columns are written as plain text columns, so that a reader sees what a bank's
    export would show. Blocks are held back until a row group is worth writing.
    """

    def __init__(self, *, folder: Path, row_group_rows: int = ROW_GROUP_ROWS) -> None:
        super().__init__(folder=folder)
        self._row_group_rows = row_group_rows
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._held: dict[str, list[pa.Table]] = {}

    def _write(self, name: str, table: pa.Table) -> None:
        self._held.setdefault(name, []).append(table)
        if sum(block.num_rows for block in self._held[name]) >= self._row_group_rows:
            self._flush(name)

    def _close(self, *, whole: bool) -> None:
        if whole:
            for name in self._held:
                self._flush(name)
        for writer in self._writers.values():
            writer.close()

    def _flush(self, name: str) -> None:
        blocks = self._held[name]
        if not blocks:
            return
        table = blocks[0] if len(blocks) == 1 else pa.concat_tables(blocks).unify_dictionaries()
        if name not in self._writers:
            self._writers[name] = self._open(name, table.schema)
        self._writers[name].write_table(table, row_group_size=max(table.num_rows, 1))
        self._held[name] = []

    def _open(self, name: str, schema: pa.Schema) -> pq.ParquetWriter:
        return pq.ParquetWriter(
            self._folder / f"{name}.parquet",
            schema,
            compression="zstd",
            compression_level=1,
            use_dictionary=[column for column in schema.names if column not in KEYS],
            dictionary_pagesize_limit=4 << 20,
            store_decimal_as_integer=True,
            store_schema=False,
        )


class CsvTables(Tables):
    """One CSV file per table: UTF-8, header line, comma, instants in ISO 8601."""

    def __init__(self, *, folder: Path) -> None:
        super().__init__(folder=folder)
        self._files: dict[str, BinaryIO] = {}

    def as_written(self, table: pa.Table) -> pa.Table:
        """Yield every column as text."""
        return pa.table({title: _as_text(table[title]) for title in table.schema.names})

    def _write(self, name: str, table: pa.Table) -> None:
        with_header = name not in self._files
        if with_header:
            self._files[name] = (self._folder / f"{name}.csv").open("wb")
        options = csv.WriteOptions(include_header=with_header, quoting_style="needed")
        csv.write_csv(table, self._files[name], options)

    def _close(self, *, whole: bool) -> None:
        for file in self._files.values():
            file.close()


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        return pc.strftime(column.cast(pa.timestamp("s", tz="UTC")), "%Y-%m-%dT%H:%M:%SZ")
    return column.cast(pa.string())
