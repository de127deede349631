"""The shapes in which columns travel through the intake: NumPy numbers and Arrow text."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
Ordinals = npt.NDArray[np.int32]
Days = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
Hashes = npt.NDArray[np.uint64]

#: So many numbers, each smaller than this, add up without leaving 64 bits.
_SMALL = 2**31
#: Stands for "no such row" where an ordinal is looked for.
NONE = -1


@dataclass(frozen=True)
class TextBytes:
    """The raw bytes of a text column: row i is ``data[starts[i]:ends[i]]``; a null has length 0."""

    data: Bytes
    starts: Ints
    ends: Ints

    @property
    def lengths(self) -> Ints:
        """The number of bytes of each row."""
        return self.ends - self.starts


def text_bytes(texts: pa.StringArray) -> TextBytes:
    """Yield the bytes of a text array without copying them."""
    _, offset_buffer, data_buffer = texts.buffers()
    if offset_buffer is None or not len(texts):
        empty = np.zeros(0, np.int64)
        return TextBytes(np.zeros(0, np.uint8), empty, empty)
    offsets = np.frombuffer(offset_buffer, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    data = np.zeros(0, np.uint8) if data_buffer is None else np.frombuffer(data_buffer, np.uint8)
    base = int(offsets[0])
    data = data[base : int(offsets[-1])]
    edges = offsets.astype(np.int64) - base
    starts, ends = edges[:-1], edges[1:]
    if texts.null_count:
        ends = np.where(flags_of(pc.is_null(texts)), starts, ends)
    return TextBytes(data, starts, ends)


def flags_of(booleans: pa.BooleanArray) -> Flags:
    """Yield a boolean array without nulls as NumPy flags."""
    flags: Flags = booleans.to_numpy(zero_copy_only=False).astype(bool, copy=False)
    return flags


def present(array: pa.Array) -> Flags | None:
    """Yield which rows have a value; None when all have."""
    if not array.null_count:
        return None
    return flags_of(pc.is_valid(array))


def plain(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Yield a column as one array."""
    if isinstance(column, pa.ChunkedArray):
        return column.combine_chunks()
    return column


def is_text(kind: pa.DataType) -> bool:
    """Whether a type is any of Arrow's texts, or a dictionary of them."""
    if pa.types.is_dictionary(kind):
        return is_text(kind.value_type)
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def as_text(array: pa.Array) -> pa.StringArray:
    """Yield any scalar column as text: dates as YYYY-MM-DD, decimals with all their digits.

    Errors: pa.ArrowInvalid, when bytes are no UTF-8.
    """
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_string(array.type):
        return array
    return plain(array.cast(pa.string()))


def taken(array: pa.Array, rows: npt.NDArray[np.integer]) -> pa.Array:
    """Yield the rows of a column at the given places."""
    return array.take(pa.array(rows))


def exact_sum(values: Ints) -> int:
    """Yield the sum of int64 values as a Python integer that cannot overflow."""
    if not len(values):
        return 0
    if int(values.min()) > -_SMALL and int(values.max()) < _SMALL and len(values) < _SMALL:
        return int(values.sum(dtype=np.int64))
    low = int((values & 0xFFFFFFFF).sum(dtype=np.int64))
    high = int((values >> 32).sum(dtype=np.int64))
    return (high << 32) + low
