"""Built-in functions on text, and the readings of text as numbers."""

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal

from recoup.tables.functions_number import number
from recoup.tables.signature import BuiltIn, takes, takes_either, text
from recoup.tables.temporal import YearsMonths
from recoup.tables.values import UNBOUNDED, Range

_PLAIN_NUMBER = re.compile(r"-?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?")
_FLAGS = {"i": re.IGNORECASE, "s": re.DOTALL, "m": re.MULTILINE, "x": re.VERBOSE}
LONGEST_PATTERN = 1_000


def shown(value: object, *, inside: bool = False) -> str | None:
    """Yield a value as FEEL's ``string()`` writes it."""
    if value is None or value is UNBOUNDED:
        return "null" if inside else None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"' if inside else value
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, list):
        return "[" + ", ".join(str(shown(item, inside=True)) for item in value) + "]"
    if isinstance(value, Mapping):
        pairs = (f"{key}: {shown(inner, inside=True)}" for key, inner in value.items())
        return "{" + ", ".join(pairs) + "}"
    return _shown_rare(value)


def plain_number(value: Decimal) -> str:
    """Yield a number without exponent and without idle zeros."""
    whole = value == value.to_integral_value()
    return f"{value.quantize(Decimal(1)):f}" if whole and value.adjusted() < 28 else f"{value:f}"


def _shown_rare(value: object) -> str | None:
    if isinstance(value, YearsMonths):
        return _shown_months(value)
    if isinstance(value, dt.timedelta):
        return _shown_span(value)
    if isinstance(value, dt.date | dt.time):
        return _shown_clock(value)
    if isinstance(value, Range):
        low = "[" if value.low_closed else "("
        high = "]" if value.high_closed else ")"
        return f"{low}{shown(value.low, inside=True)}..{shown(value.high, inside=True)}{high}"
    return None


def _shown_clock(value: dt.date | dt.time) -> str:
    text_form = value.isoformat()
    zone = getattr(getattr(value, "tzinfo", None), "key", None)
    if zone is not None:
        return re.sub(r"[+-]\d\d:\d\d$", "", text_form) + f"@{zone}"
    return text_form.replace("+00:00", "Z")


def _shown_months(value: YearsMonths) -> str:
    years, months = divmod(abs(value.months), 12)
    parts = (f"{years}Y" if years else "") + (f"{months}M" if months or not years else "")
    return ("-P" if value.months < 0 else "P") + parts


def _shown_span(value: dt.timedelta) -> str:
    span = abs(value)
    hours, rest = divmod(span.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{span.microseconds:06d}".rstrip("0") if span.microseconds else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    clock += f"{seconds}{fraction}S" if seconds or fraction else ""
    days = f"{span.days}D" if span.days else ""
    if not days and not clock:
        clock = "0S"
    return ("-P" if value < dt.timedelta() else "P") + days + (f"T{clock}" if clock else "")


def _number_of(source: object, grouping: object, point: object) -> Decimal | None:
    cleaned = text(source)
    if grouping is not None:
        if grouping not in (" ", ",", ".") or grouping == point:
            return None
        cleaned = cleaned.replace(text(grouping), "")
    if point is not None:
        if point not in (",", "."):
            return None
        cleaned = cleaned.replace(text(point), ".")
    return Decimal(cleaned) if _PLAIN_NUMBER.fullmatch(cleaned) else None


def _substring(source: object, start: object, length: object) -> str | None:
    whole = text(source)
    begin = int(number(start))
    if begin == 0 or (length is not None and number(length) < 1):
        return None
    index = begin - 1 if begin > 0 else max(len(whole) + begin, 0)
    return whole[index:] if length is None else whole[index : index + int(number(length))]


def _pattern(pattern: object, flags: object) -> re.Pattern[str] | None:
    source = text(pattern)
    if len(source) > LONGEST_PATTERN:
        return None
    chosen = 0
    for flag in text(flags) if flags is not None else "":
        if flag not in _FLAGS:
            return None
        chosen |= _FLAGS[flag]
    try:
        return re.compile(source, chosen)
    except re.error:
        return None


def _matches(source: object, pattern: object, flags: object) -> bool | None:
    compiled = _pattern(pattern, flags)
    return None if compiled is None else compiled.search(text(source)) is not None


def _replace(source: object, pattern: object, replacement: object, flags: object) -> str | None:
    compiled = _pattern(pattern, flags)
    if compiled is None or compiled.match("") is not None:
        return None
    template = re.sub(r"\$(\d+)", r"\\g<\1>", text(replacement))
    try:
        return compiled.sub(template, text(source))
    except re.error:
        return None


def _split(source: object, delimiter: object) -> list[str] | None:
    compiled = _pattern(delimiter, None)
    return None if compiled is None else compiled.split(text(source))


def _join(items: object, delimiter: object) -> str | None:
    if not isinstance(items, list):
        return None
    glue = "" if delimiter is None else text(delimiter)
    return glue.join(text(item) for item in items if item is not None)


def _before(source: object, match: object) -> str:
    head, found, _ = text(source).partition(text(match)) if match else ("", "", "")
    return head if found else ""


def _after(source: object, match: object) -> str:
    if not text(match):
        return text(source)
    _, found, tail = text(source).partition(text(match))
    return tail if found else ""


BUILT_IN: dict[str, BuiltIn] = {
    "string": takes("from", shown),
    "number": takes("from, grouping separator?, decimal separator?", _number_of),
    "substring": takes("string, start position, length?", _substring),
    "string length": takes("string", lambda source: Decimal(len(text(source)))),
    "upper case": takes("string", lambda source: text(source).upper()),
    "lower case": takes("string", lambda source: text(source).lower()),
    "trim": takes("string", lambda source: text(source).strip()),
    "substring before": takes("string, match", _before),
    "substring after": takes("string, match", _after),
    "contains": takes("string, match", lambda a, b: text(b) in text(a)),
    "starts with": takes("string, match", lambda a, b: text(a).startswith(text(b))),
    "ends with": takes("string, match", lambda a, b: text(a).endswith(text(b))),
    "matches": takes("input, pattern, flags?", _matches),
    "replace": takes("input, pattern, replacement, flags?", _replace),
    "split": takes("string, delimiter", _split),
    "string join": takes_either(("list, delimiter?", _join)),
}
