"""How many messages of the telephone network a text takes."""

from dataclasses import dataclass
from typing import Final

_GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWO: Final = frozenset("^{}\\[~]|€\f")
#: Septets, or units of UTF-16, that one message holds alone, and each one of several.
_GSM_ALONE, _GSM_EACH, _WIDE_ALONE, _WIDE_EACH = 160, 153, 70, 67


@dataclass(frozen=True, kw_only=True)
class Segments:
    """``count`` messages in ``encoding`` (``gsm7`` or ``ucs2``)."""

    count: int
    encoding: str


def sms_segments(text: str) -> Segments:
    """Yield how many messages a text takes; no character is cut in two.

    Source: 3GPP TS 23.038 (alphabets), 3GPP TS 23.040 (concatenation, 6 octets of header).

    >>> sms_segments("您好" * 40)
    Segments(count=2, encoding='ucs2')
    """
    if all(one in _GSM or one in _GSM_TWO for one in text):
        widths = [2 if one in _GSM_TWO else 1 for one in text]
        return Segments(count=_count(widths, _GSM_ALONE, _GSM_EACH), encoding="gsm7")
    widths = [2 if ord(one) > 0xFFFF else 1 for one in text]
    return Segments(count=_count(widths, _WIDE_ALONE, _WIDE_EACH), encoding="ucs2")


def _count(widths: list[int], alone: int, each: int) -> int:
    if sum(widths) <= alone:
        return 1
    count, room = 1, each
    for width in widths:
        if width > room:
            count, room = count + 1, each
        room -= width
    return count
