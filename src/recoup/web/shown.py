"""Amounts, days and codes as people write them, in Chinese and English."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation

from recoup.kernel.money import text_from_minor

_SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
WEEKDAYS = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}


def speaks_chinese() -> bool:
    """Tell whether the page of this moment is in Chinese."""
    return (translation.get_language() or "zh").startswith("zh")


def amount(minor: int | None, currency: str = "CNY") -> str:
    """Yield an amount in minor units as a table shows it; a dash where it is not known.

    >>> amount(1234567), amount(-50, "USD"), amount(None)
    ('¥12,345.67', '-$0.50', '—')
    """
    if minor is None:
        return "—"
    whole, point, rest = text_from_minor(minor=abs(minor), currency=currency).partition(".")
    sign = _SIGNS.get(currency, f"{currency} ")
    return f"{'-' if minor < 0 else ''}{sign}{int(whole):,}{point}{rest}"


def local(at: datetime, zone: str | None = None) -> datetime:
    """Yield an instant in a person's zone, or in the house's."""
    return at.astimezone(ZoneInfo(zone or settings.TIME_ZONE))


def instant(at: datetime | None, zone: str | None = None) -> str:
    """Yield an instant as day and time in a zone."""
    return local(at, zone).strftime("%Y-%m-%d %H:%M") if at else "—"


def day(on: date | None) -> str:
    """Yield a day as ISO text."""
    return on.isoformat() if on else "—"


def day_with_weekday(on: date | None) -> str:
    """Yield a day with its weekday, as promises are written; of an instant, the house's day."""
    if isinstance(on, datetime):
        on = local(on).date()
    if on is None:
        return "—"
    if isinstance(on, datetime):
        on = local(on).date()
    return f"{on.isoformat()} {WEEKDAYS['zh' if speaks_chinese() else 'en'][on.weekday()]}"
