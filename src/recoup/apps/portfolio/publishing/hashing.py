"""Hashes of rows: what differs tonight from what the records hold, without comparing cells.

A hash is 64 bits, by SplitMix64 over the words of a text or over numbers: whole columns at once,
and the same on every machine and in every version of a library. A changed row goes unnoticed once
in 10^19 comparisons. 0 stands for "no row".
"""

from collections.abc import Sequence

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
#: By how many bytes of a word are left: which bits of it count.
_KEEP = np.array([(1 << 8 * count) - 1 for count in range(9)], np.uint64)


#: Rows hashed at once: their texts stay within a processor's cache.
SLICE = 32_768


def text_hashes(texts: pa.Array | pa.ChunkedArray) -> Hashes:
    """Yield the hash of each text over its length and its bytes in UTF-8; never 0."""
    found = [_of_texts(texts.slice(start, SLICE)) for start in range(0, len(texts), SLICE)]
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def row_hashes(table: pa.Table, columns: Sequence[str]) -> Hashes:
    """Yield the hash of each row over its canonical text: the columns as text, in order."""
    told = table.select(list(columns))
    found = []
    for start in range(0, table.num_rows, SLICE):
        rows = told.slice(start, SLICE)
        cells = [_told(rows.column(name).combine_chunks()) for name in columns]
        joined = pc.binary_join_element_wise(
            *cells, _BETWEEN, null_handling="replace", null_replacement=_NOTHING
        )
        found.append(_of_texts(joined))
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def _told(cells: pa.Array) -> pa.Array:
    """Yield cells as text; days and instants as numbers, since writing them out is slow."""
    if pa.types.is_date(cells.type):
        cells = cells.cast(pa.int32())
    elif pa.types.is_timestamp(cells.type):
        cells = cells.cast(pa.timestamp("us", tz=cells.type.tz)).cast(pa.int64())
    return cells.cast(pa.string())


def _of_texts(texts: pa.Array | pa.ChunkedArray) -> Hashes:
    whole = pa.concat_arrays(texts.chunks) if isinstance(texts, pa.ChunkedArray) else texts
    _, places, data = whole.cast(pa.large_string()).buffers()
    ends = np.frombuffer(places, np.int64)[whole.offset : whole.offset + len(whole) + 1]
    first, last = int(ends[0]), int(ends[-1])
    # A word may begin at any byte and end behind the last one, so eight more are there.
    padded = np.zeros(last - first + 8, np.uint8)
    if last > first:
        padded[:-8] = np.frombuffer(data, np.uint8)[first:last]
    words: Words = np.ndarray(len(padded) - 7, "<u8", padded, strides=(1,))
    begins, left = ends[:-1] - first, np.diff(ends)
    mixed: Words = _mixed(left.view(np.uint64))
    open_rows = np.flatnonzero(left > 0)
    while len(open_rows):
        rest = left[open_rows]
        word = words[begins[open_rows]] & _KEEP[np.minimum(rest, 8)]
        mixed[open_rows] = _mixed(mixed[open_rows] ^ word)
        begins[open_rows] += 8
        left[open_rows] = rest - 8
        open_rows = open_rows[rest > 8]
    found = mixed.view(np.int64)
    found[found == 0] = 1
    return found


def number_hashes(columns: Sequence[npt.NDArray[np.generic]]) -> Hashes:
    """Yield the hash of each row over columns of numbers, in order (SplitMix64 over each)."""
    mixed: Words = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        mixed = _mixed(mixed ^ column.astype(np.int64).view(np.uint64))
    return mixed.view(np.int64)


def _mixed(words: Words) -> Words:
    """Yield the next word of SplitMix64 for each."""
    with np.errstate(over="ignore"):
        words = words + _STEP
        words = (words ^ (words >> np.uint64(30))) * _FIRST
        words = (words ^ (words >> np.uint64(27))) * _SECOND
        return words ^ (words >> np.uint64(31))


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
