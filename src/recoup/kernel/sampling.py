"""Which of many records are looked at: drawn so that an auditor can draw the same again.

Every record has a digest: MD5 of ``<seed>:<key>``. The records with the lowest digests are drawn;
nobody can foresee them without the seed, and everybody who has it finds the same ones.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

PPM = 1_000_000
YES, NO, NOT_APPLICABLE = "yes", "no", "na"
ANSWERS = (YES, NO, NOT_APPLICABLE)


def digest_of(*, seed: str, key: str) -> str:
    """Yield the digest by which a record is drawn.

    >>> digest_of(seed="2026", key="desk-7")
    'f1a358a82e14ff215339caa8b191b753'
    """
    return hashlib.md5(f"{seed}:{key}".encode(), usedforsecurity=False).hexdigest()


def drawn(
    *, keys: Iterable[str], seed: str, share_ppm: int, at_least: int, at_most: int
) -> tuple[str, ...]:
    """Yield the keys that are drawn, by their digests.

    Shape: ``share_ppm`` of the keys, rounded up, but ``at_least`` and ``at_most`` so many, and
    never more than there are.

    >>> drawn(keys=["a", "b", "c"], seed="s", share_ppm=0, at_least=0, at_most=9)
    ()
    >>> len(drawn(keys=map(str, range(100)), seed="s", share_ppm=50_000, at_least=1, at_most=9))
    5
    """
    ordered = sorted(set(keys), key=lambda key: (digest_of(seed=seed, key=key), key))
    wanted = -(-len(ordered) * share_ppm // PPM)
    return tuple(ordered[: min(max(wanted, at_least), at_most)])


def in_share(*, key: str, seed: str, share_ppm: int) -> bool:
    """Tell whether a record belongs to a share: the first 32 bits of its digest, in millionths.

    >>> in_share(key="a", seed="s", share_ppm=PPM), in_share(key="a", seed="s", share_ppm=0)
    (True, False)
    """
    return int(digest_of(seed=seed, key=key)[:8], 16) * PPM // 2**32 < share_ppm


@dataclass(frozen=True, kw_only=True)
class SheetItem:
    """One thing that is scored; a fatal one that was not done makes the whole worth nothing."""

    id: str
    weight: int
    fatal: bool = False


@dataclass(frozen=True, kw_only=True)
class Score:
    """What a score sheet comes to. ``points`` of a hundred; None where nothing applied."""

    points: int | None
    not_done: tuple[str, ...]
    fatal: tuple[str, ...]

    def passes(self, *, passes_from: int) -> bool:
        """Tell whether it is good enough."""
        return not self.fatal and (self.points is None or self.points >= passes_from)


def scored(*, items: Sequence[SheetItem], answers: Mapping[str, str]) -> Score:
    """Yield what the answers come to: the weight of what was done, of all that applied.

    Units: points of a hundred, rounded down.
    Errors: ValueError, for an item without one of ANSWERS, or an answer to no item.

    >>> sheet = [SheetItem(id="identity", weight=30, fatal=True), SheetItem(id="tone", weight=70)]
    >>> scored(items=sheet, answers={"identity": "yes", "tone": "no"}).points
    30
    >>> scored(items=sheet, answers={"identity": "no", "tone": "yes"}).points
    0
    """
    if set(answers) != {item.id for item in items}:
        raise ValueError("every item of the sheet has one answer")
    if any(answer not in ANSWERS for answer in answers.values()):
        raise ValueError(f"an answer is one of {', '.join(ANSWERS)}")
    applied = [item for item in items if answers[item.id] != NOT_APPLICABLE]
    done = sum(item.weight for item in applied if answers[item.id] == YES)
    whole = sum(item.weight for item in applied)
    not_done = tuple(item.id for item in applied if answers[item.id] == NO)
    fatal = tuple(item.id for item in applied if item.fatal and answers[item.id] == NO)
    points = 0 if fatal else done * 100 // whole if whole else None
    return Score(points=points, not_done=not_done, fatal=fatal)
