"""Asset classes and how floors decide between them: the worst floor that holds is the class.

A floor is one limb of one rule, looked at for one claim: it holds, does not hold, or cannot be
known because a fact is missing. A missing fact of the bank's own book makes the class unknown where
it could make the class worse; a missing fact from outside is only listed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

UNKNOWN = "unknown"
NORMAL = "normal"
SPECIAL_MENTION = "special_mention"
SUBSTANDARD = "substandard"
DOUBTFUL = "doubtful"
LOSS = "loss"
CLASSES = (NORMAL, SPECIAL_MENTION, SUBSTANDARD, DOUBTFUL, LOSS)
PPM = 1_000_000

_RANKS = {UNKNOWN: -1} | {name: rank for rank, name in enumerate(CLASSES)}


class NoSuchClass(ValueError):
    """A text that is none of the classes."""

    def __init__(self, *, text: str) -> None:
        self.zh = f"“{text}”不是资产分类；可用：{'、'.join((*CLASSES, UNKNOWN))}。"
        self.en = f"'{text}' is no asset class; use one of {', '.join((*CLASSES, UNKNOWN))}."
        super().__init__(f"{self.en} / {self.zh}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """One limb of a rule, looked at for one claim.

    ``holds`` is None when a fact is missing; ``own_fact_missing`` says that the missing fact
    belongs to the bank's own book.
    """

    rule: str
    asset_class: str
    holds: bool | None
    own_fact_missing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """The class, the rules whose floor it is, and the rules that could not be examined."""

    asset_class: str
    binding: tuple[str, ...]
    unexamined: tuple[str, ...]


def rank_of(*, asset_class: str) -> int:
    """Yield the rank of a class, worse is greater; ``unknown`` is -1. Errors: NoSuchClass."""
    if asset_class not in _RANKS:
        raise NoSuchClass(text=asset_class)
    return _RANKS[asset_class]


def is_npl(*, asset_class: str) -> bool | None:
    """Say whether a class is non-performing (substandard or worse); None for ``unknown``.

    Example:
    >>> is_npl(asset_class="special_mention"), is_npl(asset_class="substandard")
    (False, True)
    """
    rank = rank_of(asset_class=asset_class)
    return None if rank < 0 else rank >= _RANKS[SUBSTANDARD]


def worst(*, classes: Iterable[str]) -> str:
    """Yield the worst class; of none, ``unknown``."""
    return max(classes, key=lambda one: rank_of(asset_class=one), default=UNKNOWN)


def concluded(*, floors: Sequence[Floor]) -> Conclusion:
    """Yield the class that the floors of one claim give.

    Nothing binds where the class is normal. No floor that holds at all means that no rule in force
    covers the claim: the class is unknown.
    """
    found = worst(classes=(floor.asset_class for floor in floors if floor.holds is True))
    binding = () if found == NORMAL else _binding(floors=floors, asset_class=found)
    unexamined = _rules(floor for floor in floors if floor.holds is None)
    if _could_be_worse(floors=floors, than=found):
        return Conclusion(asset_class=UNKNOWN, binding=(), unexamined=unexamined)
    return Conclusion(
        asset_class=found,
        binding=binding,
        unexamined=tuple(rule for rule in unexamined if rule not in binding),
    )


def lifted(*, first: Conclusion, floors: Sequence[Floor]) -> Conclusion:
    """Yield the class after a second pass over all claims of the debtor.

    The second pass can only make the class worse; its rules bind only where they did. A class that
    the first pass could not know stays unknown.
    """
    unexamined = _rules(floor for floor in floors if floor.holds is None)
    found = worst(classes=(floor.asset_class for floor in floors if floor.holds is True))
    known = first.asset_class != UNKNOWN
    worse = known and rank_of(asset_class=found) > rank_of(asset_class=first.asset_class)
    asset_class = found if worse else first.asset_class
    binding = _binding(floors=floors, asset_class=found) if worse else first.binding
    if known and _could_be_worse(floors=floors, than=asset_class):
        asset_class, binding = UNKNOWN, ()
    together = _distinct((*first.unexamined, *unexamined))
    return Conclusion(
        asset_class=asset_class,
        binding=binding,
        unexamined=tuple(rule for rule in together if rule not in binding),
    )


def share_ppm_up(*, part: int, whole: int) -> int:
    """Yield ``part / whole`` in parts per million, rounded up; nothing of nothing is 0.

    For a whole number n of ppm, "over n" is exact on the result: ceil(x) > n exactly when x > n,
    that is, when part * 1,000,000 > n * whole.
    Example:
    >>> share_ppm_up(part=100, whole=1000), share_ppm_up(part=1_000_001, whole=10_000_000)
    (100000, 100001)
    """
    if part <= 0:
        return 0
    if whole <= 0:
        return PPM
    return -((-part * PPM) // whole)


def share_ppm_down(*, part: int, whole: int) -> int:
    """Yield ``part / whole`` in parts per million, rounded down; nothing of nothing is 0.

    For a whole number n of ppm, "n or more" is exact on the result.
    Example:
    >>> share_ppm_down(part=499_999_999, whole=1_000_000_000)
    499999
    """
    if part <= 0:
        return 0
    if whole <= 0:
        return PPM
    return part * PPM // whole


def _could_be_worse(*, floors: Sequence[Floor], than: str) -> bool:
    return any(
        floor.holds is None
        and floor.own_fact_missing
        and rank_of(asset_class=floor.asset_class) > rank_of(asset_class=than)
        for floor in floors
    )


def _binding(*, floors: Sequence[Floor], asset_class: str) -> tuple[str, ...]:
    return _rules(
        floor for floor in floors if floor.holds is True and floor.asset_class == asset_class
    )


def _rules(floors: Iterable[Floor]) -> tuple[str, ...]:
    return _distinct(floor.rule for floor in floors)


def _distinct(rules: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(rules)))
