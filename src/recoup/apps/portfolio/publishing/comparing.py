"""Holds tonight's rows against what the records hold: new, changed, gone, the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What to write of a table. ``write``: rows new or changed; ``gone``: keys to take out."""

    write: pa.Table
    gone: pa.Table
    new: int
    changed: int
    same: int

    @property
    def counts(self) -> Mapping[str, int]:
        """The counts as a publication keeps them."""
        return {
            "new": self.new,
            "changed": self.changed,
            "gone": self.gone.num_rows,
            "same": self.same,
        }


def key_texts(rows: pa.Table, key: Sequence[str]) -> pa.Array:
    """Yield the key of each row as one text."""
    cells = [rows.column(name).cast(pa.string()) for name in key]
    joined = cells[0] if len(cells) == 1 else pc.binary_join_element_wise(*cells, "\x1f")
    return joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined


def compare(*, coming: pa.Table, stored: pa.Table, key: Sequence[str]) -> Difference:
    """Yield the difference of two tables by key and ``row_hash``.

    Shape: ``stored`` has the key, ``row_hash`` and, if rows may be marked as gone, ``is_gone``;
    rows marked so are not told gone again.
    """
    coming_keys, stored_keys = key_texts(coming, key), key_texts(stored, key)
    at = pc.index_in(coming_keys, stored_keys)
    known = pc.is_valid(at).to_numpy(zero_copy_only=False)
    unlike = ~known
    places = at.drop_null().to_numpy()
    before = stored.column("row_hash").to_numpy()[places]
    unlike[known] = coming.column("row_hash").to_numpy()[known] != before
    missing = ~_among(stored_keys, coming_keys)
    if "is_gone" in stored.column_names:
        missing &= ~stored.column("is_gone").to_numpy()
    new = int((~known).sum())
    return Difference(
        write=coming.filter(pa.array(unlike)),
        gone=stored.filter(pa.array(missing)).select(list(key)),
        new=new,
        changed=int(unlike.sum()) - new,
        same=int((~unlike).sum()),
    )


def _among(some: pa.Array, others: pa.Array) -> npt.NDArray[np.bool_]:
    if not len(some):
        return np.zeros(0, bool)
    found: npt.NDArray[np.bool_] = pc.is_in(some, others).to_numpy(zero_copy_only=False)
    return found
