"""Finds ids: text to row ordinal for millions of rows, and keys that occur more than once.

Texts are compared by a 64-bit hash first and then, always, byte by byte: a collision costs time,
never a wrong answer.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

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
        values = self.find_each(column.dictionary)
        indices = column.indices
        if indices.null_count:
            indices = pc.fill_null(indices, len(values))
            values = np.append(values, np.int32(NONE))
        found: Ordinals = values[indices.to_numpy(zero_copy_only=False)]
        return found

    def find_each(self, dictionary: pa.Array) -> Ordinals:
        """Yield the ordinal of each text of a dictionary; NONE where it is not known.

        A file's batches repeat one dictionary: the last one is remembered.
        """
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


@dataclass(frozen=True)
class Groups:
    """Places that share one text, group after group; within a group the places ascend.

    Shape: group i is ``members[starts[i]:starts[i + 1]]``, the last one goes to the end.
    """

    members: Ints
    starts: Ints

    @property
    def sizes(self) -> Ints:
        """How many members each group has."""
        return np.diff(self.starts, append=len(self.members))

    @property
    def numbers(self) -> Ints:
        """The number of each member's group."""
        return np.repeat(np.arange(len(self.starts)), self.sizes)

    def where(self, flags: Flags) -> Flags:
        """Spread flags over groups: a member is flagged if any member of its group is."""
        if not len(self.starts):
            return flags
        any_in_group = np.logical_or.reduceat(flags, self.starts)
        spread: Flags = np.repeat(any_in_group, self.sizes)
        return spread

    def only(self, flags: Flags) -> "Groups":
        """Yield the groups whose members are flagged, all or none of each group."""
        kept = flags[self.starts] if len(self.starts) else flags
        sizes = self.sizes[kept]
        return Groups(self.members[flags], np.cumsum(sizes) - sizes)


def repeated_rows(texts: pa.StringArray) -> Groups:
    """Yield the groups of row places that share one text; nulls are in none."""
    hashes = hash_texts(texts)
    suspects = np.flatnonzero(_is_among(hashes, repeated_values(hashes)))
    return _grouped(
        hashes=hashes[suspects], texts=taken(texts, suspects), places=suspects.astype(np.int64)
    )


def repeated_in_stream(read: ReadTwice) -> Groups:
    """Yield the groups of source rows that share one key, over a table too large to hold.

    Shape: ``read()`` yields batches of (source rows, texts), the same each time it is called; it
    is called again only if a hash occurs twice.
    """
    nothing = np.zeros(0, np.int64)
    parts = [hash_texts(texts) for _, texts in read()]
    suspects = repeated_values(np.concatenate(parts))
    if not len(suspects):
        return Groups(nothing, nothing)
    hashes, texts, places = [], [], []
    for (rows, column), found in zip(read(), parts, strict=True):
        hit = np.flatnonzero(_is_among(found, suspects))
        hashes.append(found[hit])
        texts.append(taken(column, hit))
        places.append(rows[hit])
    return _grouped(
        hashes=np.concatenate(hashes),
        texts=pa.concat_arrays(texts),
        places=np.concatenate(places),
    )


def _grouped(*, hashes: Hashes, texts: pa.StringArray, places: Ints) -> Groups:
    """Yield the groups of places whose texts are equal, byte by byte."""
    order = np.lexsort((places, hashes))
    order = order[flags_of(pc.is_valid(taken(texts, order)))]
    same_hash = hashes[order][1:] == hashes[order][:-1]
    equal = flags_of(pc.equal(taken(texts, order[1:]), taken(texts, order[:-1])))
    if (same_hash & ~equal).any():
        # Different texts share a hash, and may lie mixed: sort them by their bytes as well.
        ranks = pc.rank(texts, tiebreaker="dense").to_numpy().astype(np.int64)
        order = order[np.lexsort((places[order], ranks[order]))]
        equal = ranks[order][1:] == ranks[order][:-1]
    if not len(order):
        return Groups(places[order], order)
    follows, leads = np.append(False, equal), np.append(equal, False)
    order, follows = order[follows | leads], follows[follows | leads]
    return Groups(places[order], np.flatnonzero(~follows))


def repeated_values(hashes: Hashes) -> Hashes:
    """Yield the values that occur more than once, ascending."""
    ordered = np.sort(hashes)
    return np.unique(ordered[1:][ordered[1:] == ordered[:-1]])


def _is_among(hashes: Hashes, values: Hashes) -> Flags:
    if not len(values):
        return np.zeros(len(hashes), bool)
    place = np.minimum(np.searchsorted(values, hashes), len(values) - 1)
    among: Flags = values[place] == hashes
    return among


class Ascent:
    """Follows texts from batch to batch: as long as they ascend, all of them are distinct."""

    def __init__(self) -> None:
        self._last = ""

    def goes_on(self, texts: pa.StringArray) -> bool:
        """Whether a batch has no nulls and ascends strictly from where the last one ended."""
        if not len(texts):
            return True
        if texts.null_count or texts[0].as_py() <= self._last or not ascending(texts):
            return False
        self._last = texts[-1].as_py()
        return True


def ascending(texts: pa.StringArray) -> bool:
    """Whether texts without nulls are in strictly ascending byte order, hence distinct."""
    if len(texts) < 2:
        return True
    return bool(pc.all(pc.less(texts[:-1], texts[1:])).as_py())
