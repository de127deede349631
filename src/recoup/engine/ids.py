"""Writes bits and row numbers out as lists of ids, once per distinct combination."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

#: Bits of one number that may be used; the sign is left alone.
MOST_BITS = 62
#: Up to so many possible combinations are marked in a table; more of them are sorted.
_MOST_MARKED = 1 << 20


def lists_of_ids(
    *, columns: Sequence[pa.ChunkedArray], decode: Callable[..., tuple[str, ...]]
) -> pa.Array:
    """Yield one list of ids per row: ``decode`` is called once for each distinct row of columns.

    Shape: columns of equal length; a NULL reaches ``decode`` as None.
    """
    codes, rows = distinct_rows(columns)
    pool = pa.array([list(decode(*row)) for row in rows], pa.list_(pa.string()))
    return pool.take(pa.array(codes))


def texts(*, columns: Sequence[pa.ChunkedArray], decode: Callable[..., str | None]) -> pa.Array:
    """Yield one text per row, decoded once for each distinct row of columns."""
    codes, rows = distinct_rows(columns)
    pool = pa.array([decode(*row) for row in rows], pa.string())
    return pool.take(pa.array(codes))


def distinct_rows(
    columns: Sequence[pa.ChunkedArray],
) -> tuple[npt.NDArray[np.int64], list[tuple[Any, ...]]]:
    """Yield a code per row and, for each code, the values of the columns in that row."""
    codes = np.zeros(len(columns[0]), np.int64)
    rows: list[tuple[Any, ...]] = [()]
    for column in columns:
        encoded = column.combine_chunks().dictionary_encode(null_encoding="encode")
        values = encoded.dictionary.to_pylist()
        size = max(len(values), 1)
        present, codes = _renumbered(codes * size + encoded.indices.to_numpy(), len(rows) * size)
        rows = [(*rows[number // size], values[number % size]) for number in present]
    return codes, rows


def _renumbered(
    numbers: npt.NDArray[np.int64], limit: int
) -> tuple[list[int], npt.NDArray[np.int64]]:
    """Yield which numbers occur, ascending, and for each row the place of its number among them.

    Shape: every number is at least 0 and less than ``limit``.
    """
    if limit > _MOST_MARKED:
        present, places = np.unique(numbers, return_inverse=True)
        return present.tolist(), places.astype(np.int64)
    # A mark for every number that could occur: no sorting, which costs ten times as much.
    seen = np.zeros(limit, bool)
    seen[numbers] = True
    present = np.flatnonzero(seen)
    place_of = np.zeros(limit, np.int64)
    place_of[present] = np.arange(len(present))
    return present.tolist(), place_of[numbers]


@lru_cache(maxsize=1 << 16)
def set_bits(bits: int | None) -> tuple[int, ...]:
    """Yield the positions of the bits that are set, lowest first."""
    return tuple(place for place in range(MOST_BITS) if bits and bits >> place & 1)
