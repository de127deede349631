"""Phrases as a lawyer can read them, and what they compile to.

A pattern is a row of words with spaces between them:

    a|b         either word; ``_`` is a space inside a word of a language that has spaces
    <family>    any word of the list of that name
    word?       may be left out
    threat*     any word that begins so (only where words have spaces between them)
    ..          up to 10 characters of the same clause (Chinese), 6 words of the sentence (English)
    ....        up to 24 characters or 14 words of the same sentence
    <number>    a number, in digits or in words
    ~x          (Chinese) what follows does not stand directly after x

Patterns are matched against the normal form of a text, so they are written in it: simplified
characters, small letters.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

CHINESE, ENGLISH = "zh", "en"
_GAPS: Final = {
    CHINESE: {"..": r"[^。！？!?;；,\n]{0,10}?", "....": r"[^。！？!?;；\n]{0,24}?"},
    ENGLISH: {
        "..": r"(?:[^\s.!?;]+\s+){0,6}?",
        "....": r"(?:[^\s.!?;]+\s+){0,14}?",
    },
}
_NUMBER: Final = {
    CHINESE: r"[0-9一二两三四五六七八九十百千万半几]+",
    ENGLISH: r"(?:[0-9]+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|"
    r"fifty|hundreds?|a)",
}
#: What may stand between two words of an English phrase.
_BREAK: Final = r"[\s,:\"'()-]+"


class UnreadablePattern(ValueError):
    """A pattern that names an unknown list, or is empty."""


def compiled(*, pattern: str, lists: Mapping[str, Sequence[str]], language: str) -> re.Pattern[str]:
    """Yield the regular expression of a pattern. Errors: UnreadablePattern."""
    words = pattern.split()
    if not words or words[0].startswith("..") or words[-1].startswith(".."):
        raise UnreadablePattern(pattern)
    parts: list[str] = []
    for at, word in enumerate(words):
        last = at == len(words) - 1
        parts.append(_part(word, lists=lists, language=language, last=last))
    whole = "".join(parts)
    if language == ENGLISH:
        whole = rf"(?<![a-z0-9]){whole}(?![a-z0-9])"
    return re.compile(whole)


def _part(word: str, *, lists: Mapping[str, Sequence[str]], language: str, last: bool) -> str:
    if word in _GAPS[language]:
        return _GAPS[language][word]
    if word.startswith("~"):
        return f"(?<!{re.escape(word[1:])})"
    optional = word.endswith("?")
    inside = "|".join(
        _one(one, lists=lists, language=language) for one in word.rstrip("?").split("|")
    )
    after = "" if last or language == CHINESE else _BREAK
    return f"(?:(?:{inside}){after}){'?' if optional else ''}"


def _one(word: str, *, lists: Mapping[str, Sequence[str]], language: str) -> str:
    if word == "<number>":
        return _NUMBER[language]
    if word.startswith("<"):
        named = lists.get(word.strip("<>"))
        if not word.endswith(">") or not named:
            raise UnreadablePattern(word)
        return "|".join(_one(one, lists=lists, language=language) for one in named)
    if not word:
        raise UnreadablePattern(word)
    written = re.escape(word.rstrip("*")).replace("_", _BREAK if language == ENGLISH else "")
    return written + ("[a-z]*" if word.endswith("*") else "")
