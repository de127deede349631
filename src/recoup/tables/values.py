"""Values of FEEL and what can be done with two of them: equality, order, arithmetic.

Numbers are decimals of 34 digits, as the standard says. Whatever cannot be compared or computed
gives null, never an error: null is FEEL's word for "no answer".
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, DecimalException
from enum import Enum
from typing import Any

from recoup.tables import syntax
from recoup.tables.temporal import YearsMonths

DECIMAL_128 = Context(prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144)
LARGEST_EXPONENT = 6144
_MICROSECONDS_A_DAY = 86_400_000_000


class Unbounded(Enum):
    """The end of a range that has none, as in ``(> 10)``."""

    END = "unbounded"


UNBOUNDED = Unbounded.END


@dataclass(frozen=True, slots=True)
class Range:
    """An interval as a value; an end can be UNBOUNDED, and a null end compares with nothing."""

    low: object
    low_closed: bool
    high: object
    high_closed: bool


@dataclass(frozen=True, slots=True)
class Exactly:
    """``(= 10)`` as a value, or ``(!= 10)``: nothing but one value, or everything but it."""

    value: object
    negated: bool


@dataclass(frozen=True, eq=False)
class Function:
    """A function as a value: its parameters and what it computes from their values."""

    parameters: tuple[syntax.Parameter, ...]
    compute: Callable[[Mapping[str, object]], object]


def feel_value(value: object) -> object:
    """Yield a Python value as FEEL sees it: whole numbers become decimals, tuples lists."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, Mapping):
        return {str(key): feel_value(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [feel_value(inner) for inner in value]
    return value


def kind_of(value: object) -> str:
    """Yield the FEEL type of a value."""
    for kind, name in _KINDS:
        if isinstance(value, kind):
            return name
    return "null"


_KINDS: tuple[tuple[type | Any, str], ...] = (
    (bool, "boolean"),
    (Decimal, "number"),
    (str, "string"),
    (dt.datetime, "date and time"),
    (dt.date, "date"),
    (dt.time, "time"),
    (dt.timedelta, "days and time duration"),
    (YearsMonths, "years and months duration"),
    (list, "list"),
    (Mapping, "context"),
    (Range, "range"),
    (Exactly, "range"),
    (Function, "function"),
)


def same(left: object, right: object) -> bool | None:
    """Yield FEEL equality; null equals only null, values of two types do not compare."""
    if left is None or right is None:
        return left is right
    left, right = _alone(left, right), _alone(right, left)
    kind = kind_of(left)
    if kind != kind_of(right):
        return None
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and _all_same(zip(left, right, strict=True))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and _all_same((left[key], right[key]) for key in left)
    if isinstance(left, Range) and isinstance(right, Range):
        return _same_range(left, right)
    if kind == "time":
        return _whole_second(_clock(left)) == _whole_second(_clock(right))
    if isinstance(left, dt.datetime) and isinstance(right, dt.datetime):
        alike = _aware(left) == _aware(right)
        return alike and left.replace(microsecond=0) == right.replace(microsecond=0)
    return bool(left == right)


def ordered(left: object, sign: str, right: object) -> bool | None:
    """Yield ``left < right`` (or ``<= > >=``); None where the two have no order."""
    kind = kind_of(left)
    if kind != kind_of(right) or kind not in _ORDERED:
        return None
    if kind == "date and time" and _aware(left) != _aware(right):
        return None
    first: Any = left
    second: Any = right
    if kind == "time":
        first, second = _clock(left), _clock(right)
        if (first[0] is None) != (second[0] is None):
            return None
    if sign == "<":
        return bool(first < second)
    if sign == "<=":
        return bool(first <= second)
    if sign == ">":
        return bool(first > second)
    return bool(first >= second)


def compare(left: object, sign: str, right: object) -> bool | None:
    """Yield any of the six comparisons in three-valued logic."""
    if sign in ("=", "!="):
        equal = same(left, right)
        if equal is None or sign == "=":
            return equal
        return not equal
    return ordered(left, sign, right)


def within(value: object, interval: Range) -> bool | None:
    """Yield whether a value lies in a range; None where they do not compare."""
    low = high = True
    if interval.low is not UNBOUNDED:
        found = ordered(value, ">=" if interval.low_closed else ">", interval.low)
        if found is None:
            return None
        low = found
    if interval.high is not UNBOUNDED:
        found = ordered(value, "<=" if interval.high_closed else "<", interval.high)
        if found is None:
            return None
        high = found
    return low and high


def computed(left: object, sign: str, right: object) -> object:
    """Yield ``left sign right`` for ``+ - * / **``; null where FEEL has no such operation."""
    try:
        if isinstance(left, Decimal) and isinstance(right, Decimal):
            return _number(left, sign, right)
        if isinstance(left, str) and isinstance(right, str):
            return left + right if sign == "+" else None
        return _temporal(left, sign, right)
    except (DecimalException, OverflowError, ValueError, TypeError):
        return None


def negated(value: object) -> object:
    """Yield ``-value``."""
    if isinstance(value, Decimal):
        return DECIMAL_128.minus(value)
    if isinstance(value, YearsMonths):
        return YearsMonths(-value.months)
    return -value if isinstance(value, dt.timedelta) else None


def plus_months(day: dt.date, months: int) -> dt.date:
    """Yield the date so many months later; a day the month lacks becomes its last day."""
    count = day.year * 12 + day.month - 1 + months
    year, month = count // 12, count % 12 + 1
    last = (dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)).day
    return day.replace(year=year, month=month, day=min(day.day, last))


_ORDERED = frozenset(
    {
        "number",
        "string",
        "date and time",
        "date",
        "time",
        "days and time duration",
        "years and months duration",
    }
)


def _number(left: Decimal, sign: str, right: Decimal) -> Decimal | None:
    if sign == "+":
        return DECIMAL_128.add(left, right)
    if sign == "-":
        return DECIMAL_128.subtract(left, right)
    if sign == "*":
        return DECIMAL_128.multiply(left, right)
    if sign == "/":
        return None if right == 0 else DECIMAL_128.divide(left, right)
    return DECIMAL_128.power(left, right)


def _temporal(left: Any, sign: str, right: Any) -> object:
    if sign == "*":
        if isinstance(left, Decimal):
            left, right = right, left
        return _multiplied(left, right) if isinstance(right, Decimal) else None
    if sign == "/":
        return _divided(left, right)
    if sign == "+":
        return _added(left, right)
    if sign != "-":
        return None
    if isinstance(left, dt.date) and isinstance(right, dt.date):
        first, second = _instant(left), _instant(right)
        return first - second if _aware(first) == _aware(second) else None
    if isinstance(left, dt.time) and isinstance(right, dt.time):
        zone_left, clock_left = _clock(left)
        zone_right, clock_right = _clock(right)
        if (zone_left is None) != (zone_right is None):
            return None
        return dt.timedelta(microseconds=clock_left - clock_right)
    if isinstance(right, dt.timedelta | YearsMonths):
        return _added(left, negated(right), from_left_only=True)
    return None


def _added(left: Any, right: Any, *, from_left_only: bool = False) -> object:
    if isinstance(left, YearsMonths) and isinstance(right, YearsMonths):
        return YearsMonths(left.months + right.months)
    if isinstance(left, dt.timedelta) and isinstance(right, dt.timedelta):
        return left + right
    if isinstance(left, dt.timedelta | YearsMonths) and not from_left_only:
        left, right = right, left
    if isinstance(left, dt.date) and isinstance(right, YearsMonths):
        return plus_months(left, right.months)
    if isinstance(left, dt.datetime) and isinstance(right, dt.timedelta):
        return left + right
    if isinstance(left, dt.date) and isinstance(right, dt.timedelta):
        return (_instant(left) + right).date()
    if isinstance(left, dt.time) and isinstance(right, dt.timedelta):
        moved = dt.datetime.combine(dt.date(2000, 1, 2), left) + dt.timedelta(
            seconds=right.seconds, microseconds=right.microseconds
        )
        return moved.timetz()
    return None


def _multiplied(left: Any, right: Decimal) -> object:
    if isinstance(left, YearsMonths):
        return YearsMonths(int(Decimal(left.months) * right))
    if isinstance(left, dt.timedelta):
        return dt.timedelta(microseconds=int(Decimal(left // dt.timedelta(microseconds=1)) * right))
    return None


def _divided(left: Any, right: Any) -> object:
    if isinstance(left, YearsMonths) and isinstance(right, YearsMonths):
        return _number(Decimal(left.months), "/", Decimal(right.months))
    if isinstance(left, dt.timedelta) and isinstance(right, dt.timedelta):
        unit = dt.timedelta(microseconds=1)
        return _number(Decimal(left // unit), "/", Decimal(right // unit))
    if isinstance(left, YearsMonths | dt.timedelta) and isinstance(right, Decimal) and right:
        return _multiplied(left, DECIMAL_128.divide(Decimal(1), right))
    return None


def _instant(day: dt.date) -> dt.datetime:
    """Yield a date as the UTC midnight at which it begins; an instant as it is."""
    if isinstance(day, dt.datetime):
        return day
    return dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC)


def _alone(value: object, other: object) -> object:
    """Yield the element of a list of one where the other side is no list."""
    if isinstance(value, list) and len(value) == 1 and not isinstance(other, list):
        return value[0]
    return value


def _all_same(pairs: Any) -> bool | None:
    answer: bool | None = True
    for left, right in pairs:
        equal = same(left, right)
        if equal is False:
            return False
        answer = equal if answer is True else None
    return answer


def _same_range(left: Range, right: Range) -> bool | None:
    if (left.low_closed, left.high_closed) != (right.low_closed, right.high_closed):
        return False
    return _all_same(((left.low, right.low), (left.high, right.high)))


def _whole_second(clock: tuple[str | None, int]) -> tuple[str | None, int]:
    """Yield a clock without the fraction of its second, which FEEL leaves out of equality."""
    zone, microseconds = clock
    return zone, microseconds // 1_000_000


def _aware(value: Any) -> bool:
    return value.tzinfo is not None


def _clock(value: Any) -> tuple[str | None, int]:
    """Yield a time as (has a zone, microseconds of the UTC day)."""
    clock = ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond
    if value.tzinfo is None:
        return None, clock
    offset = value.utcoffset()
    if offset is None:
        return str(value.tzinfo), clock
    return "", clock - offset // dt.timedelta(microseconds=1)
