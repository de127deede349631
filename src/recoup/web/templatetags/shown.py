"""Filters for amounts, days, masks and code words."""

from collections.abc import Mapping
from datetime import date, datetime

from django import template

from recoup.kernel.explain import Words
from recoup.web import masking, shown
from recoup.web.words import WORDS, word_of

register = template.Library()


@register.filter
def money(minor: int | None, currency: str = "CNY") -> str:
    """Show an amount in minor units."""
    return shown.amount(minor, currency)


@register.filter
def at(instant: datetime | None, zone: str | None = None) -> str:
    """Show an instant."""
    return shown.instant(instant, zone)


@register.filter
def on(day: date | None) -> str:
    """Show a day."""
    return shown.day(day)


@register.filter
def weekday_on(day: date | None) -> str:
    """Show a day with its weekday."""
    return shown.day_with_weekday(day)


@register.filter
def mask_name(name: str) -> str:
    """Show a name masked."""
    return masking.masked_name(name or "")


@register.filter
def mask_number(number: str) -> str:
    """Show a number masked."""
    return masking.masked_number(number or "")


@register.filter
def mask_email(address: str) -> str:
    """Show an e-mail address masked."""
    return masking.masked_email(address or "")


@register.filter
def word(code: str, kind: str) -> str:
    """Show a code of a kind (``treatment``, ``channel`` ...) in the page's language."""
    return word_of(kind=kind, code=code)


@register.filter
def item(mapping: Mapping[object, object], key: object) -> object:
    """Look a key up; nothing where the template was given no mapping."""
    return mapping.get(key) if isinstance(mapping, Mapping) else None


@register.filter
def said(words: Words) -> str:
    """Show a text that there is in both languages in the page's."""
    return words.of("zh" if shown.speaks_chinese() else "en")


@register.simple_tag
def codes(kind: str) -> tuple[str, ...]:
    """Yield the codes of a kind that a form offers: ``{% codes "circumstance" as all %}``."""
    return tuple(WORDS.get(kind, {}))
