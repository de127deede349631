"""Money: integers in minor units of a currency; text in and out; the two ways to divide."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

PPM = 1_000_000

#: Greatest amount a column of the book can hold (int64).
GREATEST_MINOR = 2**63 - 1

_WITHOUT_MINOR = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_TWO_DIGITS = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD "
    "CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS "
    "GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD "
    "LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB "
    "PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP "
    "SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW "
    "ZWG"
)
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_DIGITS = "CLF UYW"
# Withdrawn since 2021, but old contracts still name them.
_WITHDRAWN_TWO_DIGITS = "ANG BGN CUC HRK SLL ZWL"

#: Digits after the point of every currency of ISO 4217 that has a minor unit.
EXPONENTS: Mapping[str, int] = MappingProxyType(
    dict.fromkeys(_WITHOUT_MINOR.split(), 0)
    | dict.fromkeys((_TWO_DIGITS + " " + _WITHDRAWN_TWO_DIGITS).split(), 2)
    | dict.fromkeys(_THREE_DIGITS.split(), 3)
    | dict.fromkeys(_FOUR_DIGITS.split(), 4)
)

_AMOUNT = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?")


class NotAnAmount(ValueError):
    """A text that is no exact amount of that currency; nothing is rounded."""

    def __init__(self, *, sentence_zh: str, sentence_en: str) -> None:
        self.sentence_zh = sentence_zh
        self.sentence_en = sentence_en
        super().__init__(f"{sentence_en} {sentence_zh}")


class UnknownCurrency(LookupError):
    """A currency code that ISO 4217 does not have, or that has no minor unit."""

    def __init__(self, *, currency: str) -> None:
        self.currency = currency
        self.sentence_zh = f"“{currency}”不是 ISO 4217 的货币代码：请改正货币一栏。"
        self.sentence_en = f'"{currency}" is no currency code of ISO 4217: correct the currency.'
        super().__init__(f"{self.sentence_en} {self.sentence_zh}")


def exponent(currency: str) -> int:
    """The number of digits after the point: CNY 2, JPY 0, KWD 3.

    Errors: UnknownCurrency.
    """
    digits = EXPONENTS.get(currency)
    if digits is None:
        raise UnknownCurrency(currency=currency)
    return digits


def minor_from_text(*, text: str, currency: str) -> int:
    """The minor units that a decimal text in major units stands for.

    Units: minor units of `currency`. Zeros after the currency's last digit are no digits lost and
    are accepted; any other further digit is refused, not rounded.
    Errors: NotAnAmount, UnknownCurrency.

    >>> minor_from_text(text="1234.56", currency="CNY")
    123456
    """
    digits = exponent(currency)
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise NotAnAmount(
            sentence_zh=f"“{text}”不是金额：请写成不带分组符号的小数，例如 1234.56。",
            sentence_en=f'"{text}" is no amount: write a plain decimal such as 1234.56.',
        )
    whole, fraction = match.group(2).lstrip("0"), (match.group(3) or "").rstrip("0")
    if len(fraction) > digits:
        raise NotAnAmount(
            sentence_zh=f"“{text}”的小数位多于{currency}的{digits}位：不作舍入，请改正金额。",
            sentence_en=f'"{text}" has more digits than the {digits} of {currency}: '
            "nothing is rounded, correct the amount.",
        )
    minor = int("0" + whole[:20] + fraction.ljust(digits, "0"))
    if minor > GREATEST_MINOR:
        raise NotAnAmount(
            sentence_zh="金额超出可记录的范围：请核对该行。",
            sentence_en="The amount is larger than can be recorded: check the row.",
        )
    return -minor if match.group(1) else minor


def text_from_minor(*, minor: int, currency: str, grouped: bool = False) -> str:
    """The amount in major units as text, with commas every three digits if `grouped`.

    >>> text_from_minor(minor=-123456, currency="CNY", grouped=True)
    '-1,234.56'
    """
    digits = exponent(currency)
    whole, fraction = divmod(abs(minor), 10**digits)
    text = f"{whole:,}" if grouped else str(whole)
    if digits:
        text += f".{fraction:0{digits}}"
    return "-" + text if minor < 0 else text


def divide_floor(n: int, d: int) -> int:
    """n over d, rounded down; the remainder, 0 to d-1, stays with whoever keeps n.

    Errors: ValueError, unless d is positive.
    """
    if d <= 0:
        raise ValueError("a divisor must be positive")
    return n // d


def divide_half_up(n: int, d: int) -> int:
    """n over d, rounded to the nearest whole, halves away from zero.

    The remainder n - result * d is at most half of d either way.
    Errors: ValueError, unless d is positive.

    >>> divide_half_up(5, 2), divide_half_up(-5, 2)
    (3, -3)
    """
    if d <= 0:
        raise ValueError("a divisor must be positive")
    if n < 0:
        return -((2 * -n + d) // (2 * d))
    return (2 * n + d) // (2 * d)


def split_by_weights(*, total_minor: int, weights: Sequence[int]) -> tuple[int, ...]:
    """An amount split in proportion to weights, each share rounded down, the last takes the rest.

    Shape: one share per weight; the shares add up to the total to the unit. The last one that has
    a weight takes the remainder; weights are not negative and not all zero, nor is the total
    negative.
    Errors: ValueError.

    >>> split_by_weights(total_minor=100, weights=[1, 1, 1])
    (33, 33, 34)
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0 or total_minor < 0:
        raise ValueError("a split needs a total and weights that are not negative, one above zero")
    shares = [divide_floor(total_minor * weight, whole) for weight in weights]
    last = max(place for place, weight in enumerate(weights) if weight > 0)
    shares[last] += total_minor - sum(shares)
    return tuple(shares)
