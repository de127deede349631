"""Reads from a photograph when and where it was taken, as the camera wrote it into the file.

Of JPEG files only, by the Exif specification (CIPA DC-008: TIFF header, IFD0, Exif and GPS IFD).
What cannot be read is not known: a photograph without position is a photograph all the same.
"""

import struct
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from recoup.kernel.routing import MILLION, Place

_GPS, _EXIF, _TAKEN = 0x8825, 0x8769, 0x9003
_LATITUDE_SIDE, _LATITUDE, _LONGITUDE_SIDE, _LONGITUDE = 1, 2, 3, 4
#: Bytes of a value by its type: byte, ASCII, short, long, rational.
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8}
_MOST_ENTRIES = 200


@dataclass(frozen=True, kw_only=True)
class PhotoFacts:
    """What a camera wrote. ``taken_at``: local time of the camera, without a zone."""

    taken_at: datetime | None = None
    place: Place | None = None


def photo_facts(content: bytes) -> PhotoFacts:
    """Yield when and where a photograph was taken, as far as its file says so.

    >>> photo_facts(b"no photograph")
    PhotoFacts(taken_at=None, place=None)
    """
    try:
        block = _exif_block(content)
        if block is None:
            return PhotoFacts()
        tiff = _Tiff(block)
        first = tiff.directory(tiff.number(4, 4))
        return PhotoFacts(taken_at=_taken_at(tiff, first), place=_place(tiff, first))
    except (struct.error, IndexError, ValueError, ZeroDivisionError, UnicodeDecodeError):
        return PhotoFacts()


def _exif_block(content: bytes) -> bytes | None:
    """Yield the TIFF part of the Exif segment of a JPEG file."""
    if not content.startswith(b"\xff\xd8"):
        return None
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        kind, size = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        body = content[at + 4 : at + 2 + size]
        if kind == 0xE1 and body.startswith(b"Exif\x00\x00"):
            return body[6:]
        if kind == 0xDA or size < 2:
            return None
        at += 2 + size
    return None


@dataclass(frozen=True)
class _Entry:
    """A value of a directory: its type, how many, and where they stand."""

    kind: int
    count: int
    at: int


class _Tiff:
    """The numbers of a TIFF block, in the order of bytes that it names."""

    def __init__(self, block: bytes) -> None:
        self._block = block
        self._order = {b"II": "<", b"MM": ">"}.get(block[:2], "")
        if not self._order or self.number(2, 2) != 42:
            raise ValueError("no TIFF")

    def number(self, at: int, size: int) -> int:
        """Yield an unsigned number of 2 or 4 bytes."""
        form = {2: "H", 4: "I"}[size]
        return int(struct.unpack_from(self._order + form, self._block, at)[0])

    def directory(self, at: int) -> dict[int, _Entry]:
        """Yield the entries of a directory by their tag."""
        found = {}
        for place in range(min(self.number(at, 2), _MOST_ENTRIES)):
            here = at + 2 + 12 * place
            kind, count = self.number(here + 2, 2), self.number(here + 4, 4)
            size = _SIZES.get(kind, 0) * count
            where = here + 8 if size <= 4 else self.number(here + 8, 4)
            found[self.number(here, 2)] = _Entry(kind, count, where)
        return found

    def text(self, entry: _Entry) -> str:
        """Yield a value of letters."""
        written = self._block[entry.at : entry.at + entry.count]
        return written.split(b"\x00")[0].decode("ascii").strip()

    def millionths(self, entry: _Entry) -> int:
        """Yield degrees, minutes and seconds, each a fraction, in millionths of a degree."""
        if entry.kind != 5 or entry.count != 3:
            raise ValueError("no angle")
        total = Fraction(0)
        for place, per_degree in enumerate((1, 60, 3600)):
            over = self.number(entry.at + 8 * place, 4)
            under = self.number(entry.at + 8 * place + 4, 4)
            total += Fraction(over, under * per_degree)
        return round(total * MILLION)


def _taken_at(tiff: _Tiff, first: dict[int, _Entry]) -> datetime | None:
    if _EXIF not in first:
        return None
    entry = tiff.directory(tiff.number(first[_EXIF].at, 4)).get(_TAKEN)
    if entry is None:
        return None
    day, _, time = tiff.text(entry).partition(" ")
    try:
        return datetime.fromisoformat(f"{day.replace(':', '-')} {time}")
    except ValueError:
        return None


def _place(tiff: _Tiff, first: dict[int, _Entry]) -> Place | None:
    if _GPS not in first:
        return None
    gps = tiff.directory(tiff.number(first[_GPS].at, 4))
    if not {_LATITUDE_SIDE, _LATITUDE, _LONGITUDE_SIDE, _LONGITUDE} <= set(gps):
        return None
    north = -1 if tiff.text(gps[_LATITUDE_SIDE]) == "S" else 1
    east = -1 if tiff.text(gps[_LONGITUDE_SIDE]) == "W" else 1
    found = Place(
        latitude_e6=north * tiff.millionths(gps[_LATITUDE]),
        longitude_e6=east * tiff.millionths(gps[_LONGITUDE]),
    )
    return found if found.is_on_earth else None
