"""Shows what an entry of the trail changed, with numbers masked."""

from collections.abc import Iterator
from dataclasses import dataclass

from django import template
from django.urls import NoReverseMatch, reverse

from recoup.apps.compliance.models import AuditEntry
from recoup.web.masking import masked_email, masked_number
from recoup.web.shown import amount
from recoup.web.words import word_of

register = template.Library()

#: Fields whose values are shown masked; the number of a member of staff is none of them.
NUMBERS = frozenset({"phone", "number", "id_number", "value", "account", "account_number"})
ADDRESSES = frozenset({"email"})
LONGEST = 4000
#: Where the word of a value is looked for, by field; the first kind that knows it tells it.
VALUE_KINDS = {
    "channel": ("channel",),
    "direction": ("direction",),
    "field": ("field",),
    "in_room": ("room",),
    "kind": ("act", "export", "hold", "circumstance"),
    "outcome": ("outcome",),
    "party": ("party",),
    "purpose": ("purpose",),
    "room": ("room",),
    "skills": ("skill",),
    "spoken": ("language",),
    "status": ("approval", "hand_over", "promise", "case_status", "night_status"),
    "verb": ("act",),
}
DUTIES = frozenset({"duties", "given", "taken"})
EMPTY = "—"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One field: what it was and what it became; None where it was not there."""

    field: str
    before: str | None
    after: str | None


@register.filter
def differences(entry: AuditEntry, most: int) -> list[Difference]:
    """Yield the fields that an entry changed, by name; ``most`` of them."""
    return list(_differences(entry))[:most]


@register.filter
def more_than(entry: AuditEntry, most: int) -> int:
    """Yield how many fields ``differences`` leaves out."""
    return max(0, len(list(_differences(entry))) - most)


@register.filter
def shown_fields(fields: dict[str, object]) -> list[Difference]:
    """Yield the fields of a payload, by name, masked."""
    return [
        Difference(field=name, before=None, after=_text(name, value))
        for name, value in sorted(fields.items())
    ]


@register.simple_tag
def debtor_address(debtor_id: str) -> str:
    """Yield the address of a debtor's page, where there is one."""
    try:
        return reverse("portfolio:debtor", args=[debtor_id])
    except NoReverseMatch:
        return ""


def _differences(entry: AuditEntry) -> Iterator[Difference]:
    """Yield every field; those that a new record leaves empty say nothing and are left out."""
    for name in sorted({*entry.before, *entry.after}):
        before = _text(name, entry.before[name]) if name in entry.before else None
        after = _text(name, entry.after[name]) if name in entry.after else None
        if before is not None or after != EMPTY:
            yield Difference(field=name, before=before, after=after)


def _text(name: str, value: object) -> str:
    """Yield a value as it is shown: lists with commas, numbers masked, long texts cut."""
    if value is None or value in ("", [], {}):
        return EMPTY
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if name.endswith("_minor") and isinstance(value, int):
        return amount(value).replace("¥", "")
    if isinstance(value, dict):
        inner = (
            f"{word_of(kind='field', code=key)} {_text(key, one)}" for key, one in value.items()
        )
        return " · ".join(inner)
    if isinstance(value, list):
        return _cut(", ".join(_text(name, one) for one in value))
    text = _worded(name, str(value))
    if name in NUMBERS:
        return masked_email(text) if "@" in text else masked_number(text)
    if name in ADDRESSES:
        return masked_email(text)
    return _cut(text)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _worded(name: str, text: str) -> str:
    """Yield the word for a value that is a code; the value itself, where nobody knows a word."""
    verb, space, room = text.partition(" ")
    if name in DUTIES and space:
        return f"{word_of(kind='room', code=room)}·{word_of(kind='verb', code=verb)}"
    words = (word_of(kind=kind, code=text) for kind in VALUE_KINDS.get(name, ()))
    return next((word for word in words if word != text), text)
