"""A decision table as SQL: the same answer for every row of a book that ``decide`` gives for one.

Conditions are three-valued and a row of the table hits where all its conditions are true, so an
unknown (null) never hits. Integers stay integers, decimals are exact, no doubles. The SQL keeps to
``CASE``, comparisons, ``IN``, ``BETWEEN``, ``+``, ``LEAST``/``GREATEST`` and ``LIST_CONCAT``.

Two ways to use a compiled table:

* ``outputs`` and ``rows_sql`` are complete expressions over the columns;
* ``hits`` first (one or two integers a row), then ``outputs_by_hit`` and ``rows_by_hit`` over
  those: quicker when both an output and the rows are wanted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from recoup.tables import syntax
from recoup.tables.feel import evaluate
from recoup.tables.review import rows_are_apart
from recoup.tables.table import Cell, DecisionTable, InputColumn, Row, priority_of
from recoup.tables.unary import (
    ColumnType,
    Compare,
    UnaryTests,
    UnreadableCell,
    Within,
    literal_sql,
    quoted_column,
    type_of_constant,
)
from recoup.tables.values import same

NO_ROWS = "CAST([] AS VARCHAR[])"
FIRST_HIT = "first_hit"
LAST_HIT = "last_hit"


class NotCompilable(ValueError):
    """A table that has no SQL form: ``row`` and ``column``, and why in ``zh`` and ``en``."""

    def __init__(self, *, table: str, row: str, column: str, zh: str, en: str, line: int) -> None:
        self.table, self.row, self.column, self.line = table, row, column, line
        place_zh = f"决策表 {table}" + (f" 第 {row} 行" if row else "")
        place_en = f"decision table {table}" + (f", row {row}" if row else "")
        self.zh = f"{place_zh}，列“{column}”：{zh}"
        self.en = f'{place_en}, column "{column}": {en}'
        super().__init__(f"{self.en} / {self.zh}")


@dataclass(frozen=True, slots=True)
class CompiledTable:
    """A table as SQL expressions over quoted column names.

    ``hits`` maps an alias to its expression (empty for tables that gather all hits); in
    ``outputs_by_hit`` and ``rows_by_hit`` these aliases stand as quoted columns, after
    ``prefix``. Outputs are null where no row hits and no default is given, and where a UNIQUE or
    ANY table contradicts itself; the rows then list every row that hit. ``conditions`` are the
    rows' conditions, in table order.
    """

    name: str
    columns: tuple[str, ...]
    outputs: Mapping[str, str]
    rows_sql: str
    hits: Mapping[str, str]
    outputs_by_hit: Mapping[str, str]
    rows_by_hit: str
    conditions: tuple[str, ...] = ()


def compile_table(table: DecisionTable, *, prefix: str = "") -> CompiledTable:
    """Yield the SQL of a table; ``prefix`` goes before the aliases of the hits.

    Errors: NotCompilable, naming the cell, for anything but constants and columns.
    """
    columns = tuple(_column(table, column) for column in table.inputs)
    _refuse_mixed_types(table)
    rows = tuple(_compiled_row(table, row, columns) for row in table.rows)
    if table.hit_policy in ("UNIQUE", "ANY") and rows_are_apart(table):
        # Nothing can contradict itself: whichever row hits first is the only one.
        compiled = _one_hit(table, columns, rows, prefix)
    elif table.hit_policy in ("FIRST", "PRIORITY"):
        compiled = _one_hit(table, columns, _in_priority(table, rows), prefix)
    elif table.hit_policy in ("UNIQUE", "ANY"):
        compiled = _agreeing_hits(table, columns, rows, prefix)
    else:
        compiled = _all_hits(table, columns, rows)
    return replace(compiled, conditions=tuple(row.condition for row in rows))


@dataclass(frozen=True, slots=True)
class _CompiledRow:
    row_id: str
    condition: str
    values: tuple[object, ...]


# -- FIRST and PRIORITY: the first hit in a fixed order -------------------------------------------


def _one_hit(
    table: DecisionTable, columns: tuple[str, ...], rows: Sequence[_CompiledRow], prefix: str
) -> CompiledTable:
    first = quoted_column(prefix + FIRST_HIT)
    shown = [_list_of(row.row_id) for row in rows]
    positions = [str(place) for place in range(1, len(rows) + 1)]
    outputs, by_hit = {}, {}
    for place, column in enumerate(table.outputs):
        results = [literal_sql(value=row.values[place]) for row in rows]
        default = _default_sql(table, place)
        outputs[column.name] = _chosen(rows, results, default)
        by_hit[column.name] = _by_position(first, results, default)
    return CompiledTable(
        name=table.name,
        columns=columns,
        outputs=outputs,
        rows_sql=_chosen(rows, shown, NO_ROWS),
        hits={prefix + FIRST_HIT: _chosen(rows, positions, "0")},
        outputs_by_hit=by_hit,
        rows_by_hit=_by_position(first, shown, NO_ROWS),
    )


def _chosen(rows: Sequence[_CompiledRow], results: Sequence[str], otherwise: str) -> str:
    """Yield the result of the first row that hits."""
    branches = []
    for row, result in zip(rows, results, strict=True):
        if row.condition == "TRUE":
            otherwise = result
            break
        branches.append(f"WHEN {row.condition} THEN {result}")
    if not branches:
        return otherwise
    return " ".join(["CASE", *branches, "ELSE", otherwise, "END"])


def _by_position(hit: str, results: Sequence[str], none: str) -> str:
    """Yield the result at a hit position by halving: a few comparisons, however many rows."""
    return _halved(hit, [none, *results], 0)


def _halved(hit: str, results: Sequence[str], offset: int) -> str:
    if all(result == results[0] for result in results):
        return results[0]
    middle = len(results) // 2
    low = _halved(hit, results[:middle], offset)
    high = _halved(hit, results[middle:], offset + middle)
    return f"CASE WHEN {hit} < {offset + middle} THEN {low} ELSE {high} END"


# -- UNIQUE and ANY: first and last hit must agree ------------------------------------------------


def _agreeing_hits(
    table: DecisionTable, columns: tuple[str, ...], rows: Sequence[_CompiledRow], prefix: str
) -> CompiledTable:
    """Order rows so that those with equal outputs stand together.

    All hits lie between the first and the last in that order, so they agree exactly when these
    two do. In a UNIQUE table every row is a group of its own.
    """
    groups = _groups(table, rows)
    line = [row for group in groups for row in group]
    ends = _group_ends(groups)
    first, last = (quoted_column(prefix + alias) for alias in (FIRST_HIT, LAST_HIT))
    first_sql = _chosen(line, [str(place) for place in range(1, len(line) + 1)], "0")
    last_sql = _chosen(line[::-1], [str(place) for place in range(len(line), 0, -1)], "0")
    outputs, by_hit = {}, {}
    for place, column in enumerate(table.outputs):
        results = [literal_sql(value=row.values[place]) for row in line]
        default = _default_sql(table, place)
        agreed = _agreed(groups)
        inner = _chosen(line, results, default)
        outputs[column.name] = f"CASE WHEN {agreed} THEN {inner} END" if agreed else inner
        guarded = [
            f"CASE WHEN {last} <= {end} THEN {result} END"
            for end, result in zip(ends, results, strict=True)
        ]
        by_hit[column.name] = _by_position(first, guarded, default)
    every = _every_row(rows)
    single = _by_position(first, [_list_of(row.row_id) for row in line], NO_ROWS)
    return CompiledTable(
        name=table.name,
        columns=columns,
        outputs=outputs,
        rows_sql=every,
        hits={prefix + FIRST_HIT: first_sql, prefix + LAST_HIT: last_sql},
        outputs_by_hit=by_hit,
        rows_by_hit=f"CASE WHEN {first} = {last} THEN {single} ELSE {every} END",
    )


def _groups(table: DecisionTable, rows: Sequence[_CompiledRow]) -> list[list[_CompiledRow]]:
    if table.hit_policy == "UNIQUE":
        return [[row] for row in rows]
    groups: list[list[_CompiledRow]] = []
    for row in rows:
        for group in groups:
            if same(list(group[0].values), list(row.values)) is True:
                group.append(row)
                break
        else:
            groups.append([row])
    return groups


def _group_ends(groups: Sequence[Sequence[_CompiledRow]]) -> list[int]:
    ends, place = [], 0
    for group in groups:
        place += len(group)
        ends.extend([place] * len(group))
    return ends


def _agreed(groups: Sequence[Sequence[_CompiledRow]]) -> str:
    """Yield SQL that is true where all hits belong to one group; empty where there is only one."""
    if len(groups) < 2:
        return ""
    line = [row for group in groups for row in group]
    numbers = [str(place) for place, group in enumerate(groups, start=1) for _ in group]
    first = _chosen(line, numbers, "0")
    last = _chosen(line[::-1], numbers[::-1], "0")
    return f"{first} = {last}"


# -- COLLECT, RULE ORDER, OUTPUT ORDER: every hit counts ------------------------------------------


def _all_hits(
    table: DecisionTable, columns: tuple[str, ...], rows: Sequence[_CompiledRow]
) -> CompiledTable:
    ordered = _in_priority(table, rows) if table.hit_policy == "OUTPUT ORDER" else rows
    outputs = {
        column.name: _gathered(table, place, ordered) for place, column in enumerate(table.outputs)
    }
    every = _every_row(ordered)
    return CompiledTable(
        name=table.name,
        columns=columns,
        outputs=outputs,
        rows_sql=every,
        hits={},
        outputs_by_hit=outputs,
        rows_by_hit=every,
    )


def _gathered(table: DecisionTable, place: int, rows: Sequence[_CompiledRow]) -> str:
    values = [literal_sql(value=row.values[place]) for row in rows]
    if table.aggregation is None:
        gathered = _concatenated(rows, [f"[{value}]" for value in values])
    else:
        gathered = _aggregated(table, place, rows, values)
    none = _default_sql(table, place)
    if table.aggregation == "COUNT" and not _has_default(table):
        none = "0"
    elif table.aggregation is None and _has_default(table):
        none = f"[{none}]"
    if any(row.condition == "TRUE" for row in rows) or none == gathered:
        return gathered
    hit = " OR ".join(f"({row.condition})" for row in rows)
    return f"CASE WHEN {hit} THEN {gathered} ELSE {none} END" if rows else none


def _aggregated(
    table: DecisionTable, place: int, rows: Sequence[_CompiledRow], values: Sequence[str]
) -> str:
    if table.aggregation == "COUNT":
        return _summed(rows, ["1"] * len(rows))
    for row, value in zip(rows, values, strict=True):
        found = row.values[place]
        number = isinstance(found, Decimal)
        unordered = value == "NULL" or isinstance(found, bool)
        if unordered or (table.aggregation == "SUM" and not number):
            raise NotCompilable(
                table=table.name,
                row=row.row_id,
                column=table.outputs[place].name,
                line=table.line,
                zh=f"汇总方式 {table.aggregation} 需要数值",
                en=f"{table.aggregation} needs a value to reckon with in every row",
            )
    if table.aggregation == "SUM":
        return _summed(rows, values)
    function = "LEAST" if table.aggregation == "MIN" else "GREATEST"
    pairs = zip(rows, values, strict=True)
    terms = [_when(row.condition, value, "NULL") for row, value in pairs]
    return f"{function}({', '.join(terms)})" if len(terms) > 1 else terms[0]


def _summed(rows: Sequence[_CompiledRow], values: Sequence[str]) -> str:
    pairs = zip(rows, values, strict=True)
    return "(" + " + ".join(_when(row.condition, value, "0") for row, value in pairs) + ")"


def _when(condition: str, value: str, otherwise: str) -> str:
    if condition == "TRUE":
        return value
    return f"CASE WHEN {condition} THEN {value} ELSE {otherwise} END"


def _every_row(rows: Sequence[_CompiledRow]) -> str:
    return _concatenated(rows, [_list_of(row.row_id) for row in rows])


def _concatenated(rows: Sequence[_CompiledRow], lists: Sequence[str]) -> str:
    """Yield one list of the lists of all rows that hit."""
    empty = NO_ROWS if lists and lists[0].startswith("['") else "[]"
    pairs = zip(rows, lists, strict=True)
    terms = [_when(row.condition, one, empty) for row, one in pairs]
    return f"LIST_CONCAT({', '.join(terms)})" if len(terms) > 1 else "".join(terms) or NO_ROWS


# -- cells ----------------------------------------------------------------------------------------


def _column(table: DecisionTable, column: InputColumn) -> str:
    if column.column is None:
        raise NotCompilable(
            table=table.name,
            row="",
            column=column.label,
            line=column.line,
            zh=f"“{column.text}”不是一个列名",
            en=f'"{column.text}" is not the name of a column',
        )
    return column.column


def _compiled_row(table: DecisionTable, row: Row, columns: tuple[str, ...]) -> _CompiledRow:
    conditions = []
    for cell, column in zip(row.cells, columns, strict=True):
        unary = _unary(table, row, cell, column)
        if not unary.always:
            conditions.append(unary.sql(quoted_column(column)))
    values = tuple(
        _constant(table, row, place, cell.expression, cell.text)
        for place, cell in enumerate(row.outputs)
    )
    return _CompiledRow(row.row_id, " AND ".join(conditions) or "TRUE", values)


def _unary(table: DecisionTable, row: Row, cell: Cell, column: str) -> UnaryTests:
    if cell.unary is not None:
        return cell.unary
    raise NotCompilable(
        table=table.name,
        row=row.row_id,
        column=column,
        line=cell.line,
        zh=f"单元格“{cell.text}”不只是与常量比较，或与列的类型不符，不能写成 SQL",
        en=f'the cell "{cell.text}" is more than a comparison with constants, or does not fit the '
        "type of the column; it has no SQL form",
    )


def _constant(table: DecisionTable, row: Row, place: int, node: syntax.Node, text: str) -> object:
    value = evaluate(node, {}) if _is_constant(node) else syntax
    try:
        if value is not syntax:
            literal_sql(value=value)
            return value
    except UnreadableCell:
        pass
    raise NotCompilable(
        table=table.name,
        row=row.row_id,
        column=table.outputs[place].name,
        line=row.line,
        zh=f"输出“{text}”不是常量，不能写成 SQL",
        en=f'the output "{text}" is not a constant; it has no SQL form',
    )


def _is_constant(node: syntax.Node) -> bool:
    if isinstance(node, syntax.Literal):
        return True
    return (
        isinstance(node, syntax.Call)
        and node.function == syntax.Name("date")
        and all(isinstance(one.value, syntax.Literal) for one in node.arguments)
    )


def _refuse_mixed_types(table: DecisionTable) -> None:
    """Refuse a column whose cells compare it with constants of two types."""
    for place, column in enumerate(table.inputs):
        types: dict[ColumnType, Row] = {}
        for row in table.rows:
            unary = row.cells[place].unary
            for test in unary.tests if unary is not None else ():
                if isinstance(test, Compare | Within):
                    constant = test.constant if isinstance(test, Compare) else test.low.constant
                    types.setdefault(type_of_constant(constant=constant), row)
        if len(types) > 1:
            first, second = list(types)[:2]
            raise NotCompilable(
                table=table.name,
                row=types[second].row_id,
                column=column.label,
                line=column.line,
                zh=f"同一列既与 {first} 又与 {second} 比较",
                en=f"one column is compared with {first} and with {second}",
            )


def _in_priority(table: DecisionTable, rows: Sequence[_CompiledRow]) -> Sequence[_CompiledRow]:
    if table.hit_policy == "FIRST":
        return rows
    return sorted(rows, key=lambda row: priority_of(table=table, outputs=row.values))


def _has_default(table: DecisionTable) -> bool:
    return any(column.default is not None for column in table.outputs)


def _default_sql(table: DecisionTable, place: int) -> str:
    default = table.outputs[place].default
    if default is None:
        return "NULL"
    row = Row("", (), ())
    return literal_sql(value=_constant(table, row, place, default, "default"))


def _list_of(row_id: str) -> str:
    return f"[{literal_sql(value=row_id)}]"
