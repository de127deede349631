"""The strategy's decision tables as SQL and back: a row's number in the flow, its id for people."""

from collections.abc import Mapping
from dataclasses import dataclass

from recoup.engine.ids import MOST_BITS
from recoup.engine.refusal import NightRefused
from recoup.policy.strategy import Strategy
from recoup.tables.sql import CompiledTable, compile_table
from recoup.tables.table import DecisionTable, Row
from recoup.tables.unary import quoted_column


@dataclass(frozen=True)
class PolicyTable:
    """One decision table: what it yields, and which of its rows stands behind a number.

    Shape: row numbers count from 1; 0 means that no row hit.
    """

    table: DecisionTable
    compiled: CompiledTable
    output: str

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows, in the table's order."""
        return self.table.rows

    @property
    def row_sql(self) -> str:
        """SQL for the number of the row that hits."""
        return next(iter(self.compiled.hits.values()))

    def output_over(self, column: str) -> str:
        """Yield SQL for the output, given a column with the row's number."""
        alias = quoted_column(next(iter(self.compiled.hits)))
        return self.compiled.outputs_by_hit[self.output].replace(alias, quoted_column(column))

    def bits_sql(self) -> str:
        """Yield SQL for the bits of all rows that hit, for a table that gathers."""
        if len(self.rows) > MOST_BITS:
            raise NightRefused(
                zh=f"策略的决策表“{self.table.name}”有 {len(self.rows)} 行，"
                f"最多允许 {MOST_BITS} 行。",
                en=f"The decision table '{self.table.name}' of the strategy has {len(self.rows)} "
                f"rows; at most {MOST_BITS} are possible.",
            )
        terms = " + ".join(
            f"CASE WHEN {condition} THEN {1 << bit} ELSE 0 END"
            for bit, condition in enumerate(self.compiled.conditions)
        )
        return f"CAST({terms or '0'} AS BIGINT)"

    def row_id(self, number: int) -> str:
        """Yield ``<table>:<row id>`` of the row with a number."""
        return f"{self.table.name}:{self.rows[number - 1].row_id}"


@dataclass(frozen=True)
class PolicyTables:
    """The four tables that the night asks."""

    matrix: PolicyTable
    segment: PolicyTable
    treatment: PolicyTable
    points: PolicyTable

    def all(self) -> tuple[PolicyTable, ...]:
        """Yield the tables."""
        return (self.matrix, self.segment, self.treatment, self.points)

    def row_text(self, row: str, language: str) -> str:
        """Yield what ``<table>:<row id>`` says in zh or en."""
        name, _, row_id = row.partition(":")
        for one in self.all():
            if one.table.name == name:
                return one.table.row_text(row_id, language)
        return row

    def names(self) -> Mapping[str, tuple[str, str, str]]:
        """Yield ``<table>:<row id>`` -> (zh, en, the table's name) for every row."""
        return {
            f"{one.table.name}:{row.row_id}": (
                one.table.row_text(row.row_id, "zh"),
                one.table.row_text(row.row_id, "en"),
                one.table.name,
            )
            for one in self.all()
            for row in one.rows
        }


def compile_policy(strategy: Strategy) -> PolicyTables:
    """Yield the strategy's tables, compiled."""

    def compiled(name: str, output: str) -> PolicyTable:
        table = strategy.tables[name]
        return PolicyTable(table, compile_table(table, prefix=f"{name}_"), output)

    return PolicyTables(
        matrix=compiled(strategy.retail_table, "asset_class"),
        segment=compiled("segment", "segment"),
        treatment=compiled("treatment", "treatment"),
        points=compiled("points", "points"),
    )
