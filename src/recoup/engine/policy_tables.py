"""The strategy's decision tables as SQL and back: a row's number in the flow, its id for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

from recoup.engine.ids import MOST_BITS
from recoup.engine.refusal import NightRefused
from recoup.policy.experiment_parts import HOLD_OUT, Experiments
from recoup.policy.experiments import ELIGIBILITY
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
        return self.output_at(quoted_column(column))

    def output_at(self, number: str) -> str:
        """Yield SQL for the output, given SQL for the row's number."""
        alias = quoted_column(next(iter(self.compiled.hits)))
        return self.compiled.outputs_by_hit[self.output].replace(alias, number)

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
        """Yield ``<table>:<row id>`` of the row with a number; empty for none."""
        return f"{self.table.name}:{self.rows[number - 1].row_id}" if number else ""


@dataclass(frozen=True)
class VariedTable:
    """A table in whose place variants of experiments have others; rows are numbered through.

    Shape: ``tables`` the usual one first. Each has a number for "no row" before its own rows, which
    for the usual one is 0. ``conditions`` are SQL, one for each of the others: who has it.
    """

    tables: tuple[PolicyTable, ...]
    conditions: tuple[str, ...]

    @property
    def offsets(self) -> tuple[int, ...]:
        """What is added to the row numbers of each table."""
        sizes = [len(one.rows) + 1 for one in self.tables[:-1]]
        return tuple(accumulate(sizes, initial=0))

    @property
    def row_sql(self) -> str:
        """SQL for the number of the row that hits, in the table of the contract's arm."""
        usual = self.tables[0].row_sql
        if not self.conditions:
            return usual
        cases = " ".join(
            f"WHEN {condition} THEN {one.row_sql} + {offset}"
            for condition, one, offset in zip(
                self.conditions, self.tables[1:], self.offsets[1:], strict=True
            )
        )
        return f"CASE {cases} ELSE {usual} END"

    def output_over(self, column: str) -> str:
        """Yield SQL for the output, given a column with the row's number."""
        number = quoted_column(column)
        usual = self.tables[0].output_over(column)
        if not self.conditions:
            return usual
        cases = " ".join(
            f"WHEN {number} >= {offset} THEN {one.output_at(f'({number} - {offset})')}"
            for one, offset in reversed(list(zip(self.tables[1:], self.offsets[1:], strict=True)))
        )
        return f"CASE {cases} ELSE {usual} END"

    def row_id(self, number: int) -> str:
        """Yield ``<table>:<row id>`` of the row with a number; empty for none."""
        place = sum(offset <= number for offset in self.offsets) - 1
        return self.tables[place].row_id(number - self.offsets[place])


@dataclass(frozen=True)
class PolicyTables:
    """The tables that the night asks; eligibility only where something is tried out."""

    matrix: PolicyTable
    segment: PolicyTable
    eligibility: PolicyTable | None
    treatment: VariedTable
    points: PolicyTable

    def all(self) -> tuple[PolicyTable, ...]:
        """Yield the tables."""
        asked = () if self.eligibility is None else (self.eligibility,)
        return (self.matrix, self.segment, *asked, *self.treatment.tables, self.points)

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
        eligibility=compiled(ELIGIBILITY, "experiment") if ELIGIBILITY in strategy.tables else None,
        treatment=VariedTable(
            tables=tuple(
                compiled(name, "treatment")
                for name in ("treatment", *strategy.experiments.treatment_tables())
            ),
            conditions=tuple(
                _decided_by(strategy.experiments, name)
                for name in strategy.experiments.treatment_tables()
            ),
        ),
        points=compiled("points", "points"),
    )


def _decided_by(experiments: Experiments, name: str) -> str:
    """SQL that is true of contracts whose arm decides by a table."""
    found = [
        f"(experiment = '{one.id}' AND arm = '{own.name}')"
        for one in experiments.experiments
        for own in one.challengers
        if own.treatment == name
    ]
    if experiments.hold_out is not None and experiments.hold_out.treatment == name:
        found.append(f"arm = '{HOLD_OUT}'")
    return " OR ".join(found)
