"""Tells which elements of a text are still there after somebody has edited it.

An element that names something (a telephone number, an amount) is there while one of its values is;
one that only says something is there while at least half of what it said is.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from recoup.kernel.texts.filling import Part

_HALF: Final = 2


def lost_elements(
    *, text: str, parts: Sequence[Part], named: Mapping[str, Sequence[str]]
) -> tuple[Part, ...]:
    """Yield the parts whose element a text no longer has, in their order.

    Shape: ``parts`` are filled, one or more for each element that must be there; ``named`` has, by
    element, the values one of which it must name (none: it is told by its own words).

    >>> whole = [Part(element="options", text="We can agree on instalments."),
    ...          Part(element="how_to_object", text="Questions: 400-000-0000.")]
    >>> lost = lost_elements(
    ...     text="We can agree on instalments, as you like.", parts=whole,
    ...     named={"how_to_object": ["400-000-0000"]},
    ... )
    >>> [part.element for part in lost]
    ['how_to_object']
    """
    said = _plain(text)
    lost = []
    for part in parts:
        values = [_plain(value) for value in named.get(part.element, ()) if value]
        if values:
            there = any(value in said for value in values)
        else:
            pairs = _pairs(_plain(part.text))
            there = len(pairs & _pairs(said)) * _HALF >= len(pairs)
        if not there:
            lost.append(part)
    return tuple(lost)


def _plain(text: str) -> str:
    """A text without spaces, commas, width and case: 1,240.00 is 1240.00, however wide."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in folded if not sign.isspace() and sign != ",")


def _pairs(text: str) -> frozenset[str]:
    signs = [sign for sign in text if sign.isalnum()]
    return frozenset(one + two for one, two in pairwise(signs))
