"""Fills a text with the facts of one case: names, days, counts and amounts, each by its type.

A text is a row of parts; each part is one element of what a person must be told (who we are, the
amount, how to object ...) and holds placeholders such as ``{overdue}``. An element whose value is
not there is not left out in silence: nothing is written at all.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Final, TypeAlias

from recoup.kernel.money import text_from_minor
from recoup.kernel.refusal import Refused

NAME, AMOUNT, DAY, COUNT = "name", "amount", "day", "count"
_NAMES: Final = (
    *("bank", "bank_phone", "bank_address", "complaint_phone", "agent", "employee_number"),
    *("debtor", "contact_of", "product", "contracts", "file_number", "pay_account", "pay_ways"),
    *("agency", "agency_phone", "complaint_number", "handler", "findings_made", "redress"),
)
_AMOUNTS: Final = (
    *("overdue", "instalment", "outstanding", "principal", "interest", "penalty", "fee"),
    *("promised", "received", "settlement", "waived"),
)
_DAYS: Final = (
    *("as_of", "due_on", "pay_by", "promised_on", "called_on", "placed_on", "offer_until"),
    *("settled_on", "complained_on", "answer_by"),
)
#: Every placeholder that a text may have, with the type of its value.
PLACEHOLDERS: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(_NAMES, NAME)
    | dict.fromkeys(_AMOUNTS, AMOUNT)
    | dict.fromkeys(_DAYS, DAY)
    | dict.fromkeys(("dpd", "terms"), COUNT)
)
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)

Value: TypeAlias = str | int | date


class ValuesMissing(Refused):
    """Facts that a text needs are not known, so it is not written."""

    def __init__(self, *, names: Sequence[str], elements: Sequence[str]) -> None:
        listed, of = ", ".join(names), ", ".join(elements)
        super().__init__(
            zh=f"文字没有生成：缺少 {listed}（要素：{of}）。请先补全资料。",
            en=f"The text was not written: {listed} is missing (elements: {of}). "
            "Complete the facts first.",
        )
        self.names = tuple(names)


class WrongValue(ValueError):
    """A value is not of the type of its placeholder: a fault of whoever fills the text."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One element of a text and how it is said."""

    element: str
    text: str


def placeholders_in(text: str) -> tuple[str, ...]:
    """Yield the names in braces, in their order.

    >>> placeholders_in("{bank}: {overdue}")
    ('bank', 'overdue')
    """
    return tuple(match[1] for match in _PLACEHOLDER.finditer(text))


def filled(
    *, parts: Iterable[Part], values: Mapping[str, Value], language: str, currency: str
) -> tuple[Part, ...]:
    """Yield the parts with every placeholder filled in.

    Shape: ``values`` by name of PLACEHOLDERS: names are text, amounts and counts whole numbers,
    days dates.
    Units: amounts in minor units of ``currency``.
    Errors: ValuesMissing, which names every value that is not there; WrongValue.

    >>> [part] = filled(
    ...     parts=[Part(element="amount", text="应还{overdue}。")],
    ...     values={"overdue": 124000}, language="zh", currency="CNY",
    ... )
    >>> part.text
    '应还1,240.00元。'
    """
    found = tuple(parts)
    missing = {
        name: part.element
        for part in found
        for name in placeholders_in(part.text)
        if values.get(name) in (None, "")
    }
    if missing:
        raise ValuesMissing(names=list(missing), elements=sorted(set(missing.values())))

    def shown(match: re.Match[str]) -> str:
        return shown_value(match[1], values[match[1]], language=language, currency=currency)

    return tuple(replace(part, text=_PLACEHOLDER.sub(shown, part.text)) for part in found)


def amount_in_words(*, minor: int, currency: str, language: str) -> str:
    """Yield an amount as texts name it.

    >>> amount_in_words(minor=124000, currency="CNY", language="en")
    'CNY 1,240.00'
    """
    digits = text_from_minor(minor=minor, currency=currency, grouped=True)
    if language == "zh" and currency == "CNY":
        return f"{digits}元"
    return f"{currency} {digits}"


def day_in_words(*, day: date, language: str) -> str:
    """Yield a day as texts name it.

    >>> day_in_words(day=date(2026, 12, 5), language="zh")
    '2026年12月5日'
    """
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def shown_value(name: str, value: Value, *, language: str, currency: str) -> str:
    """Yield the value of a placeholder as texts show it.

    Units: amounts in minor units of ``currency``.
    Errors: WrongValue.
    """
    kind = PLACEHOLDERS.get(name)
    if kind == NAME and isinstance(value, str):
        return value
    if kind == DAY and isinstance(value, date):
        return day_in_words(day=value, language=language)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        if kind == AMOUNT:
            return amount_in_words(minor=value, currency=currency, language=language)
        if kind == COUNT:
            return str(value)
    raise WrongValue(f"{{{name}}} takes a {kind}, not {value!r}")
