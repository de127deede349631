"""The normal form of a text, in which rules look for phrases, with the place of each character.

Whoever writes "坐 牢", "zuo牢", "j a i l", "pr1son", "ＬＡＷ" or "還錢" writes the same as without
the trick. Every character of the normal form knows where it stood, so that a finding marks the
text as it was written.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product

from recoup.kernel.texts.traditional import SIMPLIFIED

CJK = "\u3400-\u9fff\uf900-\ufaff"
#: What people put between the characters of a word so that no rule finds it.
_BETWEEN_CJK = re.compile(rf"(?<=[{CJK}])(?:[^\S\n]|[*·•_~|/\\^-])+(?=[{CJK}])")
_SPACED_LETTERS = re.compile(r"(?<![a-z0-9])[a-z](?:[ .*_-]{1,2}[a-z]){2,}(?![a-z0-9])")
_LETTER_AND_DIGIT = re.compile(r"(?<=[a-z])[013457@$](?=[a-z])")
_LOOKS_LIKE = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"}
_QUOTES = {"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"'}


@dataclass(frozen=True, kw_only=True)
class NormalText:
    """A text in normal form; ``places[i]`` is where its character ``i`` stood."""

    text: str
    places: tuple[int, ...]

    def original(self, *, start: int, end: int) -> tuple[int, int]:
        """Yield the part of the original that a part of the normal form stands for."""
        return self.places[start], self.places[end - 1] + 1


def normal(*, text: str, pinyin: Mapping[str, str] | None = None) -> NormalText:
    """Yield the normal form of a text.

    Shape: full width and compatibility forms become plain, letters small, traditional characters
    simplified; what cannot be seen goes, and so does what stands between the characters of a word;
    ``pinyin`` maps words to their syllables ("坐牢": "zuo lao"), which may stand for them.

    >>> normal(text="坐 牢", pinyin={}).text
    '坐牢'
    """
    characters: list[str] = []
    places: list[int] = []
    for place, written in enumerate(text):
        if unicodedata.category(written) in ("Cf", "Mn"):
            continue
        for one in unicodedata.normalize("NFKC", written).casefold():
            characters.append(SIMPLIFIED.get(one, _QUOTES.get(one, one)))
            places.append(place)
    found = NormalText(text="".join(characters), places=tuple(places))
    for spelling, word in _spellings(tuple(sorted((pinyin or {}).items()))):
        found = _replaced(found, spelling, word)
    found = _without(found, _BETWEEN_CJK, r"[^\s\S]")
    found = _without(found, _SPACED_LETTERS, r"[ .*_-]")
    return _replaced(found, _LETTER_AND_DIGIT, None)


def _without(found: NormalText, where: re.Pattern[str], what: str) -> NormalText:
    """Take out of each match what the second pattern finds in it, or the match if that is none."""
    gone: set[int] = set()
    for match in where.finditer(found.text):
        inside = [one.start() for one in re.finditer(what, match.group())]
        gone.update([match.start() + at for at in inside] or range(match.start(), match.end()))
    kept = [at for at in range(len(found.text)) if at not in gone]
    return NormalText(
        text="".join(found.text[at] for at in kept), places=tuple(found.places[at] for at in kept)
    )


def _replaced(found: NormalText, where: re.Pattern[str], word: str | None) -> NormalText:
    """Put a word, or the letter that a digit looks like, in the place of each match."""
    characters: list[str] = []
    places: list[int] = []
    done = 0
    for match in where.finditer(found.text):
        characters += found.text[done : match.start()]
        places += found.places[done : match.start()]
        instead = word if word is not None else _LOOKS_LIKE[match.group()]
        # The first character stands for the beginning of the match, the last one for its end.
        characters += instead
        places += [found.places[match.start()]] * (len(instead) - 1)
        places.append(found.places[match.end() - 1])
        done = match.end()
    characters += found.text[done:]
    places += found.places[done:]
    return NormalText(text="".join(characters), places=tuple(places))


@cache
def _spellings(pinyin: tuple[tuple[str, str], ...]) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Every way to write each word with at least one syllable in letters."""
    found = []
    for word, syllables in pinyin:
        ways = list(zip(word, syllables.split(), strict=True))
        mixed = [
            r"[\s*·._-]{0,2}".join(re.escape(one) for one in way)
            for way in product(*ways)
            if "".join(way) != word
        ]
        found.append((re.compile(rf"(?<![a-z])(?:{'|'.join(mixed)})(?![a-z])"), word))
    return tuple(found)
