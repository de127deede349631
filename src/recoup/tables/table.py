"""Decision tables as values, and one case through a table: which rows hit, what follows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, TypeAlias

from recoup.tables import syntax
from recoup.tables.feel import Scope, call, evaluate, satisfied
from recoup.tables.functions import BUILT_IN
from recoup.tables.unary import ColumnType, UnaryTests
from recoup.tables.values import feel_value, same

HitPolicy: TypeAlias = Literal[
    "UNIQUE", "FIRST", "PRIORITY", "ANY", "RULE ORDER", "OUTPUT ORDER", "COLLECT"
]
Aggregation: TypeAlias = Literal["SUM", "COUNT", "MIN", "MAX"]


@dataclass(frozen=True, slots=True)
class InputColumn:
    """One input of a table: the expression whose value its cells test."""

    label: str
    text: str
    expression: syntax.Node
    column_type: ColumnType | None
    allowed: syntax.Tests | None = None
    line: int = 0

    @property
    def column(self) -> str | None:
        """Yield the name of the column, where the expression is nothing but a name."""
        return self.expression.name if isinstance(self.expression, syntax.Name) else None


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """One output of a table; ``allowed`` lists its values, the first having priority."""

    name: str
    type_name: str | None = None
    allowed: tuple[syntax.Node, ...] = ()
    default: syntax.Node | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One test of a row: as FEEL, and as tests of a column where it compares with constants."""

    text: str
    tests: syntax.Tests
    unary: UnaryTests | None
    line: int = 0


@dataclass(frozen=True, slots=True)
class OutputCell:
    """One result of a row."""

    text: str
    expression: syntax.Node
    line: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One rule of a table: its id, tests, results, and what it says in each language."""

    row_id: str
    cells: tuple[Cell, ...]
    outputs: tuple[OutputCell, ...]
    says: Mapping[str, str] = field(default_factory=dict)
    line: int = 0


@dataclass(frozen=True, slots=True)
class Decided:
    """What a table decided: outputs by name and the ids of the rows that hit.

    Where a UNIQUE table has two hits, or an ANY table two hits that disagree, every output is null
    and ``rows`` names them all: the table is wrong, and nobody guesses which row was meant.
    """

    outputs: Mapping[str, object]
    rows: tuple[str, ...]
    value: object


@dataclass(frozen=True)
class DecisionTable(syntax.Boxed):
    """A decision table: ``decide`` answers for one case."""

    name: str
    hit_policy: HitPolicy
    aggregation: Aggregation | None
    inputs: tuple[InputColumn, ...]
    outputs: tuple[OutputColumn, ...]
    rows: tuple[Row, ...]
    line: int = 0

    @property
    def gives_lists(self) -> bool:
        """Yield whether the table gathers the outputs of all hits into lists."""
        collects = self.hit_policy in ("RULE ORDER", "OUTPUT ORDER", "COLLECT")
        return collects and self.aggregation is None

    def decide(self, facts: Mapping[str, object]) -> Decided:
        """Yield outputs and the rows that hit, for facts by name; a missing fact is null."""
        return decide(table=self, scope=feel_scope(facts))

    def value(self, scope: Scope) -> object:
        """Yield the table's value: one output, or a context of several; a list where it gathers."""
        return decide(table=self, scope=scope).value

    def row_text(self, row_id: str, language: str) -> str:
        """Yield what a row says in ``zh`` or ``en``; its id where it says nothing."""
        for row in self.rows:
            if row.row_id == row_id:
                return row.says.get(language) or row.says.get("") or row_id
        raise KeyError(row_id)


def feel_scope(facts: Mapping[str, object]) -> dict[str, object]:
    """Yield facts as FEEL values by name."""
    return {name: feel_value(value) for name, value in facts.items()}


def decide(*, table: DecisionTable, scope: Scope) -> Decided:
    """Yield what a table decides in a scope of names."""
    values = [evaluate(column.expression, scope) for column in table.inputs]
    hits = [row for row in table.rows if _hits(row, table.inputs, values, scope)]
    if not hits:
        return _without_hit(table, scope)
    return _POLICIES[table.hit_policy](table, hits, scope)


def priority_of(*, table: DecisionTable, outputs: Sequence[object]) -> tuple[int, ...]:
    """Yield the place of a row's outputs in the lists of output values; smaller goes first."""
    return tuple(
        _place(value, [evaluate(node, {}) for node in column.allowed])
        for value, column in zip(outputs, table.outputs, strict=True)
        if column.allowed
    )


def _hits(row: Row, inputs: Sequence[InputColumn], values: Sequence[object], scope: Scope) -> bool:
    return all(
        _holds(cell, column, value, scope)
        for cell, column, value in zip(row.cells, inputs, values, strict=True)
    )


def _holds(cell: Cell, column: InputColumn, value: object, scope: Scope) -> bool:
    if cell.unary is not None and not isinstance(value, list):
        return cell.unary.holds(value) is True
    return satisfied(cell.tests, value, scope) is True


def _without_hit(table: DecisionTable, scope: Scope) -> Decided:
    if any(column.default is not None for column in table.outputs):
        values = [
            None if column.default is None else evaluate(column.default, scope)
            for column in table.outputs
        ]
        if table.gives_lists:
            return _as_lists(table, [], [values])
        return _single(table, [], values)
    if table.aggregation == "COUNT":
        return _single(table, [], [Decimal(0)] * len(table.outputs))
    return _single(table, [], [None] * len(table.outputs), value_known=False)


def _single(
    table: DecisionTable,
    hits: Sequence[Row],
    values: Sequence[object],
    *,
    value_known: bool = True,
) -> Decided:
    outputs = {column.name: value for column, value in zip(table.outputs, values, strict=True)}
    value: object = outputs if len(outputs) > 1 else next(iter(outputs.values()))
    return Decided(outputs, tuple(row.row_id for row in hits), value if value_known else None)


def _unknown(table: DecisionTable, hits: Sequence[Row]) -> Decided:
    return _single(table, hits, [None] * len(table.outputs), value_known=False)


def _outputs(row: Row, scope: Scope) -> list[object]:
    return [evaluate(cell.expression, scope) for cell in row.outputs]


def _unique(table: DecisionTable, hits: list[Row], scope: Scope) -> Decided:
    if len(hits) > 1:
        return _unknown(table, hits)
    return _single(table, hits, _outputs(hits[0], scope))


def _first(table: DecisionTable, hits: list[Row], scope: Scope) -> Decided:
    return _single(table, hits[:1], _outputs(hits[0], scope))


def _any(table: DecisionTable, hits: list[Row], scope: Scope) -> Decided:
    results = [_outputs(row, scope) for row in hits]
    if any(same(list(results[0]), list(other)) is not True for other in results[1:]):
        return _unknown(table, hits)
    return _single(table, hits, results[0])


def _by_priority(table: DecisionTable, hits: list[Row], scope: Scope) -> list[Row]:
    return sorted(hits, key=lambda row: priority_of(table=table, outputs=_outputs(row, scope)))


def _priority(table: DecisionTable, hits: list[Row], scope: Scope) -> Decided:
    return _first(table, _by_priority(table, hits, scope), scope)


def _listed(table: DecisionTable, hits: list[Row], scope: Scope) -> Decided:
    return _as_lists(table, hits, [_outputs(row, scope) for row in hits])


def _as_lists(
    table: DecisionTable, hits: Sequence[Row], results: Sequence[Sequence[object]]
) -> Decided:
    names = [column.name for column in table.outputs]
    outputs = {name: [result[place] for result in results] for place, name in enumerate(names)}
    value: object = next(iter(outputs.values()))
    if len(names) > 1:
        value = [dict(zip(names, result, strict=True)) for result in results]
    return Decided(outputs, tuple(row.row_id for row in hits), value)


def _output_order(table: DecisionTable, hits: list[Row], scope: Scope) -> Decided:
    return _listed(table, _by_priority(table, hits, scope), scope)


def _collected(table: DecisionTable, hits: list[Row], scope: Scope) -> Decided:
    if table.aggregation is None:
        return _listed(table, hits, scope)
    results = [_outputs(row, scope) for row in hits]
    columns = [[result[place] for result in results] for place in range(len(table.outputs))]
    return _single(table, hits, [_aggregated(table.aggregation, column) for column in columns])


def _aggregated(aggregation: str, values: list[object]) -> object:
    return BUILT_IN[aggregation.lower()]([values], {}, call)


def _place(value: object, allowed: list[object]) -> int:
    for place, one in enumerate(allowed):
        if same(value, one) is True:
            return place
    return len(allowed)


_POLICIES: dict[str, Callable[[DecisionTable, list[Row], Scope], Decided]] = {
    "UNIQUE": _unique,
    "FIRST": _first,
    "ANY": _any,
    "PRIORITY": _priority,
    "RULE ORDER": _listed,
    "OUTPUT ORDER": _output_order,
    "COLLECT": _collected,
}
