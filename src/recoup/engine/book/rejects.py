"""Collects what is wrong with the rows, by table, and writes the reject file."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from recoup.engine.book.columns import Ints
from recoup.engine.book.contract import TABLES, TableSpec
from recoup.engine.book.sentences import RANK, Severity, finding_of, sentence

#: Characters of a faulty value that are shown.
SHOWN_CHARACTERS = 200
#: Notes of one kind that are listed; all of them are counted.
LISTED_NOTES = 1_000
#: Entries of one table that are held in memory before they are put aside on disk.
HELD_ENTRIES = 500_000
_WRITTEN_AT_ONCE = 100_000
_WHOLE_ROW = ""

REJECT_SCHEMA = pa.schema(
    [
        ("table", pa.string()),
        ("file", pa.string()),
        ("row", pa.int64()),
        ("key", pa.string()),
        ("column", pa.string()),
        ("value", pa.string()),
        ("code", pa.string()),
        ("severity", pa.string()),
        ("sentence_zh", pa.string()),
        ("sentence_en", pa.string()),
    ]
)
_ENTRY_SCHEMA = pa.schema(
    [
        ("row", pa.int64()),
        ("key", pa.string()),
        ("column", pa.int16()),
        ("value", pa.string()),
        ("code", pa.int16()),
        ("severity", pa.int8()),
    ]
)
_ORDER = [("row", "ascending"), ("column", "ascending"), ("code", "ascending")]


class TableRejects:
    """The findings of one table, in memory and, when there are very many, on disk."""

    def __init__(self, *, spec: TableSpec, file: str, scratch: Path) -> None:
        self._spec = spec
        self._file = file
        self._path = scratch / f"rejects-{spec.name}.arrow"
        self._columns = (_WHOLE_ROW, *spec.names)
        self._held: list[pa.RecordBatch] = []
        self._held_rows = 0
        self._aside: pa.RecordBatchStreamWriter | None = None
        self.counts: Counter[tuple[str, Severity]] = Counter()

    def add(
        self,
        *,
        code: str,
        severity: Severity,
        rows: Ints,
        keys: pa.Array,
        column: str = _WHOLE_ROW,
        values: pa.Array | None = None,
    ) -> None:
        """Record one kind of finding for some rows: source row numbers, keys, values as text."""
        before = self.counts[code, severity]
        self.counts[code, severity] += len(rows)
        if severity is Severity.NOTE:
            listed = max(0, min(len(rows), LISTED_NOTES - before))
            rows, keys = rows[:listed], keys[:listed]
            values = None if values is None else values[:listed]
        if not len(rows):
            return
        if values is None:
            values = pa.nulls(len(rows), pa.string())
        entries = [
            pa.array(rows, pa.int64()),
            pc.utf8_slice_codeunits(keys, 0, SHOWN_CHARACTERS),
            _repeated(self._columns.index(column), len(rows), pa.int16()),
            pc.utf8_slice_codeunits(values, 0, SHOWN_CHARACTERS),
            _repeated(RANK[code], len(rows), pa.int16()),
            _repeated(int(severity), len(rows), pa.int8()),
        ]
        self._held.append(pa.RecordBatch.from_arrays(entries, schema=_ENTRY_SCHEMA))
        self._held_rows += len(rows)
        if self._held_rows >= HELD_ENTRIES:
            self._put_aside()

    def count(self, severity: Severity) -> int:
        """How many findings of a weight there are."""
        return sum(count for (_, weight), count in self.counts.items() if weight is severity)

    def tables(self) -> Iterator[pa.Table]:
        """Yield the findings with their sentences, ascending by row as far as they were held."""
        if self._aside is not None:
            self._aside.close()
            self._aside = None
            with pa.OSFile(str(self._path)) as file, pa.ipc.open_stream(file) as reader:
                for batch in reader:
                    yield self._worded(pa.Table.from_batches([batch]))
        if self._held:
            entries = pa.Table.from_batches(self._held).sort_by(_ORDER)
            for start in range(0, entries.num_rows, _WRITTEN_AT_ONCE):
                yield self._worded(entries.slice(start, _WRITTEN_AT_ONCE))

    def close(self) -> None:
        """Forget everything, on disk too."""
        if self._aside is not None:
            self._aside.close()
            self._aside = None
        self._path.unlink(missing_ok=True)
        self._held, self._held_rows = [], 0

    def _put_aside(self) -> None:
        if self._aside is None:
            self._aside = pa.ipc.new_stream(str(self._path), _ENTRY_SCHEMA)
        entries = pa.Table.from_batches(self._held).sort_by(_ORDER)
        self._aside.write_table(entries, max_chunksize=_WRITTEN_AT_ONCE)
        self._held, self._held_rows = [], 0

    def _worded(self, entries: pa.Table) -> pa.Table:
        codes = entries.column("code").to_numpy()
        columns = entries.column("column").to_numpy()
        kinds, which = np.unique(codes.astype(np.int64) << 16 | columns, return_inverse=True)
        worded = [
            (finding_of(int(kind) >> 16).code, self._columns[int(kind) & 0xFFFF]) for kind in kinds
        ]
        both = [sentence(code=code, column=column) for code, column in worded]
        severities = [severity.word for severity in Severity]
        rows = entries.num_rows
        return pa.table(
            [
                _repeated(self._spec.name, rows, pa.string()),
                _repeated(self._file, rows, pa.string()),
                entries.column("row"),
                entries.column("key"),
                _picked([column for _, column in worded], which),
                entries.column("value"),
                _picked([code for code, _ in worded], which),
                _picked(severities, entries.column("severity").to_numpy()),
                _picked([zh for zh, _ in both], which),
                _picked([en for _, en in both], which),
            ],
            schema=REJECT_SCHEMA,
        )


def write_rejects(*, path: Path, tables: Mapping[str, TableRejects]) -> None:
    """Write the reject file, in the contract's order of tables."""
    with pq.ParquetWriter(path, REJECT_SCHEMA, compression="zstd", compression_level=1) as writer:
        for spec in TABLES:
            if spec.name in tables:
                for part in tables[spec.name].tables():
                    writer.write_table(part)


def _repeated(value: object, times: int, kind: pa.DataType) -> pa.Array:
    return pa.repeat(pa.scalar(value, kind), times)


def _picked(pool: list[str], which: Ints) -> pa.Array:
    return pa.array(pool, pa.string()).take(pa.array(which))
