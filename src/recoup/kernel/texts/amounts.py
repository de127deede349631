"""Finds every amount of money that a text names, in digits or in words, Chinese or English."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from recoup.kernel.money import exponent

_DIGITS: Final = r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?"
_CHINESE_DIGITS: Final = dict(
    zip("零〇一二三四五六七八九", (0, 0, *range(1, 10)), strict=True)
) | dict(zip("两壹贰叁肆伍陆柒捌玖", (2, *range(1, 10)), strict=True))
_CHINESE_UNITS: Final = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_GREAT_UNITS: Final = {"万": 10**4, "萬": 10**4, "亿": 10**8}
_NUMERAL: Final = "[0-9.,零〇一二两三四五六七八九壹贰叁肆伍陆柒捌玖十拾百佰千仟万亿半]"
_BEFORE: Final = r"(?:cny|rmb|usd|us\$|人民币|[¥￥$€£])"
_AFTER: Final = r"(?:元整?|圆整?|块钱?|人民币|yuan|rmb|cny|usd|dollars?|pounds?|euros?|renminbi)"
_VAGUE_ZH: Final = re.compile(rf"{_NUMERAL}+(?:多|余|来|几)(?:万|千|百)?(?:元|块)")
_ZH_WORDS: Final = re.compile(
    rf"(?P<number>{_NUMERAL}*[0-9零〇一二两三四五六七八九壹贰叁肆伍陆柒捌玖十拾百佰千仟万亿])\s?"
    r"(?:元|圆|块)(?:整|(?P<jiao>[0-9零一二三四五六七八九壹贰叁肆伍陆柒捌玖])角)?"
    r"(?:零?(?P<fen>[0-9零一二三四五六七八九壹贰叁肆伍陆柒捌玖])分)?"
)
_MARKED: Final = re.compile(
    rf"{_BEFORE}\s*(?P<after>{_DIGITS})(?![0-9])|"
    rf"(?<![0-9.,a-z-])(?P<before>{_DIGITS})\s*{_AFTER}(?![a-z])|"
    # Two digits after the point, and nothing that makes it a rate or a date: in doubt, an amount.
    r"(?<![0-9.,a-z-])(?P<bare>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]{2})?|[0-9]+\.[0-9]{2})"
    r"(?![0-9%‰.]|\s*(?:%|‰|per cent|percent))"
)
_EN_UNITS: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
)
_EN_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_EN_SMALL: Final = {
    **{word: number for number, word in enumerate(_EN_UNITS)},
    **{word: 10 * number for number, word in enumerate(_EN_TENS, start=2)},
}
_EN_GREAT: Final = {"hundred": 100, "thousand": 1000, "million": 10**6}
_EN_WORD: Final = "|".join((*_EN_SMALL, *_EN_GREAT))
_EN_WORDS: Final = re.compile(
    rf"(?<![a-z])(?P<words>(?:(?:{_EN_WORD}|and)[\s-]+)*(?:{_EN_WORD}))[\s-]+{_AFTER}(?![a-z])"
)


@dataclass(frozen=True, kw_only=True)
class NamedAmount:
    """An amount named in a text; ``minor`` is None where it is vague or not exact."""

    start: int
    end: int
    minor: int | None


def amounts_in(*, text: str, currency: str) -> tuple[NamedAmount, ...]:
    """Yield every amount that a text in normal form names, from left to right.

    Units: minor units of ``currency``; the currency named in the text is not converted.
    Errors: UnknownCurrency.

    >>> [one.minor for one in amounts_in(text="应还620.00元，或一千元", currency="CNY")]
    [62000, 100000]
    """
    found = [
        NamedAmount(start=match.start(), end=match.end(), minor=None)
        for match in _VAGUE_ZH.finditer(text)
    ]
    for match in _ZH_WORDS.finditer(text):
        _add(found, match, _chinese(match), currency)
    for match in _EN_WORDS.finditer(text):
        _add(found, match, _english(match["words"]), currency)
    for match in _MARKED.finditer(text):
        digits = match["after"] or match["before"] or match["bare"]
        _add(found, match, _decimal(digits), currency)
    return tuple(sorted(found, key=lambda one: one.start))


def _add(
    found: list[NamedAmount], match: re.Match[str], amount: Decimal | None, currency: str
) -> None:
    """Keep a match that overlaps none found before: the first way to read it counts."""
    start, end = match.span()
    for at, one in enumerate(found):
        if one.start < end and start < one.end:
            # "人民币1,240.00元" is read twice, once from each mark: it is one amount.
            found[at] = NamedAmount(
                start=min(start, one.start), end=max(end, one.end), minor=one.minor
            )
            return
    minor = None
    if amount is not None:
        scaled = amount.scaleb(exponent(currency))
        minor = int(scaled) if scaled == scaled.to_integral_value() else None
    found.append(NamedAmount(start=start, end=end, minor=minor))


def _decimal(digits: str) -> Decimal | None:
    try:
        return Decimal(digits.replace(",", ""))
    except InvalidOperation:
        return None


def _chinese(match: re.Match[str]) -> Decimal | None:
    whole = _chinese_number(match["number"])
    if whole is None:
        return None
    for name, weight in (("jiao", "0.1"), ("fen", "0.01")):
        digit = match[name]
        if digit:
            whole += Decimal(weight) * (_CHINESE_DIGITS.get(digit, 0) or _whole(digit))
    return whole


def _whole(digit: str) -> int:
    return int(digit) if digit.isascii() else 0


def _chinese_number(words: str) -> Decimal | None:
    """Yield what digits and units, mixed as people mix them, come to ("1万3千", "一万五千")."""
    total = section = Decimal(0)
    digits = ""
    last_unit = 1
    for one in words:
        if one.isascii():
            digits += one
            continue
        if one in _CHINESE_DIGITS:
            digits += str(_CHINESE_DIGITS[one])
            continue
        unit = _CHINESE_UNITS.get(one) or _GREAT_UNITS.get(one)
        if unit is None:
            return None
        number = _decimal(digits) if digits else (Decimal(1) if unit == 10 else None)
        digits = ""
        if one in _GREAT_UNITS:
            section += number or 0
            total, section = (total + section) * unit, Decimal(0)
        elif number is None:
            return None
        else:
            section += number * unit
        last_unit = unit
    if digits:
        number = _decimal(digits)
        if number is None:
            return None
        # "一万五" is 15,000: a last digit without a unit counts in the next lower one.
        short = last_unit > 10 and len(digits) == 1
        section += number * (last_unit // 10) if short else number
    return total + section


def _english(words: str) -> Decimal | None:
    total = section = 0
    for word in re.split(r"[\s-]+", words):
        if word == "and":
            continue
        if word in _EN_SMALL:
            section += _EN_SMALL[word]
        elif word == "hundred":
            section = (section or 1) * 100
        else:
            total, section = total + (section or 1) * _EN_GREAT[word], 0
    return Decimal(total + section)
