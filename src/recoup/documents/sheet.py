"""A sheet of account in words: what screen, PDF and API all show, cell by cell.

The sheet is text already, in one language; whoever shows it adds nothing and leaves nothing out.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Self

from recoup.documents.typesetting import typeset

#: Kinds of rows; templates dress them differently.
OPENING, CLOSING, CHARGE, MONEY, BACK, PIECE = (
    *("opening", "closing", "charge", "money", "back"),
    "piece",
)


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A label and what stands beside it."""

    label: str
    value: str


@dataclass(frozen=True, kw_only=True)
class SheetRow:
    """One row. A ``piece`` has one cell, which explains the row above; all others fill the columns.

    ``code`` tells programs and tests which record the row stands for.
    """

    kind: str
    code: str
    cells: tuple[str, ...]

    @property
    def standing_receipt(self) -> str:
        """The number of the receipt for which the row stands, if one that has not been reversed."""
        kind, _, key = self.code.partition(":")
        return key if self.kind == MONEY and kind == "receipt" else ""


@dataclass(frozen=True, kw_only=True)
class SheetProof:
    """An equation in words: what was counted, term by term, and the figure that it must give."""

    label: str
    terms: str
    counted: str
    found: str


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A whole statement in one language (``zh`` or ``en``)."""

    language: str
    title: str
    subtitle: str
    facts: tuple[Fact, ...]
    headings: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    figures_heading: str
    figures: tuple[Fact, ...]
    proofs_heading: str
    proofs: tuple[SheetProof, ...]
    notes: tuple[str, ...]
    footer: str
    page_words: tuple[str, str, str]

    def marked(self, watermark: str) -> Self:
        """Yield the same sheet with a watermark in its foot: who took it, and when."""
        return replace(self, footer=f"{self.footer} · {watermark}")

    @property
    def entry_span(self) -> int:
        """How many columns a piece fills: all but the day."""
        return len(self.headings) - 1


def sheet_pdf(*, sheet: Sheet, at: datetime) -> bytes:
    """Yield the sheet as PDF/A-2b. Errors: DocumentRefused, in its kinds."""
    data: Mapping[str, object] = asdict(sheet)
    return typeset(template="statement.typ", data=data, at=at)
