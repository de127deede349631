"""Amounts in 大写: the Chinese capital numerals that nobody can alter with a stroke of the pen."""

from typing import Final

from recoup.kernel.money import GREATEST_MINOR, exponent

_DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_PLACES: Final = ("", "拾", "佰", "仟")
_GROUPS: Final = ("", "万", "亿", "万亿", "亿亿")
_NAMES: Final = {"CNY": "人民币"}


class NotInCapitals(ValueError):
    """An amount that has no usual form in 大写: negative, too large, or of another currency."""


def capital_amount(*, minor: int, currency: str = "CNY") -> str:
    """Yield an amount as contracts and cheques write it, with the name of the currency.

    Units: minor units (分). An amount without 分 ends in 整; 零 stands once for any row of zeros
    between two digits, and before 分 where there is no 角.
    Errors: NotInCapitals.
    Source: the People's Bank's rules on filling in bills (正确填写票据和结算凭证的基本规定),
    from memory, not compared with the official text.

    >>> capital_amount(minor=12_384_55)
    '人民币壹万贰仟叁佰捌拾肆元伍角伍分'
    >>> capital_amount(minor=1_000_05)
    '人民币壹仟元零伍分'
    """
    if currency not in _NAMES or exponent(currency) != 2:
        raise NotInCapitals(f"no capital form for {currency}")
    if not 0 <= minor <= GREATEST_MINOR:
        raise NotInCapitals(f"no capital form for {minor}")
    whole, cents = divmod(minor, 100)
    jiao, fen = divmod(cents, 10)
    said = f"{_whole(whole)}元" if whole or not cents else ""
    if jiao:
        said += f"{_DIGITS[jiao]}角"
    elif fen and whole:
        said += "零"
    said += f"{_DIGITS[fen]}分" if fen else "整"
    return _NAMES[currency] + said


def _whole(number: int) -> str:
    """The digits of a whole number by groups of four, each with the name of its group."""
    if number == 0:
        return _DIGITS[0]
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    said = ""
    skipped = False
    for at in range(len(groups) - 1, -1, -1):
        group = groups[at]
        if group == 0:
            skipped = True
            continue
        if said and (skipped or group < 1000):
            said += _DIGITS[0]
        said += _group(group) + _GROUPS[at]
        # 亿 is said once: 1 0000 0000 0000 is 壹万亿, and what follows it keeps its own 亿.
        if at == 3 and groups[2]:
            said = said.removesuffix("亿")
        skipped = False
    return said


def _group(group: int) -> str:
    said, zero = "", False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if digit == 0:
            zero = bool(said)
            continue
        said += (_DIGITS[0] if zero else "") + _DIGITS[digit] + _PLACES[place]
        zero = False
    return said
