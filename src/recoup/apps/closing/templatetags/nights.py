"""Filters for counts and durations."""

from django import template

register = template.Library()


@register.filter
def grouped(number: object) -> str:
    """Show a whole number with its thousands apart; anything else as it is.

    >>> grouped(1234567), grouped("—")
    ('1,234,567', '—')
    """
    return f"{number:,}" if isinstance(number, int) else str(number)


@register.filter
def seconds(milliseconds: int) -> str:
    """Show a duration in seconds, with one decimal below a minute.

    >>> seconds(1234), seconds(83_000)
    ('1.2 s', '83 s')
    """
    if milliseconds >= 60_000:
        return f"{milliseconds // 1000} s"
    return f"{milliseconds // 1000}.{milliseconds % 1000 // 100} s"
