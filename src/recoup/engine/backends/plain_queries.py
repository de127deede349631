"""Statements of the flow as plain Python over a handful of rows: the third carrier.

An engine spends tens of milliseconds on making ready for thousands of rows at a time; for one
person's rows, walking through the statement is many times faster. The text is the one that the
night runs. Joins look at every pair of rows, so this is for few rows only.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from sqlglot import exp

from recoup.engine.backends.dialect import FlowRefused, check
from recoup.engine.backends.plain_values import Columns, Row, Value, Values

Tables = Mapping[str, Sequence[Row]]
#: What a SELECT may be made of here.
_PARTS = frozenset({"kind", "expressions", "from_", "joins", "where", "group", "order"})


@dataclass(frozen=True)
class Query:
    """A statement made ready: the names of its columns, and its rows from those of the tables."""

    names: tuple[str, ...]
    rows: Callable[[Tables], list[Row]]


def plain_query(*, name: str, sql: str, tables: Mapping[str, Sequence[str]]) -> Query:
    """Yield a checked statement as plain Python, given the columns of the tables it may read.

    Errors: FlowRefused, when the statement leaves the tested subset or has no plain form.
    """
    return _query(check(name=name, sql=sql), tables)


def _query(node: exp.Expression, tables: Mapping[str, Sequence[str]]) -> Query:
    if isinstance(node, exp.Subquery):
        return _query(node.this, tables)
    if isinstance(node, exp.Union):
        return _union(node, tables)
    if isinstance(node, exp.Select):
        return _select(node, tables)
    raise FlowRefused(f"{type(node).__name__} has no plain form: {node.sql()[:80]}")


def _union(node: exp.Expression, tables: Mapping[str, Sequence[str]]) -> Query:
    if node.args.get("distinct"):
        raise FlowRefused("only UNION ALL has a plain form")
    first, second = _query(node.this, tables), _query(node.expression, tables)
    return Query(first.names, lambda given: first.rows(given) + second.rows(given))


@dataclass(frozen=True)
class _Source:
    """The rows that a SELECT reads, before it asks for anything."""

    columns: Columns
    rows: Callable[[Tables], Sequence[Row]]


def _select(node: exp.Expression, tables: Mapping[str, Sequence[str]]) -> Query:
    unknown = [part for part, value in node.args.items() if value and part not in _PARTS]
    if unknown or node.args.get("from_") is None:
        raise FlowRefused(f"{unknown}: no plain form: {node.sql()[:80]}")
    source = _source(node.args["from_"].this, tables)
    for join in node.args.get("joins") or ():
        source = _joined(source, join, tables)
    if node.args.get("where"):
        source = _filtered(source, node.args["where"].this)
    source, placed = _computed(source, node)
    values = Values(source.columns, placed)
    if node.args.get("order"):
        source = _ordered(source, _order_keys(node, values))
    names, project = _projection(node, values)
    return Query(names, lambda given: [project(row) for row in source.rows(given)])


def _source(node: exp.Expression, tables: Mapping[str, Sequence[str]]) -> _Source:
    if isinstance(node, exp.Table):
        name = node.name
        if name not in tables:
            raise FlowRefused(f"there is no table {name}")
        names = tuple(tables[name])
        columns = Columns((node.alias or name,) * len(names), names)
        return _Source(columns, lambda given: given[name])
    query = _query(node, tables)
    return _Source(Columns((node.alias,) * len(query.names), query.names), query.rows)


def _joined(left: _Source, join: exp.Expression, tables: Mapping[str, Sequence[str]]) -> _Source:
    side, kind = join.text("side").upper(), join.text("kind").upper()
    if side not in ("", "LEFT") or kind not in ("", "INNER") or join.args.get("on") is None:
        raise FlowRefused(f"{join.sql()[:80]}: only JOIN and LEFT JOIN with ON have a plain form")
    right = _source(join.this, tables)
    columns = left.columns + right.columns
    fits = Values(columns).of(join.args["on"])
    nothing = (None,) * len(right.columns.names)

    def rows(given: Tables) -> list[Row]:
        found: list[Row] = []
        others = right.rows(given)
        for row in left.rows(given):
            pairs = [pair for other in others if fits(pair := row + other) is True]
            found += pairs or ([row + nothing] if side else [])
        return found

    return _Source(columns, rows)


def _filtered(source: _Source, node: exp.Expression) -> _Source:
    holds = Values(source.columns).of(node)
    return _Source(
        source.columns, lambda given: [row for row in source.rows(given) if holds(row) is True]
    )


def _computed(source: _Source, node: exp.Expression) -> tuple[_Source, Mapping[int, int]]:
    """Yield the rows with sums or places of windows behind them, and where each of those stands."""
    width = len(source.columns.names)
    windows = [one for item in node.expressions for one in item.find_all(exp.Window)]
    sums = [
        one
        for item in node.expressions
        for one in item.find_all(exp.AggFunc)
        if one.find_ancestor(exp.Window, exp.Select) is node
    ]
    group = node.args.get("group")
    if (windows and (sums or group)) or (sums and group is None):
        raise FlowRefused(f"no plain form of these sums: {node.sql()[:80]}")
    placed = {id(one): width + place for place, one in enumerate([*windows, *sums])}
    if windows:
        numbered = [_numbering(one, Values(source.columns)) for one in windows]
        return _Source(
            source.columns, lambda given: _numbered(source.rows(given), numbered)
        ), placed
    if group is not None:
        values = Values(source.columns)
        keys = values.all(group.expressions)
        totals = [_total(one, values) for one in sums]
        return _Source(
            source.columns, lambda given: _grouped(source.rows(given), keys, totals)
        ), placed
    return source, placed


@dataclass(frozen=True)
class _Key:
    value: Value
    descending: bool
    nulls_first: bool


@dataclass(frozen=True)
class _Numbering:
    partition: tuple[Value, ...]
    keys: tuple[_Key, ...]


def _numbering(node: exp.Expression, values: Values) -> _Numbering:
    if not isinstance(node.this, exp.RowNumber) or node.args.get("spec"):
        raise FlowRefused(f"only ROW_NUMBER has a plain form: {node.sql()[:80]}")
    keys = tuple(_key(one, values.of(one.this)) for one in node.args["order"].expressions)
    return _Numbering(values.all(node.args.get("partition_by") or ()), keys)


def _numbered(rows: Sequence[Row], numberings: Iterable[_Numbering]) -> list[Row]:
    columns = [_places(rows, one) for one in numberings]
    return [row + own for row, own in zip(rows, zip(*columns, strict=True), strict=True)]


def _places(rows: Sequence[Row], numbering: _Numbering) -> list[int]:
    """Yield each row's place within its partition, from 1."""
    order = _in_order(range(len(rows)), numbering.keys, rows.__getitem__)
    counts: dict[Row, int] = {}
    places = [0] * len(rows)
    for at in order:
        part = tuple(value(rows[at]) for value in numbering.partition)
        counts[part] = places[at] = counts.get(part, 0) + 1
    return places


def _total(node: exp.Expression, values: Values) -> Callable[[Sequence[Row]], Any]:
    """Yield an aggregate over the rows of a group; NULL is passed over."""
    if isinstance(node, exp.Count) and isinstance(node.this, exp.Star):
        return len
    act = _TOTALS.get(type(node))
    if act is None or isinstance(node.this, exp.Distinct):
        raise FlowRefused(f"{node.sql()[:80]} has no plain form")
    value, of_known = values.of(node.this), act

    def total(rows: Sequence[Row]) -> Any:
        return of_known([found for row in rows if (found := value(row)) is not None])

    return total


_TOTALS: Mapping[type[exp.Expression], Callable[[list[Any]], Any]] = {
    exp.Count: len,
    exp.Sum: lambda known: sum(known) if known else None,
    exp.Min: lambda known: min(known, default=None),
    exp.Max: lambda known: max(known, default=None),
    exp.BitwiseOrAgg: lambda known: reduce(or_, known) if known else None,
    exp.LogicalOr: lambda known: any(known) if known else None,
}


def _grouped(
    rows: Sequence[Row],
    keys: Sequence[Value],
    totals: Sequence[Callable[[Sequence[Row]], Any]],
) -> list[Row]:
    """Yield the first row of each group, its totals behind it."""
    groups: dict[Row, list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(key(row) for key in keys), []).append(row)
    return [own[0] + tuple(total(own) for total in totals) for own in groups.values()]


def _order_keys(node: exp.Expression, values: Values) -> tuple[_Key, ...]:
    named = {item.alias: item.this for item in node.expressions if isinstance(item, exp.Alias)}
    keys = []
    for one in node.args["order"].expressions:
        asked = one.this
        own = isinstance(asked, exp.Column) and not asked.text("table")
        keys.append(_key(one, values.of(named.get(asked.name, asked) if own else asked)))
    return tuple(keys)


def _key(node: exp.Expression, value: Value) -> _Key:
    return _Key(value, bool(node.args.get("desc")), bool(node.args.get("nulls_first")))


def _ordered(source: _Source, keys: Sequence[_Key]) -> _Source:
    return _Source(
        source.columns, lambda given: _in_order(source.rows(given), keys, lambda row: row)
    )


def _in_order(things: Iterable[Any], keys: Sequence[_Key], row: Callable[[Any], Row]) -> list[Any]:
    """Yield things by keys of their rows, the first key weighing most."""
    ordered = list(things)
    for key in reversed(keys):
        values = [(key.value(row(one)), one) for one in ordered]
        known = sorted(
            (pair for pair in values if pair[0] is not None),
            key=lambda pair: pair[0],
            reverse=key.descending,
        )
        nulls = [one for value, one in values if value is None]
        ranked = [one for _, one in known]
        ordered = nulls + ranked if key.nulls_first else ranked + nulls
    return ordered


def _projection(node: exp.Expression, values: Values) -> tuple[tuple[str, ...], Value]:
    names: list[str] = []
    parts: list[Value] = []
    for item in node.expressions:
        if item.is_star:
            star = item if isinstance(item, exp.Star) else item.this
            if any(star.args.values()):
                raise FlowRefused(f"{item.sql()}: only a bare star has a plain form")
            places = values.columns.of(item.text("table"))
            if not places:
                raise FlowRefused(f"{item.sql()}: there is no such table")
            names += [values.columns.names[place] for place in places]
            parts.append(_run(places[0], places[-1] + 1))
        else:
            names.append(item.alias_or_name)
            parts.append(_alone(values.of(item)))
    return tuple(names), lambda row: tuple(cell for part in parts for cell in part(row))


def _run(first: int, until: int) -> Value:
    return lambda row: row[first:until]


def _alone(value: Value) -> Value:
    return lambda row: (value(row),)
