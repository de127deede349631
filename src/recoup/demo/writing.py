"""Files of a generated book: tables appended block by block, written in large row groups."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq

ROW_GROUP_ROWS = 500_000

# A dictionary page of keys that never repeat costs time and saves nothing.
KEYS = frozenset(
    {"payment_id", "contact_id", "promise_id", "collateral_id", "reverses", "id_number", "email"}
)


class ParquetTables:
    """A folder with one Parquet file per table, filled by ``append``; closed as a context.

    Dictionary columns are written as plain text columns, so that a reader sees what a bank's
    export would show. Blocks are held back until a row group is worth writing.
    """

    def __init__(self, *, folder: Path, row_group_rows: int = ROW_GROUP_ROWS) -> None:
        self._folder = folder
        self._row_group_rows = row_group_rows
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._held: dict[str, list[pa.Table]] = {}
        self._rows: dict[str, int] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> "ParquetTables":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            for name in self._held:
                self._flush(name)
        for writer in self._writers.values():
            writer.close()

    @property
    def rows(self) -> Mapping[str, int]:
        """Yield how many rows each table has received."""
        return dict(self._rows)

    def append(self, name: str, columns: Mapping[str, pa.Array]) -> None:
        """Add one block of rows to a table."""
        table = pa.table(dict(columns))
        self._held.setdefault(name, []).append(table)
        self._rows[name] = self._rows.get(name, 0) + table.num_rows
        if sum(block.num_rows for block in self._held[name]) >= self._row_group_rows:
            self._flush(name)

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
