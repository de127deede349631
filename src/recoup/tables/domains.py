"""The values one input of a table can have, cut into pieces wherever a cell of the table cuts them.

Within a piece no cell can tell two values apart, so one value of each piece stands for all of it,
and whatever is found out about the pieces is exact. A set of pieces is an integer: bit ``n`` is
piece ``n``, in ascending order; the highest bit is the missing value (null).
"""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import cached_property
from math import floor
from typing import Any

from recoup.tables.unary import (
    Anything,
    ColumnType,
    Compare,
    Constant,
    IsNull,
    Test,
    UnaryTests,
    Within,
)

_DIGITS = 120
_ORDER_SIGNS = ("<", "<=", ">", ">=")
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Domain:
    """One input: its expression, its type, and one value of each piece, ascending.

    ``cuts`` are the constants of its cells, ascending. ``whole``: numbers have no fractions.
    """

    name: str
    column_type: ColumnType
    cuts: tuple[Any, ...]
    samples: tuple[Any, ...]
    whole: bool

    @cached_property
    def null(self) -> int:
        """The piece of the missing value."""
        return 1 << len(self.samples)

    @cached_property
    def known(self) -> int:
        """Every piece but the missing value."""
        return self.null - 1

    @cached_property
    def full(self) -> int:
        """Every piece."""
        return self.known | self.null

    def pieces(self, cell: UnaryTests) -> int:
        """Yield the pieces on which a cell holds."""
        found = 0
        for test in cell.tests:
            found |= self._of_test(test)
        return self.known & ~found if cell.negated else found

    def sample(self, pieces: int) -> object:
        """Yield a value in a set of pieces: a known one where there is one."""
        known = pieces & self.known
        return self.samples[(known & -known).bit_length() - 1] if known else None

    def told(self, pieces: int) -> str:
        """Yield a set of pieces as FEEL tells it: ``[31..60], null``."""
        parts = []
        place, end = 0, len(self.samples)
        while place < end:
            if not pieces >> place & 1:
                place += 1
                continue
            last = place
            while last + 1 < end and pieces >> (last + 1) & 1:
                last += 1
            parts.extend(self._run(place, last))
            place = last + 1
        if pieces & self.null:
            parts.append("null")
        return ", ".join(parts)

    def _of_test(self, test: Test) -> int:
        if isinstance(test, Anything):
            return self.full
        if isinstance(test, IsNull):
            return self.null
        if isinstance(test, Within):
            return self._of_test(test.low) & self._of_test(test.high)
        return self._compared(test)

    def _compared(self, test: Compare) -> int:
        constant: Any = test.constant
        below = (1 << bisect_left(self.samples, constant)) - 1
        up_to = (1 << bisect_right(self.samples, constant)) - 1
        found = {
            "<": below,
            "<=": up_to,
            ">": self.known & ~up_to,
            ">=": self.known & ~below,
            "=": up_to & ~below,
            "!=": self.known & ~(up_to & ~below),
        }
        return found[test.sign]

    def _run(self, first: int, last: int) -> list[str]:
        """Yield a run of neighbouring pieces as one range, or as a list of values."""
        if self.column_type in ("text", "boolean"):
            return [self._value(place) for place in range(first, last + 1)]
        low, high = self._low(first), self._high(last)
        if low and high and low[1:] == high[:-1]:
            return [low[1:]]
        if low and high:
            return [f"{low}..{high}"]
        if low:
            return [f"{'>=' if low[0] == '[' else '>'} {low[1:]}"]
        if high:
            return [f"{'<=' if high[-1] == ']' else '<'} {high[:-1]}"]
        return ["-"]

    def _value(self, place: int) -> str:
        value = self.samples[place]
        told = feel_text(value)
        return told if value in self.cuts or self.column_type == "boolean" else f"... {told}"

    def _low(self, place: int) -> str:
        value = self.samples[place]
        if value in self.cuts:
            return f"[{feel_text(value)}"
        before = bisect_left(self.cuts, value)
        if before == 0:
            return ""
        cut = self.cuts[before - 1]
        return f"[{feel_text(value)}" if self._steps else f"({feel_text(cut)}"

    def _high(self, place: int) -> str:
        value = self.samples[place]
        if value in self.cuts:
            return f"{feel_text(value)}]"
        after = bisect_right(self.cuts, value)
        if after == len(self.cuts):
            return ""
        cut = self.cuts[after]
        return f"{feel_text(_before(cut))}]" if self._steps else f"{feel_text(cut)})"

    @property
    def _steps(self) -> bool:
        return self.whole or self.column_type == "date"


def domain_of(
    *,
    name: str,
    column_type: ColumnType,
    cells: Iterable[UnaryTests],
    allowed: UnaryTests | None = None,
    whole: bool = False,
) -> Domain:
    """Yield the domain of an input from all its cells; ``allowed`` are its declared values.

    The missing value is always in the domain, whatever the declared values are.
    """
    given = [*cells, *([allowed] if allowed is not None else [])]
    tests = [one for cell in given for test in cell.tests for one in _compares(test)]
    cuts = sorted({test.constant for test in tests}, key=_key)
    ordered = any(test.sign in _ORDER_SIGNS for test in tests)
    samples = _SAMPLES[column_type](cuts, whole, ordered)
    domain = Domain(name, column_type, tuple(cuts), tuple(samples), whole)
    if allowed is None:
        return domain
    pieces = domain.pieces(allowed)
    kept = tuple(one for place, one in enumerate(samples) if pieces >> place & 1)
    return Domain(name, column_type, tuple(cuts), kept, whole)


def feel_text(value: object) -> str:
    """Yield a value as FEEL writes it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, dt.date):
        return f'date("{value.isoformat()}")'
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def _compares(test: Test) -> tuple[Compare, ...]:
    if isinstance(test, Within):
        return test.low, test.high
    return (test,) if isinstance(test, Compare) else ()


def _key(constant: Constant) -> Any:
    return constant


def _before(cut: Any) -> Any:
    """Yield the greatest whole number or day below a cut."""
    if isinstance(cut, dt.date):
        return cut - _DAY
    whole = Decimal(floor(cut))
    return whole - 1 if whole == cut else whole


def _numbers(cuts: Sequence[Decimal], whole: bool, ordered: bool) -> list[Decimal]:
    if not cuts:
        return [Decimal(0)]
    with localcontext() as context:
        context.prec = _DIGITS
        found = [Decimal(floor(cuts[0])) - 1]
        for cut, following in zip(cuts, [*cuts[1:], None], strict=True):
            if not whole or cut == cut.to_integral_value():
                found.append(cut)
            step = Decimal(floor(cut)) + 1
            if following is None or step < following:
                found.append(step)
            elif not whole:
                found.append((cut + following) / 2)
    return found


def _days(cuts: Sequence[dt.date], whole: bool, ordered: bool) -> list[dt.date]:
    if not cuts:
        return [dt.date(2026, 1, 1)]
    found = [cuts[0] - _DAY] if cuts[0] > dt.date.min else []
    for cut, following in zip(cuts, [*cuts[1:], None], strict=True):
        found.append(cut)
        if cut < dt.date.max and (following is None or cut + _DAY < following):
            found.append(cut + _DAY)
    return found


def _texts(cuts: Sequence[str], whole: bool, ordered: bool) -> list[str]:
    if not ordered:
        other = "other"
        while other in cuts:
            other += "_"
        return sorted([*cuts, other])
    found = [""] if cuts[0] else []
    for cut, following in zip(cuts, [*cuts[1:], None], strict=True):
        found.append(cut)
        after = next((one for one in (f"{cut}a", f"{cut}\0") if _fits(one, following)), None)
        found += [after] if after is not None else []
    return found


def _fits(text: str, following: str | None) -> bool:
    return following is None or text < following


def _truths(cuts: Sequence[bool], whole: bool, ordered: bool) -> list[bool]:
    return [False, True]


_SAMPLES: dict[ColumnType, Any] = {
    "number": _numbers,
    "date": _days,
    "text": _texts,
    "boolean": _truths,
}
