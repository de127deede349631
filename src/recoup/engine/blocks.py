"""Cuts the sorted book into blocks of whole persons, so that memory does not grow with the book."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

Ints = npt.NDArray[np.int64]

#: How many rows are read from a file at once when memory is plentiful.
ROWS_READ = 1_000_000


@dataclass(frozen=True)
class Block:
    """A run of loans of whole persons: loans ``loan_from`` to ``loan_until`` - 1, persons alike."""

    loan_from: int
    loan_until: int
    person_from: int
    person_until: int

    @property
    def loans(self) -> int:
        """How many loans the block holds."""
        return self.loan_until - self.loan_from


def cut_blocks(*, person_of_loan: npt.NDArray[np.int32], persons: int, size: int) -> list[Block]:
    """Yield blocks of at least ``size`` loans (the last may be smaller), cut between persons.

    Shape: ``person_of_loan`` is ascending, one cell a loan. Persons without a loan fall into the
    block of the person before them, so that every person is in exactly one block.
    """
    loans = len(person_of_loan)
    if not loans:
        return [Block(0, 0, 0, persons)] if persons else []
    cuts = [0]
    while loans - cuts[-1] > size:
        owner = person_of_loan[cuts[-1] + size]
        cut = int(np.searchsorted(person_of_loan, owner, side="left"))
        if cut <= cuts[-1]:  # one person fills the whole block: take all of that person's loans
            cut = int(np.searchsorted(person_of_loan, owner, side="right"))
        if cut >= loans:
            break
        cuts.append(cut)
    bounds = [*cuts, loans]
    starts = [0, *(int(person_of_loan[cut]) for cut in cuts[1:]), persons]
    return [
        Block(*bounds[number : number + 2], *starts[number : number + 2])
        for number in range(len(cuts))
    ]


class SortedRows:
    """The rows of one Parquet file that is sorted by an ordinal, handed out in ascending runs."""

    def __init__(
        self, *, path: Path, by: str, columns: Sequence[str], rows_read: int = ROWS_READ
    ) -> None:
        self._by = by
        self._file = pq.ParquetFile(path)
        names = [by, *columns]
        self._batches: Iterator[pa.RecordBatch] = self._file.iter_batches(
            batch_size=rows_read, columns=names, use_threads=True
        )
        self._held = pa.Table.from_batches([], schema=_only(self._file.schema_arrow, names))
        self._last = -1

    def until(self, ordinal: int) -> pa.Table:
        """Yield all rows not yet handed out whose ordinal is smaller than ``ordinal``."""
        parts = [self._held]
        while self._last < ordinal:
            batch = next(self._batches, None)
            if batch is None:
                break
            parts.append(pa.Table.from_batches([batch]))
            if batch.num_rows:
                self._last = batch.column(self._by)[-1].as_py()
        rows = pa.concat_tables(parts)
        keys = rows.column(self._by).to_numpy()
        cut = int(np.searchsorted(keys, ordinal, side="left"))
        self._held = rows.slice(cut)
        return rows.slice(0, cut)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def _only(schema: pa.Schema, names: Sequence[str]) -> pa.Schema:
    return pa.schema([schema.field(name) for name in names])


def offsets(*, ordinals: npt.NDArray[np.int32], first: int, until: int) -> Ints:
    """Yield where each ordinal's rows begin, plus the end: ``until - first + 1`` cells.

    Shape: ``ordinals`` is ascending; every value lies in ``first`` to ``until`` - 1.
    """
    return np.searchsorted(ordinals, np.arange(first, until + 1), side="left").astype(np.int64)
