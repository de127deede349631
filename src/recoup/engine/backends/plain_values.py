"""Expressions of the flow's SQL as plain Python over one row, parsed by SQLGlot.

Shape: a row is a tuple; NULL is None, a date its day number, an instant its microseconds. Logic has
three values as in SQL. What is not known here is refused, never guessed: the engine carries it.
"""

import hashlib
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter
from typing import Any

from sqlglot import exp

from recoup.engine.backends.dialect import FlowRefused
from recoup.kernel.calendar import add_months, day_number

Row = tuple[Any, ...]
Value = Callable[[Row], Any]

_WHOLE = {exp.DataType.Type.INT: 2**31, exp.DataType.Type.BIGINT: 2**63}
#: Casts that change nothing here: whole numbers have no limit, dates are numbers already.
_AS_IT_IS = frozenset({exp.DataType.Type.INT128, exp.DataType.Type.DATE, exp.DataType.Type.BOOLEAN})


class OutOfRange(ArithmeticError):
    """A number does not fit the type it is cast to, as the engine would say."""


@dataclass(frozen=True)
class Columns:
    """The columns of a row: the name of each, and of the table or alias that it comes from."""

    owners: tuple[str, ...]
    names: tuple[str, ...]

    def __add__(self, other: "Columns") -> "Columns":
        return Columns(self.owners + other.owners, self.names + other.names)

    def place(self, *, name: str, owner: str) -> int:
        """Yield where a column stands. Errors: FlowRefused, if there is none or more than one."""
        places = [
            place
            for place, named in enumerate(self.names)
            if named == name and owner in ("", self.owners[place])
        ]
        if len(places) != 1:
            raise FlowRefused(f"{owner}.{name}: {len(places)} columns of that name")
        return places[0]

    def of(self, owner: str) -> tuple[int, ...]:
        """Yield the places of all columns of one table or alias; of all tables if it is empty."""
        return tuple(n for n, one in enumerate(self.owners) if owner in ("", one))


@dataclass(frozen=True)
class Values:
    """Turns expressions over some columns into Python; ``placed`` are nodes computed before."""

    columns: Columns
    placed: Mapping[int, int] = field(default_factory=dict)

    def of(self, node: exp.Expression) -> Value:
        """Yield an expression as a function of the row. Errors: FlowRefused."""
        if id(node) in self.placed:
            return itemgetter(self.placed[id(node)])
        make = _MAKERS.get(type(node))
        if make is None:
            raise FlowRefused(f"{type(node).__name__} has no plain form: {node.sql()[:80]}")
        return make(self, node)

    def all(self, nodes: Sequence[exp.Expression]) -> tuple[Value, ...]:
        """Yield several expressions."""
        return tuple(self.of(node) for node in nodes)


def _column(values: Values, node: exp.Expression) -> Value:
    return itemgetter(values.columns.place(name=node.name, owner=node.text("table")))


def _constant(value: object) -> Value:
    return lambda row: value


def _literal(values: Values, node: exp.Expression) -> Value:
    return _constant(literal_of(node))


def literal_of(node: exp.Expression) -> object:
    """Yield what a literal says. Errors: FlowRefused, if it is none."""
    if isinstance(node, exp.Null):
        return None
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if isinstance(node, exp.Neg):
        number = literal_of(node.this)
        if isinstance(number, int):
            return -number
    if isinstance(node, exp.Literal):
        return node.name if node.is_string else int(node.name)
    raise FlowRefused(f"{node.sql()[:80]} is not a constant")


def _inner(values: Values, node: exp.Expression) -> Value:
    return values.of(node.this)


def _strict(act: Callable[[Any, Any], Any]) -> Callable[[Values, exp.Expression], Value]:
    """Yield a maker for an operation of two values that knows nothing of NULL."""

    def make(values: Values, node: exp.Expression) -> Value:
        left, right = values.of(node.this), values.of(node.expression)

        def value(row: Row) -> Any:
            first = left(row)
            if first is None:
                return None
            second = right(row)
            return None if second is None else act(first, second)

        return value

    return make


def _add(values: Values, node: exp.Expression) -> Value:
    later = node.expression
    if not isinstance(later, exp.Interval):
        return _strict(operator.add)(values, node)
    months, day = literal_of(later.this), values.of(node.this)
    if later.text("unit").upper() != "MONTH" or not str(months).isdigit():
        raise FlowRefused(f"{later.sql()}: only whole months are added to a day")
    count = int(str(months))

    def value(row: Row) -> Any:
        first = day(row)
        return None if first is None else add_months(first, count)

    return value


def divided(number: int, by: int) -> int | None:
    """Yield a whole division that drops the remainder, towards zero; None by zero.

    >>> divided(-7, 2), divided(7, 0)
    (-3, None)
    """
    if not by:
        return None
    whole = abs(number) // abs(by)
    return whole if (number < 0) == (by < 0) else -whole


def _logic(*, decides: bool) -> Callable[[Values, exp.Expression], Value]:
    """Yield a maker for AND (False decides) or OR (True decides)."""

    def make(values: Values, node: exp.Expression) -> Value:
        parts = values.all(tuple(node.flatten()))

        def value(row: Row) -> Any:
            unknown = False
            for part in parts:
                found = part(row)
                if found is decides:
                    return decides
                unknown = unknown or found is None
            return None if unknown else not decides

        return value

    return make


def _not(values: Values, node: exp.Expression) -> Value:
    inner = values.of(node.this)

    def value(row: Row) -> Any:
        found = inner(row)
        return None if found is None else not found

    return value


def _negative(values: Values, node: exp.Expression) -> Value:
    inner = values.of(node.this)

    def value(row: Row) -> Any:
        found = inner(row)
        return None if found is None else -found

    return value


def _is(values: Values, node: exp.Expression) -> Value:
    inner, wanted = values.of(node.this), literal_of(node.expression)
    return lambda row: inner(row) is wanted


def _in(values: Values, node: exp.Expression) -> Value:
    inner = values.of(node.this)
    listed = [literal_of(one) for one in node.expressions]
    if not listed or None in listed:
        raise FlowRefused(f"{node.sql()[:80]}: only a list of constants can be looked through")
    known = frozenset(listed)

    def value(row: Row) -> Any:
        found = inner(row)
        return None if found is None else found in known

    return value


def _between(values: Values, node: exp.Expression) -> Value:
    low, high = literal_of(node.args["low"]), literal_of(node.args["high"])
    if not isinstance(low, int) or not isinstance(high, int):
        raise FlowRefused(f"{node.sql()[:80]}: only whole numbers are bounds")
    inner = values.of(node.this)

    def value(row: Row) -> Any:
        found = inner(row)
        return None if found is None else low <= found <= high

    return value


def _case(values: Values, node: exp.Expression) -> Value:
    steps = [(values.of(one.this), values.of(one.args["true"])) for one in node.args["ifs"]]
    default = node.args.get("default")
    otherwise = values.of(default) if default is not None else _constant(None)
    if node.this is not None:
        return _simple_case(values.of(node.this), steps, otherwise)

    def value(row: Row) -> Any:
        for holds, then in steps:
            if holds(row) is True:
                return then(row)
        return otherwise(row)

    return value


def _simple_case(asked: Value, steps: Sequence[tuple[Value, Value]], otherwise: Value) -> Value:
    def value(row: Row) -> Any:
        found = asked(row)
        if found is not None:
            for wanted, then in steps:
                if wanted(row) == found:
                    return then(row)
        return otherwise(row)

    return value


def _coalesce(values: Values, node: exp.Expression) -> Value:
    parts = values.all((node.this, *node.expressions))

    def value(row: Row) -> Any:
        for part in parts:
            found = part(row)
            if found is not None:
                return found
        return None

    return value


def _extreme(act: Callable[[list[Any]], Any]) -> Callable[[Values, exp.Expression], Value]:
    """Yield a maker for LEAST and GREATEST, which pass over NULL."""

    def make(values: Values, node: exp.Expression) -> Value:
        parts = values.all((node.this, *node.expressions))

        def value(row: Row) -> Any:
            known = [found for part in parts if (found := part(row)) is not None]
            return act(known) if known else None

        return value

    return make


def _cast(values: Values, node: exp.Expression) -> Value:
    kind = node.args["to"].this
    if kind is exp.DataType.Type.DATE and isinstance(node.this, exp.Literal):
        return _constant(day_number(date.fromisoformat(node.this.name)))
    inner = values.of(node.this)
    if kind in _AS_IT_IS:
        return inner
    limit = _WHOLE.get(kind)
    if limit is None:
        raise FlowRefused(f"{node.sql()[:80]}: no plain form of that type")

    def value(row: Row) -> Any:
        found = inner(row)
        if found is not None and not -limit <= found < limit:
            raise OutOfRange(f"{found} does not fit {kind.value}")
        return found

    return value


def _substring(values: Values, node: exp.Expression) -> Value:
    start, length = literal_of(node.args["start"]), literal_of(node.args["length"])
    if not isinstance(start, int) or not isinstance(length, int) or start < 1:
        raise FlowRefused(f"{node.sql()[:80]}: only constant places count from 1")
    inner, until = values.of(node.this), start - 1 + length

    def value(row: Row) -> Any:
        found = inner(row)
        return None if found is None else found[start - 1 : until]

    return value


def _md5(values: Values, node: exp.Expression) -> Value:
    inner = values.of(node.this)

    def value(row: Row) -> Any:
        found = inner(row)
        if found is None:
            return None
        return hashlib.md5(found.encode(), usedforsecurity=False).hexdigest()

    return value


_MAKERS: Mapping[type[exp.Expression], Callable[[Values, exp.Expression], Value]] = {
    exp.Column: _column,
    exp.Literal: _literal,
    exp.Null: _literal,
    exp.Boolean: _literal,
    exp.Paren: _inner,
    exp.Alias: _inner,
    exp.EQ: _strict(operator.eq),
    exp.NEQ: _strict(operator.ne),
    exp.LT: _strict(operator.lt),
    exp.LTE: _strict(operator.le),
    exp.GT: _strict(operator.gt),
    exp.GTE: _strict(operator.ge),
    exp.Add: _add,
    exp.Sub: _strict(operator.sub),
    exp.Mul: _strict(operator.mul),
    exp.IntDiv: _strict(divided),
    exp.BitwiseAnd: _strict(operator.and_),
    exp.BitwiseOr: _strict(operator.or_),
    exp.DPipe: _strict(operator.add),
    exp.And: _logic(decides=False),
    exp.Or: _logic(decides=True),
    exp.Not: _not,
    exp.Neg: _negative,
    exp.Is: _is,
    exp.In: _in,
    exp.Between: _between,
    exp.Case: _case,
    exp.Coalesce: _coalesce,
    exp.Least: _extreme(min),
    exp.Greatest: _extreme(max),
    exp.Cast: _cast,
    exp.Substring: _substring,
    exp.MD5: _md5,
}
