"""Tells UTF-8 from GB18030 by what the lines of a file say, not by its first bytes alone."""

import codecs
from collections.abc import Iterable

UTF8 = "utf-8"
GB18030 = "gb18030"
#: After so many telling lines the matter is decided.
ENOUGH_LINES = 10_000

_OTHER_MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


def foreign_encoding(start: bytes) -> str | None:
    """Yield the name of an encoding that cannot be read here, if a file's first bytes show it."""
    for mark, name in _OTHER_MARKS.items():
        if start.startswith(mark):
            return name
    return None


def tell_encoding(blocks: Iterable[bytes]) -> str:
    """Yield ``utf-8`` or ``gb18030`` for a file given in blocks of whole lines.

    A line that is valid UTF-8 and not plain ASCII speaks for UTF-8; one that is not, but is valid
    GB18030, speaks for that. The greater number of lines wins; with none at all, UTF-8. Lines that
    do not fit the winner are bad lines, not a reason to read the whole file otherwise.
    """
    for_utf8 = for_gb18030 = 0
    for number, block in enumerate(blocks):
        if number == 0 and block.startswith(codecs.BOM_UTF8):
            return UTF8
        if block.isascii():
            continue
        for line in block.split(b"\n"):
            if line.isascii():
                continue
            if is_valid(line, UTF8):
                for_utf8 += 1
            elif is_valid(line, GB18030):
                for_gb18030 += 1
            if for_utf8 + for_gb18030 >= ENOUGH_LINES:
                return GB18030 if for_gb18030 > for_utf8 else UTF8
    return GB18030 if for_gb18030 > for_utf8 else UTF8


def is_valid(line: bytes, encoding: str) -> bool:
    """Whether bytes can be read in an encoding."""
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
