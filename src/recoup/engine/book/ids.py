"""Finds ids: text to row ordinal for millions of rows, and keys that occur more than once.

Texts are compared by a 64-bit hash first and then, always, byte by byte: a collision costs time,
never a wrong answer.
"""

from collections.abc import Callable, Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recoup.engine.book.columns import (
    NONE,
    Flags,
    Hashes,
    Ints,
    Ordinals,
    as_text,
    flags_of,
    taken,
    text_bytes,
)

_PRIME = np.uint64(0x9E3779B97F4A7C15)
_SECOND = np.uint64(0xC2B2AE3D27D4EB4F)
#: A reading that can be repeated: batches of (source rows, texts), from the beginning each time.
ReadTwice = Callable[[], Iterable[tuple[Ints, pa.StringArray]]]

_BYTE_MASKS = np.array([(1 << (8 * kept)) - 1 for kept in range(9)], np.uint64)


def hash_texts(texts: pa.StringArray) -> Hashes:
    """Yield a 64-bit hash per row, the same on every machine; nulls hash as empty text."""
    raw = text_bytes(texts)
    lengths = raw.lengths
    padded = np.concatenate([raw.data, np.zeros(8, np.uint8)])
    words: Hashes = np.ndarray((len(padded) - 7,), "<u8", padded.data, strides=(1,))
    state = lengths.astype(np.uint64) * _SECOND
    longest = int(lengths.max(initial=0))
    for done in range(0, longest, 8):
        rest = lengths - done
        if done and int(rest.min()) <= 0:
            rows = np.flatnonzero(rest > 0)
            state[rows] = _mixed(state[rows], words[raw.starts[rows] + done], rest[rows])
        else:
            # A row of length zero may start at the very end of the data.
            places = np.minimum(raw.starts + done, len(words) - 1)
            state = _mixed(state, words[places], rest)
    state ^= state >> np.uint64(32)
    state *= _SECOND
    state ^= state >> np.uint64(29)
    return state


def _mixed(state: Hashes, words: Hashes, rest: Ints) -> Hashes:
    if int(rest.min(initial=8)) < 8:
        words = words & _BYTE_MASKS[np.clip(rest, 0, 8)]
    state = (state ^ words) * _PRIME
    state ^= state >> np.uint64(31)
    return state


class IdIndex:
    """Distinct ids and where they stand: ``find`` yields the ordinal of each text, or NONE."""

    def __init__(self, ids: pa.StringArray) -> None:
        self.ids = ids
        hashes = hash_texts(ids)
        self._order = np.argsort(hashes).astype(np.int32)
        self._hashes = hashes[self._order]
        bits = max(1, len(ids).bit_length())
        self._shift = np.uint64(64 - bits)
        marks = np.arange((1 << bits) + 1, dtype=np.uint64)
        buckets = self._hashes >> self._shift
        self._starts = np.searchsorted(buckets, marks).astype(np.int32)
        self._remembered: tuple[pa.Array, Ordinals] | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def find(self, column: pa.Array) -> Ordinals:
        """Yield the ordinal of each row's id; NONE where it is null or not known."""
        if not pa.types.is_dictionary(column.type):
            return self._find_texts(as_text(column))
        values = self._find_dictionary(column.dictionary)
        indices = column.indices
        if indices.null_count:
            indices = pc.fill_null(indices, len(values))
            values = np.append(values, np.int32(NONE))
        found: Ordinals = values[indices.to_numpy(zero_copy_only=False)]
        return found

    def _find_dictionary(self, dictionary: pa.Array) -> Ordinals:
        """A file's batches repeat one dictionary: the last one is remembered."""
        if self._remembered is None or not self._remembered[0].equals(dictionary):
            self._remembered = (dictionary, self._find_texts(as_text(dictionary)))
        return self._remembered[1]

    def _run_from(self, texts: pa.StringArray) -> int:
        """Yield where the texts stand one after the other among the ids; NONE if they do not."""
        if len(texts) < 2 or texts.null_count:
            return NONE
        first = int(self._find_texts(texts[:1])[0])
        if first == NONE or not texts.equals(self.ids[first : first + len(texts)]):
            return NONE
        return first

    def _find_texts(self, texts: pa.StringArray) -> Ordinals:
        found = np.full(len(texts), NONE, np.int32)
        if not len(self.ids) or not len(texts):
            return found
        first = self._run_from(texts)
        if first != NONE:
            return np.arange(first, first + len(texts), dtype=np.int32)
        hashes = hash_texts(texts)
        buckets = (hashes >> self._shift).astype(np.int64)
        place, until = self._starts[buckets], self._starts[buckets + 1]
        open_rows = np.flatnonzero(place < until)
        place = place[open_rows]
        while len(open_rows):
            same = self._hashes[place] == hashes[open_rows]
            rows, candidates = open_rows[same], self._order[place[same]]
            equal = pc.equal(taken(texts, rows), taken(self.ids, candidates))
            right = flags_of(pc.fill_null(equal, False))
            found[rows[right]] = candidates[right]
            place = place + 1
            rest = (found[open_rows] == NONE) & (place < until[open_rows])
            open_rows, place = open_rows[rest], place[rest]
        return found


def repeated_rows(texts: pa.StringArray) -> list[Ints]:
    """Yield the groups of row places that share one text, each ascending; nulls are left out."""
    hashes = hash_texts(texts)
    if texts.null_count:
        # Nulls get hashes of their own, so that they never meet.
        empty = np.flatnonzero(flags_of(pc.is_null(texts)))
        hashes[empty] = np.arange(len(empty), dtype=np.uint64)
    suspects = np.flatnonzero(np.isin(hashes, repeated_values(hashes)))
    return group_texts(texts=taken(texts, suspects), places=suspects)


def repeated_values(hashes: Hashes) -> Hashes:
    """Yield the values that occur more than once, ascending."""
    ordered = np.sort(hashes)
    return np.unique(ordered[1:][ordered[1:] == ordered[:-1]])


def group_texts(*, texts: pa.StringArray, places: Ints) -> list[Ints]:
    """Yield the groups of places with equal text that have more than one member."""
    groups: dict[str, list[int]] = {}
    for text, place in zip(texts.to_pylist(), places.tolist(), strict=True):
        if text is not None:
            groups.setdefault(text, []).append(place)
    return [np.array(sorted(group), np.int64) for group in groups.values() if len(group) > 1]


def repeated_in_stream(read: ReadTwice) -> list[Ints]:
    """Yield the groups of source rows that share one key, over a table too large to hold.

    Shape: ``read()`` yields batches of (source rows, texts), the same each time it is called; it
    is called again only if the texts do not ascend, and once more if a hash occurs twice.
    """
    if _ascends(read):
        return []
    parts = [hash_texts(texts) for _, texts in read()]
    suspects = repeated_values(np.concatenate(parts))
    if not len(suspects):
        return []
    texts, places = [], []
    for (rows, column), hashes in zip(read(), parts, strict=True):
        hit = np.flatnonzero(_is_among(hashes, suspects))
        texts.append(taken(column, hit))
        places.append(rows[hit])
    return group_texts(texts=pa.concat_arrays(texts), places=np.concatenate(places))


def _is_among(hashes: Hashes, values: Hashes) -> Flags:
    place = np.minimum(np.searchsorted(values, hashes), len(values) - 1)
    among: Flags = values[place] == hashes
    return among


def _ascends(read: ReadTwice) -> bool:
    """Whether the texts ascend over all batches, which many exports do, and so are distinct."""
    last = ""
    for _, texts in read():
        if not len(texts):
            continue
        if texts.null_count or texts[0].as_py() <= last or not ascending(texts):
            return False
        last = texts[-1].as_py()
    return True


def ascending(texts: pa.StringArray) -> bool:
    """Whether texts without nulls are in strictly ascending byte order, hence distinct."""
    if len(texts) < 2:
        return True
    return bool(pc.all(pc.less(texts[:-1], texts[1:])).as_py())
