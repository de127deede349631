"""Built-in functions on numbers and truth values."""

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)

from recoup.tables.signature import BuiltIn, takes, takes_either
from recoup.tables.temporal import YearsMonths
from recoup.tables.values import DECIMAL_128, LARGEST_EXPONENT


def number(value: object) -> Decimal:
    """Yield the value if it is a number; TypeError otherwise, which the call turns into null."""
    if not isinstance(value, Decimal):
        raise TypeError("number expected")
    return value


def rounded(value: object, scale: object, mode: str) -> Decimal | None:
    """Yield a number rounded to so many digits after the point."""
    digits = int(number(scale)) if scale is not None else 0
    if not -LARGEST_EXPONENT < digits <= LARGEST_EXPONENT + 33:
        return None
    quantum = Decimal(1).scaleb(-digits)
    if number(value).adjusted() + digits > 33:
        return number(value)
    return number(value).quantize(quantum, rounding=mode, context=DECIMAL_128) + 0


def _absolute(value: object) -> object:
    if isinstance(value, YearsMonths):
        return YearsMonths(abs(value.months))
    if isinstance(value, bool):
        return None
    return abs(value)  # type: ignore[arg-type]


def _modulo(dividend: object, divisor: object) -> Decimal | None:
    a, b = number(dividend), number(divisor)
    if b == 0:
        return None
    whole = DECIMAL_128.divide(a, b).to_integral_value(rounding=ROUND_FLOOR)
    return DECIMAL_128.subtract(a, DECIMAL_128.multiply(b, whole))


def _root(value: object) -> Decimal | None:
    return None if number(value) < 0 else DECIMAL_128.sqrt(number(value))


def _logarithm(value: object) -> Decimal | None:
    return None if number(value) <= 0 else DECIMAL_128.ln(number(value))


def _remainder_is(value: object, wanted: int) -> bool:
    whole = number(value)
    return abs(whole) % 2 == wanted if whole == whole.to_integral_value() else False


def _opposite(value: object) -> bool | None:
    return not value if isinstance(value, bool) else None


def _rounding(mode: str, *, scale_needed: bool) -> BuiltIn:
    parameters = "n, scale" if scale_needed else "n, scale?"
    return takes(parameters, lambda n, scale: _scaled(n, scale, mode, scale_needed))


def _scaled(n: object, scale: object, mode: str, needed: bool) -> Decimal | None:
    return None if needed and scale is None else rounded(n, scale, mode)


BUILT_IN: dict[str, BuiltIn] = {
    "decimal": _rounding(ROUND_HALF_EVEN, scale_needed=True),
    "floor": _rounding(ROUND_FLOOR, scale_needed=False),
    "ceiling": _rounding(ROUND_CEILING, scale_needed=False),
    "round up": _rounding(ROUND_UP, scale_needed=True),
    "round down": _rounding(ROUND_DOWN, scale_needed=True),
    "round half up": _rounding(ROUND_HALF_UP, scale_needed=True),
    "round half down": _rounding(ROUND_HALF_DOWN, scale_needed=True),
    "abs": takes_either(("n", _absolute), ("number", _absolute)),
    "modulo": takes("dividend, divisor", _modulo),
    "sqrt": takes("number", _root),
    "log": takes("number", _logarithm),
    "exp": takes("number", lambda value: DECIMAL_128.exp(number(value))),
    "odd": takes("number", lambda value: _remainder_is(value, 1)),
    "even": takes("number", lambda value: _remainder_is(value, 0)),
    "not": takes("negand", _opposite),
}
