"""Hashes of rows: what differs tonight from what the records hold, without comparing cells.

A hash is 64 bits: a changed row goes unnoticed once in 10^19 comparisons. 0 stands for "no row".
"""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Hashes = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

_BETWEEN = "\x1f"
_NOTHING = "\x00"
_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


#: Texts turned into Python's own at once.
SLICE = 100_000


def text_hashes(texts: pa.Array | pa.ChunkedArray) -> Hashes:
    """Yield the first 64 bits of BLAKE2b over each text; never 0."""
    digests = b"".join(
        blake2b(text.encode(), digest_size=8).digest()
        for start in range(0, len(texts), SLICE)
        for text in texts.slice(start, SLICE).to_pylist()
    )
    found = np.frombuffer(digests, np.int64).copy()
    found[found == 0] = 1
    return found


def row_hashes(table: pa.Table, columns: Sequence[str]) -> Hashes:
    """Yield the hash of each row over its canonical text: the columns as text, in order."""
    cells = [table.column(name).cast(pa.string()) for name in columns]
    joined = pc.binary_join_element_wise(
        *cells, _BETWEEN, null_handling="replace", null_replacement=_NOTHING
    )
    return text_hashes(joined)


def number_hashes(columns: Sequence[npt.NDArray[np.generic]]) -> Hashes:
    """Yield the hash of each row over columns of numbers, in order (SplitMix64 over each)."""
    mixed: Words = np.zeros(len(columns[0]), np.uint64)
    with np.errstate(over="ignore"):
        for column in columns:
            mixed = (mixed ^ column.astype(np.int64).view(np.uint64)) + _STEP
            mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
            mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
            mixed = mixed ^ (mixed >> np.uint64(31))
    return mixed.view(np.int64)


def group_hashes(places: npt.NDArray[np.integer], hashes: Hashes, *, groups: int) -> Hashes:
    """Yield per group the sum of its rows' hashes, wrapping; 0 for a group without rows.

    Shape: ``places`` names the group of each row and ascends. The order of a group's rows says
    nothing: each row carries its own number.
    """
    found: Hashes = np.zeros(groups, np.int64)
    if len(places):
        begins = np.flatnonzero(np.r_[True, places[1:] != places[:-1]])
        with np.errstate(over="ignore"):
            sums = np.add.reduceat(hashes, begins)
        sums[sums == 0] = 1
        found[places[begins]] = sums
    return found
