"""How a text becomes short messages: the alphabet it fits into, and the parts it is cut into.

Source: 3GPP TS 23.038 (GSM 7-bit default alphabet with its extension table, UCS-2) and TS 23.040
(concatenation by a user data header of six octets).
"""

import hashlib
from dataclasses import dataclass

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPE = 0x1B
_EXTENDED = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}
GSM_7 = {
    **{letter: bytes((code,)) for code, letter in enumerate(_BASIC) if code != _ESCAPE},
    **{letter: bytes((_ESCAPE, code)) for letter, code in _EXTENDED.items()},
}
_GSM_7_LETTERS = {code: letter for letter, code in GSM_7.items()}
#: data_coding of SMPP.
DEFAULT_ALPHABET, UCS_2 = 0x00, 0x08
#: Octets that one message holds, and that one part of a longer one does. In the default alphabet
#: an octet carries one septet.
_HOLDS = {DEFAULT_ALPHABET: (160, 153), UCS_2: (140, 134)}
MOST_PARTS = 20


class TextTooLong(ValueError):
    """The text takes more parts than are sent for one message."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """A text as it is handed to an SMSC. ``parts`` have their header already where there are many.

    ``coding``: 0 the default alphabet, 8 UCS-2.
    """

    parts: tuple[bytes, ...]
    coding: int

    @property
    def has_headers(self) -> bool:
        """Whether each part begins with a user data header."""
        return len(self.parts) > 1


def parts_of(text: str, *, message_id: str) -> Parts:
    """Yield a text in parts, the same for the same message. Errors: TextTooLong.

    No letter is torn apart: neither an escaped one nor one of two UTF-16 units.

    Example:
        >>> short = parts_of("您好" * 35, message_id="m")
        >>> len(short.parts), short.coding
        (1, 8)
        >>> len(parts_of("您好" * 36, message_id="m").parts)
        2
        >>> parts_of("Hello {you}", message_id="m").coding
        0
    """
    if all(letter in GSM_7 for letter in text):
        coding, letters = DEFAULT_ALPHABET, [GSM_7[letter] for letter in text]
    else:
        coding, letters = UCS_2, [letter.encode("utf-16-be") for letter in text]
    whole, part = _HOLDS[coding]
    if sum(map(len, letters)) <= whole:
        return Parts(parts=(b"".join(letters),), coding=coding)
    pieces = [b""]
    for letter in letters:
        if len(pieces[-1]) + len(letter) > part:
            pieces.append(b"")
        pieces[-1] += letter
    if len(pieces) > MOST_PARTS:
        raise TextTooLong(f"{len(pieces)} parts; at most {MOST_PARTS} are sent")
    group = hashlib.sha256(message_id.encode()).digest()[0]
    return Parts(
        parts=tuple(
            bytes((5, 0, 3, group, len(pieces), place)) + piece
            for place, piece in enumerate(pieces, start=1)
        ),
        coding=coding,
    )


def text_of(octets: bytes, *, coding: int) -> str:
    """Yield the text of a message received; letters that cannot be read become U+FFFD.

    Example:
        >>> text_of("退订".encode("utf-16-be"), coding=8)
        '退订'
    """
    if coding == UCS_2:
        return octets.decode("utf-16-be", errors="replace")
    if coding == 0x03:
        return octets.decode("iso-8859-1")
    if coding not in (DEFAULT_ALPHABET, 0x01):
        return octets.decode("ascii", errors="replace")
    letters, escaped = [], False
    for octet in octets:
        if octet == _ESCAPE and not escaped:
            escaped = True
            continue
        code = bytes((_ESCAPE, octet)) if escaped else bytes((octet,))
        letters.append(_GSM_7_LETTERS.get(code, "\N{REPLACEMENT CHARACTER}"))
        escaped = False
    return "".join(letters)
