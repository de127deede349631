"""The decision tables of a strategy: which there are, what they may ask, what they may answer."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from recoup.policy.bilingual import Bilingual
from recoup.policy.findings import Findings, Place
from recoup.policy.strategy_parts import TREATMENTS
from recoup.tables.dmn import ModelRefused, read_model
from recoup.tables.feel import evaluate
from recoup.tables.sql import NotCompilable, compile_table
from recoup.tables.table import DecisionTable, Row
from recoup.tables.unary import ColumnType, Compare

CLASSES = ("normal", "special_mention", "substandard", "doubtful", "loss")

_TEXT_FACTS = (
    *("kind", "product", "security", "currency", "bucket", "roll", "asset_class", "status"),
    "language",
)
_NUMBER_FACTS = (
    *("dpd", "dpd_prev", "max_dpd_12m", "overdue_minor", "exposure_minor"),
    *("overdue_instalments", "broken_promises_6m", "days_to_due", "times_restructured", "ltv_ppm"),
    *("paid_ratio_3m_bp", "paid_ratio_6m_bp", "paid_ratio_12m_bp"),
    *("contacts_7d_call", "contacts_7d_sms", "contacts_7d_email"),
    *("contacts_7d_letter", "contacts_7d_visit"),
)
_BOOLEAN_FACTS = (
    *("open_promise", "vulnerable", "deceased", "bankrupt", "has_phone", "has_email"),
    *("hold_dispute", "hold_complaint", "hold_hardship", "hold_legal", "hold_deceased"),
    *("hold_vulnerable", "hold_attorney"),
    *("hold_bankruptcy", "hold_do_not_contact", "hold_plan_active"),
)
_TYPED_FACTS: dict[str, ColumnType] = {
    **dict.fromkeys(_TEXT_FACTS, "text"),
    **dict.fromkeys(_NUMBER_FACTS, "number"),
    **dict.fromkeys(_BOOLEAN_FACTS, "boolean"),
}
FACTS: Mapping[str, ColumnType] = MappingProxyType(_TYPED_FACTS)
"""The facts that the night gives to every table, one column each, and their types."""

RETAIL_FACTS: Mapping[str, ColumnType] = MappingProxyType(
    {"kind": "text", "product": "text", "security": "text", "dpd": "number"}
)
"""The class is decided first, so its table sees only these."""


ENROLLED_FACTS: Mapping[str, ColumnType] = MappingProxyType({"experiment": "text", "arm": "text"})
"""What the table of eligibility and the lot say of a contract; null where it takes no part."""


@dataclass(frozen=True, kw_only=True)
class TableWanted:
    """What the night asks of one table of a strategy."""

    output: str
    hit_policy: str
    aggregation: str | None
    facts: Mapping[str, ColumnType]
    allowed: tuple[str, ...] | None
    """Texts that may come out; empty: any text; None: a whole number."""
    may_be_missing: bool = False


TABLES: Mapping[str, TableWanted] = MappingProxyType(
    {
        "retail_class": TableWanted(
            output="asset_class",
            hit_policy="FIRST",
            aggregation=None,
            facts=RETAIL_FACTS,
            allowed=CLASSES,
        ),
        "segment": TableWanted(
            output="segment", hit_policy="FIRST", aggregation=None, facts=FACTS, allowed=()
        ),
        "eligibility": TableWanted(
            output="experiment",
            hit_policy="FIRST",
            aggregation=None,
            facts=MappingProxyType({**FACTS, "segment": "text"}),
            allowed=(),
            may_be_missing=True,
        ),
        "treatment": TableWanted(
            output="treatment",
            hit_policy="FIRST",
            aggregation=None,
            facts=MappingProxyType({**FACTS, **ENROLLED_FACTS, "segment": "text"}),
            allowed=TREATMENTS,
        ),
        "points": TableWanted(
            output="points",
            hit_policy="COLLECT",
            aggregation="SUM",
            facts=MappingProxyType(
                {**FACTS, **ENROLLED_FACTS, "segment": "text", "treatment": "text"}
            ),
            allowed=None,
        ),
    }
)


VARIED = "treatment"
"""The table in whose place a variant of an experiment may put another."""

MATRIX = "retail_class"
"""The table that must answer for every number of days, but stays silent where days are unknown."""


def read_tables(
    *, folder: Path, variants: Iterable[str], findings: Findings
) -> Mapping[str, DecisionTable]:
    """Yield the decision tables of a strategy by name; each stands in its own DMN file.

    Shape: those that the night asks, and the ``variants`` that take the place of ``treatment``.
    """
    tables = {}
    for name in (*TABLES, *variants):
        file = folder / f"{name}.dmn"
        place = Place(file=file.name, line=1, path="")
        if not file.is_file():
            if name not in TABLES or not TABLES[name].may_be_missing:
                findings.add("strategy_file_missing", place, name=file.name)
            continue
        try:
            found = read_model(file).tables
        except ModelRefused as stop:
            place = Place(file=file.name, line=max(stop.line, 1), path=stop.element)
            problem = Bilingual(zh=stop.zh, en=stop.en)
            findings.add("table_unreadable", place, problem=problem)
            continue
        if name not in found:
            known = ", ".join(found) or "-"
            findings.add("table_missing_decision", place, name=name, known=known)
            continue
        tables[name] = found[name]
    return MappingProxyType(tables)


def check_tables(*, tables: Mapping[str, DecisionTable], findings: Findings) -> None:
    """Note everything in the tables that the night could not use, in variants as in the rest."""
    for name, table in tables.items():
        wanted = TABLES.get(name, TABLES[VARIED])
        _check_policy(table, wanted, findings)
        _check_columns(table, wanted, findings)
        _check_rows(table, wanted, findings)
        if name != MATRIX:
            _check_end(table, findings)
        _check_sql(table, findings)
        if "segment" in tables and "segment" in wanted.facts:
            _check_segments(tables["segment"], table, findings)


def _place(table: DecisionTable, line: int, path: str = "") -> Place:
    return Place(file=f"{table.name}.dmn", line=max(line, 1), path=path)


def _check_policy(table: DecisionTable, wanted: TableWanted, findings: Findings) -> None:
    found = " ".join(part for part in (table.hit_policy, table.aggregation) if part)
    policy = " ".join(part for part in (wanted.hit_policy, wanted.aggregation) if part)
    if found != policy:
        place = _place(table, table.line)
        findings.add("table_hit_policy", place, name=table.name, wanted=policy, found=found)


def _check_columns(table: DecisionTable, wanted: TableWanted, findings: Findings) -> None:
    for column in table.inputs:
        place = _place(table, column.line, column.label)
        name = column.column or column.text
        if name not in wanted.facts:
            known = ", ".join(wanted.facts)
            findings.add("table_column_unknown", place, name=table.name, column=name, known=known)
            continue
        fact = wanted.facts[name]
        if column.column_type not in (fact, None):
            findings.add(
                "table_column_type",
                place,
                name=table.name,
                column=name,
                found=column.column_type,
                wanted=fact,
            )


def _check_rows(table: DecisionTable, wanted: TableWanted, findings: Findings) -> None:
    names = [output.name for output in table.outputs]
    if names != [wanted.output]:
        place = _place(table, table.line)
        findings.add("table_output_missing", place, name=table.name, output=wanted.output)
        return
    declared = [evaluate(node, {}) for node in table.outputs[0].allowed]
    for row in table.rows:
        if not (row.says.get("zh") and row.says.get("en")):
            place = _place(table, row.line, row.row_id)
            findings.add("table_row_silent", place, name=table.name, row=row.row_id)
        _check_output(table, row, declared, wanted, findings)


def _check_output(
    table: DecisionTable,
    row: Row,
    declared: list[object],
    wanted: TableWanted,
    findings: Findings,
) -> None:
    value = evaluate(row.outputs[0].expression, {})
    known: object = ", ".join(str(one) for one in declared)
    fits = not declared or value in declared
    if wanted.allowed is None:
        whole = isinstance(value, Decimal) and value == value.to_integral_value()
        known = known or Bilingual(zh="整数", en="whole numbers")
        fits = fits and whole
    elif wanted.allowed:
        known = ", ".join(wanted.allowed)
        fits = fits and value in wanted.allowed
    else:
        known = known or Bilingual(zh="文本", en="texts")
        fits = fits and isinstance(value, str) and bool(value)
    if not fits:
        findings.add(
            "table_output_not_allowed",
            _place(table, row.line, row.row_id),
            name=table.name,
            row=row.row_id,
            value=row.outputs[0].text,
            known=known,
        )


def _check_end(table: DecisionTable, findings: Findings) -> None:
    open_rows = [row for row in table.rows if all(not cell.tests.tests for cell in row.cells)]
    if not open_rows and all(output.default is None for output in table.outputs):
        findings.add("table_open_end", _place(table, table.line), name=table.name)


def _check_sql(table: DecisionTable, findings: Findings) -> None:
    try:
        compile_table(table)
    except NotCompilable as stop:
        place = _place(table, stop.line, f"{stop.row}.{stop.column}".strip("."))
        problem = Bilingual(zh=stop.zh, en=stop.en)
        findings.add("table_not_compilable", place, problem=problem)


def _check_segments(segment: DecisionTable, asking: DecisionTable, findings: Findings) -> None:
    given = {evaluate(row.outputs[0].expression, {}) for row in segment.rows}
    for row, value in compared_with(asking, "segment"):
        if value not in given:
            findings.add(
                "segment_unknown",
                _place(asking, row.line, row.row_id),
                name=asking.name,
                row=row.row_id,
                value=value,
            )


def compared_with(table: DecisionTable, column: str) -> Iterator[tuple[Row, object]]:
    """Yield each constant that a table compares a column with, and its row."""
    places = [place for place, one in enumerate(table.inputs) if one.column == column]
    for row in table.rows:
        for place in places:
            unary = row.cells[place].unary
            for test in unary.tests if unary is not None else ():
                if isinstance(test, Compare):
                    yield row, test.constant
