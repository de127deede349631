"""Fits the night's texts to the records' columns."""

from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
from django.db.models import CharField, Model

from recoup.kernel.refusal import Refused

#: A column of a table or a part of one; pyarrow tells no types.
Cells: TypeAlias = Any

#: PostgreSQL keeps no text with this character in it.
_NUL = "\x00"


class UnfitId(Refused):
    """An id of the book is longer than the records can hold, so its rows could not be found."""

    def __init__(self, *, column: str, value: str, most: int) -> None:
        shown = value[:40].replace(_NUL, "")
        super().__init__(
            zh=f"账册中的 {column}“{shown}…”不能用作编号（超过 {most} 个字符，或含有空字符）；"
            "本次结果未发布。请更正账册后重新运行日终。",
            en=f"The {column} '{shown}…' of the book cannot serve as an id (longer than {most} "
            "characters, or with a NUL in it); the result was not published. Correct the book and "
            "run the night again.",
        )


def length_of(model: type[Model], column: str) -> int | None:
    """Yield the most characters a column holds; None where there is no bound."""
    found = model._meta.get_field(column)
    return found.max_length if isinstance(found, CharField) else None


def texts(cells: Cells, most: int | None) -> Cells:
    """Yield texts without nulls and NULs, no longer than the column."""
    filled = pc.fill_null(cells.cast(pa.string()), "")
    if pc.any(pc.match_substring(filled, _NUL)).as_py():
        filled = pc.replace_substring(filled, _NUL, "")
    if most is not None and (pc.max(pc.utf8_length(filled)).as_py() or 0) > most:
        filled = pc.utf8_slice_codeunits(filled, 0, most)
    return filled


def ids(cells: Cells, *, column: str, most: int) -> Cells:
    """Yield ids as they are. Errors: UnfitId, for the first that cannot be kept whole."""
    too_long = pc.greater(pc.utf8_length(cells), most)
    unfit = pc.or_(too_long, pc.match_substring(cells, _NUL))
    if pc.any(unfit).as_py():
        first = cells.filter(unfit)[0].as_py()
        raise UnfitId(column=column, value=first, most=most)
    return cells
