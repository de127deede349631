"""A booklet: facts, then tables under headings. The index of a bundle and a report are booklets.

It is text already, in one language; whoever sets it adds nothing.
"""

from dataclasses import asdict, dataclass
from datetime import datetime

from recoup.documents.sheet import Fact
from recoup.documents.typesetting import typeset


@dataclass(frozen=True, kw_only=True)
class Part:
    """A table under a heading. ``widths`` are shares of the page; ``empty`` is said of no rows."""

    heading: str
    note: str = ""
    headings: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]
    empty: str


@dataclass(frozen=True, kw_only=True)
class Booklet:
    """A whole document in one language (``zh`` or ``en``)."""

    language: str
    title: str
    subtitle: str
    facts: tuple[Fact, ...]
    parts: tuple[Part, ...]
    footer: str
    page_words: tuple[str, str, str]


def booklet_pdf(*, booklet: Booklet, at: datetime) -> bytes:
    """Yield the booklet as PDF/A-2b. Errors: DocumentRefused, in its kinds."""
    return typeset(template="booklet.typ", data=asdict(booklet), at=at)
