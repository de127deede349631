"""Arrow columns from numpy arrays, without a Python object per cell.

Amounts leave as decimal(18, 2) and days as date32, as a bank's own export would write them.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Days = NDArray[np.int32]
Flags = NDArray[np.bool_]
AnyInts = NDArray[np.integer[Any]]

_ZERO = ord("0")


def _validity(present: Flags | None) -> pa.Buffer | None:
    """Yield Arrow's bitmap of the cells that are present; None when all are."""
    if present is None or bool(present.all()):
        return None
    return pa.py_buffer(np.packbits(present, bitorder="little").tobytes())


def decimals(minor: Ints, *, present: Flags | None = None, scale: int = 2) -> pa.Array:
    """Yield a decimal(18, scale) column from integer minor units; absent cells are null."""
    low_high = np.empty((len(minor), 2), dtype=np.int64)
    low_high[:, 0] = minor
    low_high[:, 1] = minor >> 63
    buffers = [_validity(present), pa.py_buffer(low_high)]
    return pa.Array.from_buffers(pa.decimal128(18, scale), len(minor), buffers)


def dates(days: AnyInts, *, present: Flags | None = None) -> pa.Array:
    """Yield a date32 column from days since 1970-01-01; absent cells are null."""
    cells = np.ascontiguousarray(days, dtype=np.int32)
    buffers = [_validity(present), pa.py_buffer(cells)]
    return pa.Array.from_buffers(pa.date32(), len(cells), buffers)


def instants(seconds: Ints) -> pa.Array:
    """Yield a UTC timestamp column (microseconds) from seconds since 1970-01-01."""
    cells = np.ascontiguousarray(seconds * 1_000_000, dtype=np.int64)
    return pa.Array.from_buffers(
        pa.timestamp("us", tz="UTC"), len(cells), [None, pa.py_buffer(cells)]
    )


def integers(numbers: AnyInts, *, present: Flags | None = None) -> pa.Array:
    """Yield an int32 column; absent cells are null."""
    cells = np.ascontiguousarray(numbers, dtype=np.int32)
    return pa.Array.from_buffers(pa.int32(), len(cells), [_validity(present), pa.py_buffer(cells)])


def flags(values: Flags, *, present: Flags | None = None) -> pa.Array:
    """Yield a boolean column; absent cells are null."""
    bits = pa.py_buffer(np.packbits(values, bitorder="little").tobytes())
    return pa.Array.from_buffers(pa.bool_(), len(values), [_validity(present), bits])


def digits(numbers: AnyInts, *, width: int) -> NDArray[np.uint8]:
    """Yield the numbers as rows of ``width`` ASCII digits, zero padded."""
    cells = np.empty((len(numbers), width), dtype=np.uint8)
    rest = numbers.astype(np.int64)
    for place in range(width - 1, -1, -1):
        rest, digit = np.divmod(rest, 10)
        cells[:, place] = digit + _ZERO
    return cells


def fixed_text(cells: NDArray[np.uint8], *, present: Flags | None = None) -> pa.Array:
    """Yield a text column from rows of ASCII bytes of one width."""
    rows, width = cells.shape
    offsets = np.arange(rows + 1, dtype=np.int32) * np.int32(width)
    body = pa.py_buffer(np.ascontiguousarray(cells))
    return pa.Array.from_buffers(
        pa.string(), rows, [_validity(present), pa.py_buffer(offsets), body]
    )


def numbered(
    prefix: str, numbers: AnyInts, *, width: int, present: Flags | None = None
) -> pa.Array:
    """Yield a text column of prefix and zero padded number: ``C``, 7, 9 gives ``C000000007``."""
    head = np.frombuffer(prefix.encode("ascii"), dtype=np.uint8)
    cells = np.empty((len(numbers), len(head) + width), dtype=np.uint8)
    cells[:, : len(head)] = head
    cells[:, len(head) :] = digits(numbers, width=width)
    return fixed_text(cells, present=present)


def repeated(texts: pa.Array, positions: AnyInts, *, present: Flags | None = None) -> pa.Array:
    """Yield the texts at the given positions, sharing one dictionary instead of copies."""
    cells = np.ascontiguousarray(positions, dtype=np.int32)
    indices = pa.Array.from_buffers(
        pa.int32(), len(cells), [_validity(present), pa.py_buffer(cells)]
    )
    return pa.DictionaryArray.from_arrays(indices, texts, safe=False)


def coded(names: Sequence[str], codes: AnyInts, *, present: Flags | None = None) -> pa.Array:
    """Yield a text column from positions in a short list of names."""
    return repeated(pa.array(names, pa.string()), codes, present=present)
