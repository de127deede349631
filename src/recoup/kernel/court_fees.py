"""Fees that add up by brackets, as courts charge them.

Each bracket has a flat amount or a rate on the part of the sum that falls into it. The fee is exact
until the end and rounded once, half up, to the minor unit: the fee rules themselves give no
rounding, so this is the convention of this code.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from recoup.kernel.money import divide_half_up

PPM = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Bracket:
    """One bracket: up to an amount (included; None = without end), a flat amount and a rate."""

    up_to_minor: int | None
    flat_minor: int = 0
    rate_ppm: int = 0


class BracketsWrong(ValueError):
    """Brackets that do not rise, or that end below the amount."""

    def __init__(self, *, amount_minor: int) -> None:
        self.zh = f"分段表没有递增，或没有覆盖金额 {amount_minor}（最小货币单位）。"
        self.en = f"The brackets do not rise, or do not reach the amount {amount_minor} (minor)."
        super().__init__(f"{self.en} / {self.zh}")


def bracket_fee(
    *,
    amount_minor: int,
    brackets: Sequence[Bracket],
    cap_minor: int | None = None,
    share_of: int = 1,
    share_per: int = 1,
) -> int:
    """Yield the fee on an amount, in minor units, rounded half up once at the end.

    Shape: ``share_of / share_per`` of the fee is charged (half, a third); the cap applies to the
    result. The first bracket's flat amount is charged on any amount.
    Errors: BracketsWrong; ValueError for a negative amount.
    Example:
    >>> table = [Bracket(up_to_minor=1000000, flat_minor=5000),
    ...          Bracket(up_to_minor=None, rate_ppm=25000)]
    >>> bracket_fee(amount_minor=10000000, brackets=table)
    230000
    """
    if amount_minor < 0:
        raise ValueError(f"a fee is charged on no negative amount: {amount_minor}")
    exact = _millionths(amount_minor=amount_minor, brackets=brackets)
    fee = divide_half_up(exact * share_of, PPM * share_per)
    return fee if cap_minor is None else min(fee, cap_minor)


def _millionths(*, amount_minor: int, brackets: Sequence[Bracket]) -> int:
    """Yield the exact fee in millionths of a minor unit."""
    total = 0
    below = 0
    for place, bracket in enumerate(brackets):
        top = bracket.up_to_minor
        if top is not None and top <= below:
            raise BracketsWrong(amount_minor=amount_minor)
        if place == 0 or amount_minor > below:
            inside = amount_minor if top is None else min(amount_minor, top)
            total += bracket.flat_minor * PPM + (inside - below) * bracket.rate_ppm
        if top is None or amount_minor <= top:
            return total
        below = top
    raise BracketsWrong(amount_minor=amount_minor)
