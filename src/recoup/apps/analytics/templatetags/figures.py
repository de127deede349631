"""Filters for shares and large amounts, and for the way down from a figure to its cases."""

from urllib.parse import urlencode

from django import template

from recoup.apps.portfolio.queries.figures import Slice
from recoup.kernel.money import exponent
from recoup.web.shown import amount, speaks_chinese

register = template.Library()
#: Steps of large amounts in each language: Chinese counts in ten thousands.
STEPS = {
    "zh": ((10**8, "亿"), (10**4, "万")),
    "en": ((10**9, "B"), (10**6, "M"), (10**3, "K")),
}


@register.filter
def percent(basis_points: int | None) -> str:
    """Show basis points as percent with one digit; a dash where there is nothing to divide by."""
    if basis_points is None:
        return "—"
    return f"{basis_points // 100}.{basis_points % 100 // 10}%"


@register.filter
def share(part: int, whole: int) -> str:
    """Show a share as percent with two digits."""
    if whole <= 0:
        return "—"
    found = part * 10_000 // whole
    return f"{found // 100}.{found % 100:02d}%"


@register.filter
def index(ppm: int) -> str:
    """Show an index in parts per million as a whole number, 100 being as the house does."""
    return str(ppm // 10_000)


@register.filter
def short(minor: int, currency: str) -> str:
    """Show a large amount in steps of the language: 1,234.5 万, 12.3 M."""
    major = minor // 10 ** exponent(currency)
    for size, name in STEPS["zh" if speaks_chinese() else "en"]:
        if abs(major) >= size:
            tenths = major * 10 // size
            return f"{tenths // 10:,}.{tenths % 10} {name}"
    return amount(minor, currency)


@register.filter
def case_query(narrow: Slice) -> str:
    """Show a slice as the end of an address of the list of cases."""
    asked = {
        "product": narrow.product,
        "branch": narrow.branch,
        "team": narrow.team,
        "whose": narrow.collector_id or "",
    }
    found = urlencode({key: value for key, value in asked.items() if value})
    return f"&{found}" if found else ""
