"""Hands a large table out block by block, sorted or not, in bounded memory.

A table whose rows come in the order of the blocks is handed out as it is read. Otherwise its rows
are first dealt out to files on disk, each for a run of blocks, and these are read one by one.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from recoup.engine.blocks import Block
from recoup.engine.book.columns import Ints

#: Column of the carried rows that says to which loan they belong.
LOAN = "loan"
#: Files that unsorted rows are dealt out to, at most.
MOST_FILES = 128
#: Blocks that share one such file, at least.
FEWEST_BLOCKS = 8

TakeBlock = Callable[[Block, pa.Table], None]


class OutOfOrder(Exception):
    """A row belongs to a block that has already been handed out."""


def feed_in_order(
    *, batches: Iterable[pa.RecordBatch], blocks: Sequence[Block], take: TakeBlock
) -> None:
    """Call ``take`` with the rows of each block, in turn, while the batches are being read.

    Errors: OutOfOrder; what has been taken by then is worthless.
    """
    ends = np.array([block.loan_until for block in blocks], np.int64)
    held: list[pa.RecordBatch] = []
    place = 0
    for batch in batches:
        if not batch.num_rows:
            continue
        loans = batch.column(LOAN).to_numpy()
        if (loans[1:] >= loans[:-1]).all():
            first, last = int(loans[0]), int(loans[-1])
        else:
            first, last = int(loans.min()), int(loans.max())
            batch = batch.take(pa.array(np.argsort(loans, kind="stable")))
            loans = batch.column(LOAN).to_numpy()
        if place and first < ends[place - 1]:
            raise OutOfOrder
        while last >= ends[place]:
            cut = int(np.searchsorted(loans, ends[place], side="left"))
            held.append(batch.slice(0, cut))
            take(blocks[place], _joined(held, batch.schema))
            held, batch, loans = [], batch.slice(cut), loans[cut:]
            place += 1
        held.append(batch)
    for block in blocks[place:]:
        if held:
            take(block, _joined(held, held[0].schema))
        held = []


def feed_any_order(
    *,
    batches: Iterable[pa.RecordBatch],
    blocks: Sequence[Block],
    take: TakeBlock,
    scratch: Path,
) -> None:
    """Call ``take`` with the rows of each block that has any, in the blocks' order."""
    per_file = max(FEWEST_BLOCKS, -(-len(blocks) // MOST_FILES))
    groups = [blocks[start : start + per_file] for start in range(0, len(blocks), per_file)]
    files = _Dealt(scratch=scratch, groups=groups)
    try:
        for batch in batches:
            files.deal(batch)
        files.finish()
        for number, group in enumerate(groups):
            table = files.table(number)
            if table is not None:
                _hand_out(table, group, take)
    finally:
        files.remove()


def _joined(parts: list[pa.RecordBatch], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_batches(parts, schema=schema).combine_chunks()


def _hand_out(table: pa.Table, group: Sequence[Block], take: TakeBlock) -> None:
    starts = np.array([block.loan_from for block in group], np.int64)
    number = np.searchsorted(starts, table.column(LOAN).to_numpy(), side="right") - 1
    # Numbers of 16 bits are sorted by counting.
    number = number.astype(np.uint16)
    order = np.argsort(number, kind="stable")
    bounds = np.searchsorted(number[order], np.arange(len(group) + 1))
    for place, block in enumerate(group):
        first, until = int(bounds[place]), int(bounds[place + 1])
        if first < until:
            take(block, table.take(pa.array(order[first:until])).combine_chunks())


class _Dealt:
    """Rows on disk, one file for each run of blocks."""

    def __init__(self, *, scratch: Path, groups: Sequence[Sequence[Block]]) -> None:
        self._starts = np.array([group[0].loan_from for group in groups], np.int64)
        self._paths = [scratch / f"dealt-{number}.arrow" for number in range(len(groups))]
        self._writers: list[pa.RecordBatchStreamWriter | None] = [None] * len(groups)

    def deal(self, batch: pa.RecordBatch) -> None:
        """Append each row to the file of its block."""
        loans = batch.column(LOAN).to_numpy()
        number = (np.searchsorted(self._starts, loans, side="right") - 1).astype(np.uint8)
        order = np.argsort(number, kind="stable")
        rows = batch.take(pa.array(order))
        bounds: Ints = np.searchsorted(number[order], np.arange(len(self._paths) + 1))
        for place in range(len(self._paths)):
            first, until = int(bounds[place]), int(bounds[place + 1])
            if first < until:
                self._writer(place, batch.schema).write_batch(rows.slice(first, until - first))

    def _writer(self, place: int, schema: pa.Schema) -> pa.RecordBatchStreamWriter:
        writer = self._writers[place]
        if writer is None:
            writer = pa.ipc.new_stream(str(self._paths[place]), schema)
            self._writers[place] = writer
        return writer

    def finish(self) -> None:
        """End all files; from now on they can be read."""
        for writer in self._writers:
            if writer is not None:
                writer.close()

    def table(self, place: int) -> pa.Table | None:
        """Yield all rows of one file, and remove it."""
        if self._writers[place] is None:
            return None
        with pa.OSFile(str(self._paths[place])) as file, pa.ipc.open_stream(file) as reader:
            table = reader.read_all().combine_chunks()
        self._paths[place].unlink()
        return table

    def remove(self) -> None:
        """Remove whatever files are left."""
        self.finish()
        for path in self._paths:
            path.unlink(missing_ok=True)
