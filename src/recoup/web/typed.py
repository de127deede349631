"""Amounts and days as people type them into forms, read in one way by every room."""

from datetime import date

from recoup.kernel.money import NotAnAmount, minor_from_text
from recoup.kernel.refusal import Refused

#: What people type around the digits of an amount.
_AROUND = str.maketrans("", "", ",，¥$€£ ")
LAST_YEAR = 2199


def typed_amount(text: str, *, currency: str, refusal: type[Refused]) -> int:
    """Yield an amount in minor units. Errors: the room's ``refusal``.

    >>> typed_amount("¥1,234.50", currency="CNY", refusal=Refused)
    123450
    """
    try:
        return minor_from_text(text=text.translate(_AROUND), currency=currency)
    except NotAnAmount as wrong:
        raise refusal(
            zh=f"“{text[:40]}”不是 {currency} 金额，请填写数字，例如 3500 或 3500.50。",
            en=f"'{text[:40]}' is no amount in {currency}; write a number such as 3500 or 3500.50.",
        ) from wrong


def typed_day(text: str, *, refusal: type[Refused], first_year: int = 1970) -> date:
    """Yield a day. Errors: the room's ``refusal``.

    >>> typed_day("2026-11-20", refusal=Refused)
    datetime.date(2026, 11, 20)
    """
    try:
        found = date.fromisoformat(text.strip())
    except ValueError as wrong:
        raise refusal(
            zh=f"“{text[:40]}”不是日期，请按 2026-11-20 的格式填写。",
            en=f"'{text[:40]}' is no date; write it as 2026-11-20.",
        ) from wrong
    if not first_year <= found.year <= LAST_YEAR:
        raise refusal(zh="日期的年份有误，请核对。", en="The year of the date is wrong; check it.")
    return found
