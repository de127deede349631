"""Built-in functions that place points and ranges in relation to each other."""

from collections.abc import Callable
from typing import Any, TypeAlias

from recoup.tables.signature import BuiltIn, takes, takes_either
from recoup.tables.unary import both, either, opposite
from recoup.tables.values import Range, ordered, same, within

Relation: TypeAlias = Callable[[Any, Any], bool | None]


def _range(value: object) -> Range:
    return value if isinstance(value, Range) else Range(value, True, value, True)


def _below(left: object, right: object) -> bool | None:
    return ordered(left, "<", right)


def _before(first: object, second: object) -> bool | None:
    left, right = _range(first), _range(second)
    touching = not (left.high_closed and right.low_closed)
    return either(_below(left.high, right.low), both(touching, ordered(left.high, "<=", right.low)))


def _meets(left: Range, right: Range) -> bool | None:
    return both(left.high_closed and right.low_closed, same(left.high, right.low))


def _starts_no_later(left: Range, right: Range) -> bool | None:
    """Yield whether ``left`` begins before ``right`` or together with it."""
    together = both(same(left.low, right.low), left.low_closed or not right.low_closed)
    return either(_below(left.low, right.low), together)


def _ends_no_earlier(left: Range, right: Range) -> bool | None:
    together = both(same(left.high, right.high), left.high_closed or not right.high_closed)
    return either(_below(right.high, left.high), together)


def _includes(first: object, second: object) -> bool | None:
    outer = _range(first)
    if not isinstance(second, Range):
        return within(second, outer)
    return both(_starts_no_later(outer, second), _ends_no_earlier(outer, second))


def _overlaps(left: Range, right: Range) -> bool | None:
    return both(opposite(_before(left, right)), opposite(_before(right, left)))


def _overlaps_before(left: Range, right: Range) -> bool | None:
    earlier = either(
        _below(left.low, right.low),
        both(same(left.low, right.low), left.low_closed and not right.low_closed),
    )
    ends_first = either(
        _below(left.high, right.high),
        both(same(left.high, right.high), right.high_closed or not left.high_closed),
    )
    return both(both(earlier, ends_first), _overlaps(left, right))


def _overlaps_after(left: Range, right: Range) -> bool | None:
    later = either(
        _below(right.low, left.low),
        both(same(left.low, right.low), right.low_closed and not left.low_closed),
    )
    ends_last = either(
        _below(right.high, left.high),
        both(same(left.high, right.high), left.high_closed or not right.high_closed),
    )
    return both(both(later, ends_last), _overlaps(left, right))


def _finishes(first: object, second: object) -> bool | None:
    outer = _range(second)
    if not isinstance(first, Range):
        return both(outer.high_closed, same(first, outer.high))
    same_end = both(first.high_closed == outer.high_closed, same(first.high, outer.high))
    return both(same_end, _starts_no_later(outer, first))


def _starts(first: object, second: object) -> bool | None:
    outer = _range(second)
    if not isinstance(first, Range):
        return both(outer.low_closed, same(first, outer.low))
    same_start = both(first.low_closed == outer.low_closed, same(first.low, outer.low))
    return both(same_start, _ends_no_earlier(outer, first))


def _coincides(first: object, second: object) -> bool | None:
    left, right = _range(first), _range(second)
    if (left.low_closed, left.high_closed) != (right.low_closed, right.high_closed):
        return False
    return both(same(left.low, right.low), same(left.high, right.high))


def _swapped(compute: Relation) -> Relation:
    return lambda first, second: compute(second, first)


_PAIRS = ("point1, point2", "point, range", "range, point", "range1, range2")


def _related(compute: Relation) -> BuiltIn:
    return takes_either(*((names, compute) for names in _PAIRS))


BUILT_IN: dict[str, BuiltIn] = {
    "before": _related(_before),
    "after": _related(_swapped(_before)),
    "meets": takes("range1, range2", _meets),
    "met by": takes("range1, range2", _swapped(_meets)),
    "overlaps": takes("range1, range2", _overlaps),
    "overlaps before": takes("range1, range2", _overlaps_before),
    "overlaps after": takes("range1, range2", _overlaps_after),
    "finishes": _related(_finishes),
    "finished by": _related(_swapped(_finishes)),
    "includes": _related(_includes),
    "during": _related(_swapped(_includes)),
    "starts": _related(_starts),
    "started by": _related(_swapped(_starts)),
    "coincides": _related(_coincides),
}
