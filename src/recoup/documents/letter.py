"""A bank's letter as PDF: letterhead, file number, text, table of the debt, deadlines, signature.

The words of the letter come from whoever writes it (a text of the strategy, already filled and
checked); this toolkit adds the form, the table and its sums. Amounts are minor units until the
table shows them, so that the letter's totals are computed here and cannot differ from its rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from recoup.documents.typesetting import typeset
from recoup.kernel.capital_amount import capital_amount
from recoup.kernel.money import text_from_minor
from recoup.kernel.texts.filling import amount_in_words, day_in_words

#: The words of the form itself, in the two languages of letters.
_WORDS: Final[Mapping[str, Mapping[str, object]]] = MappingProxyType(
    {
        "zh": {
            "file_number": "文号：",
            "debt": "债务明细",
            "as_of": "截至",
            "columns": (
                "合同编号",
                "产品",
                "起始日",
                "到期日",
                "本金",
                "利息",
                "罚息",
                "费用",
                "合计",
            ),
            "sum": "合计",
            "in_words": "合计金额",
            "capitals": "大写",
            "deadlines": "日期与期限",
            "enclosures": "附件",
            "seal": "（盖章）",
            "page": ("第 ", " 页，共 ", " 页"),
            "phone": "电话：",
            "colon": "：",
        },
        "en": {
            "file_number": "Our reference: ",
            "debt": "The debt in detail",
            "as_of": "as of ",
            "columns": (
                *("Contract", "Product", "From", "Until"),
                *("Principal", "Interest", "Penalty", "Fees", "Total"),
            ),
            "sum": "Total",
            "in_words": "Total amount",
            "capitals": "in Chinese capitals",
            "deadlines": "Dates",
            "enclosures": "Enclosures",
            "seal": "(seal)",
            "page": ("Page ", " of ", ""),
            "phone": "Telephone ",
            "colon": ": ",
        },
    }
)


@dataclass(frozen=True, kw_only=True)
class Letterhead:
    """Whose letter it is."""

    name: str
    address: str
    phone: str


@dataclass(frozen=True, kw_only=True)
class DebtLine:
    """One contract in the table of the debt. Units: minor units. Days None: not known."""

    contract_id: str
    product: str
    started_on: date | None
    due_on: date | None
    principal_minor: int
    interest_minor: int
    penalty_minor: int
    fee_minor: int

    @property
    def amounts(self) -> tuple[int, int, int, int, int]:
        """Principal, interest, penalty, fee, and what they come to."""
        parts = (self.principal_minor, self.interest_minor, self.penalty_minor, self.fee_minor)
        return (*parts, sum(parts))


@dataclass(frozen=True, kw_only=True)
class Debt:
    """The table of the debt on a day."""

    as_of: date
    currency: str
    lines: tuple[DebtLine, ...]

    @property
    def total_minor(self) -> int:
        """What all contracts come to."""
        return sum(line.amounts[-1] for line in self.lines)


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """A day that matters to the reader, and what it is for."""

    label: str
    on: date


@dataclass(frozen=True, kw_only=True)
class Signature:
    """Who signs: the institution, the person or unit, and the day."""

    institution: str
    signatory: str
    on: date


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A whole letter in one language (``zh`` or ``en``); the first paragraph is the greeting."""

    language: str
    letterhead: Letterhead
    file_number: str
    recipient: tuple[str, ...]
    subject: str
    paragraphs: tuple[str, ...]
    signature: Signature
    debt: Debt | None = None
    deadlines: tuple[Deadline, ...] = ()
    enclosures: tuple[str, ...] = ()


def letter_pdf(*, letter: Letter, at: datetime) -> bytes:
    """Yield the letter as PDF/A-2b, the same bytes for the same letter and instant.

    Errors: DocumentRefused, in its kinds; NotInCapitals, for a debt in CNY that is negative.
    """
    return content_pdf(content=letter_content(letter=letter), at=at)


def content_pdf(*, content: Mapping[str, object], at: datetime) -> bytes:
    """Yield a letter of which ``letter_content`` was kept, as PDF/A-2b. Errors: DocumentRefused."""
    return typeset(template="letter.typ", data=content, at=at)


def batch_pdf(
    *, contents: Sequence[Mapping[str, object]], title: str, author: str, at: datetime
) -> bytes:
    """Yield letters one after the other as one PDF/A-2b; each has pages of its own, from one on.

    Shape: ``contents`` as ``letter_content`` yields them. Errors: DocumentRefused, in its kinds.
    """
    data = {"title": title, "author": author, "letters": list(contents)}
    return typeset(template="letters.typ", data=data, at=at)


def letter_content(*, letter: Letter) -> Mapping[str, object]:
    """Yield everything that the letter shows, as text that JSON can keep.

    Errors: NotInCapitals, for a debt in CNY that is negative.
    """
    language = letter.language
    words = _WORDS[language]
    signature = letter.signature
    return {
        "language": language,
        "words": dict(words),
        "letterhead": asdict(letter.letterhead),
        "file_number": letter.file_number,
        "recipient": list(letter.recipient),
        "subject": letter.subject,
        "paragraphs": list(letter.paragraphs),
        "debt": _table(letter.debt, language) if letter.debt is not None else None,
        "deadlines": [
            {"label": one.label, "day": day_in_words(day=one.on, language=language)}
            for one in letter.deadlines
        ],
        "enclosures": list(letter.enclosures),
        "signature": {
            "institution": signature.institution,
            "signatory": signature.signatory,
            "day": day_in_words(day=signature.on, language=language),
        },
    }


def _table(debt: Debt, language: str) -> Mapping[str, object]:
    total = debt.total_minor
    capitals = capital_amount(minor=total, currency="CNY") if debt.currency == "CNY" else ""
    return {
        "as_of": day_in_words(day=debt.as_of, language=language),
        "currency": debt.currency,
        "rows": [
            [
                *(line.contract_id, line.product),
                *(one.isoformat() if one else "—" for one in (line.started_on, line.due_on)),
                *_shown(line.amounts, debt.currency),
            ]
            for line in debt.lines
        ],
        "sums": _shown(
            [sum(column) for column in zip(*(line.amounts for line in debt.lines), strict=True)],
            debt.currency,
        ),
        "figure": amount_in_words(minor=total, currency=debt.currency, language=language),
        "capitals": capitals,
    }


def _shown(amounts: Sequence[int], currency: str) -> list[str]:
    return [text_from_minor(minor=one, currency=currency, grouped=True) for one in amounts]
