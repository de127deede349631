"""Three-valued answers that remember which facts were missing.

True and False are known; None is unknown, and ``missing`` names the facts that would settle it.
An unknown that cannot change the outcome disappears by itself (Kleene's logic).
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """What a person reads, in Simplified Chinese and English."""

    zh: str = ""
    en: str = ""

    def __add__(self, other: "Sentence") -> "Sentence":
        return Sentence(zh=self.zh + other.zh, en=f"{self.en} {other.en}".strip())


@dataclass(frozen=True, kw_only=True)
class Known:
    """Yes, no, or unknown for want of the facts named."""

    value: bool | None
    missing: tuple[str, ...] = ()


YES = Known(value=True)
NO = Known(value=False)


def unknown(*facts: str) -> Known:
    """Yield an unknown that these facts would settle."""
    return Known(value=None, missing=facts)


def known(value: bool | None, *, fact: str) -> Known:
    """Yield a fact as it stands, or an unknown that names it."""
    return unknown(fact) if value is None else Known(value=value)


def member(value: str | None, allowed: frozenset[str] | None, *, fact: str) -> Known:
    """Tell whether a code is in a set; a set that is None holds every code."""
    if allowed is None:
        return YES
    return known(None if value is None else value in allowed, fact=fact)


def opposite(answer: Known) -> Known:
    """Yield no for yes and yes for no."""
    return answer if answer.value is None else Known(value=not answer.value)


def all_of(answers: Iterable[Known]) -> Known:
    """Yield whether all hold: one no decides."""
    return _fold(tuple(answers), decisive=False)


def any_of(answers: Iterable[Known]) -> Known:
    """Yield whether any holds: one yes decides."""
    return _fold(tuple(answers), decisive=True)


def _fold(answers: tuple[Known, ...], *, decisive: bool) -> Known:
    if any(answer.value is decisive for answer in answers):
        return Known(value=decisive)
    unsettled = [answer for answer in answers if answer.value is None]
    if unsettled:
        names = dict.fromkeys(name for answer in unsettled for name in answer.missing)
        return unknown(*names)
    return Known(value=not decisive)
