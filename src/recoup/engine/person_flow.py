"""The flow over one person after another: the night's statements, carried by whatever is quicker.

The embedded engine makes ready for thousands of rows before it looks at the first; for a person
with few loans plain Python has walked through the same statements by then. Both carriers read the
one text of a statement; the tests hold them against each other and against the night.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from recoup.engine.backends.dialect import FlowRefused, fill
from recoup.engine.backends.plain_queries import Query, plain_query
from recoup.engine.backends.plain_values import Row
from recoup.engine.flowing import WarmFlow, flow_statements

#: With more loans, or more rows in any table, the engine is quicker than plain Python.
MOST_LOANS = 32
MOST_ROWS = 2_000


class PlainFlow:
    """A part of the flow in plain Python.

    Shape: ``columns`` are those of the tables given to ``run``; ``results`` the columns and types
    that the results have. Errors: FlowRefused, when a statement has no plain form.
    """

    def __init__(
        self,
        *,
        part: str,
        places: Mapping[str, str],
        columns: Mapping[str, Sequence[str]],
        results: Mapping[str, pa.Schema],
    ) -> None:
        self._results = results
        self._queries: dict[str, Query] = {}
        known = dict(columns)
        for statement in flow_statements(part):
            sql = fill(statement, places).rstrip(";")
            query = plain_query(name=statement.name, sql=sql, tables=known)
            known[statement.name] = query.names
            self._queries[statement.name] = query

    def run(self, tables: Mapping[str, pa.Table]) -> Mapping[str, pa.Table]:
        """Run every statement over the tables given; yield the results by name."""
        rows: dict[str, Sequence[Row]] = {name: rows_of(table) for name, table in tables.items()}
        for name, query in self._queries.items():
            rows[name] = query.rows(rows)
        return {
            name: table_of(rows=rows[name], names=self._queries[name].names, schema=schema)
            for name, schema in self._results.items()
        }


def rows_of(table: pa.Table) -> list[Row]:
    """Yield a table as plain rows: dates as day numbers, instants as microseconds."""
    columns = []
    for column in table.columns:
        if pa.types.is_date32(column.type):
            column = column.cast(pa.int32())
        elif pa.types.is_timestamp(column.type):
            column = column.cast(pa.int64())
        columns.append(column.to_pylist())
    return list(zip(*columns, strict=True))


def table_of(*, rows: Sequence[Row], names: Sequence[str], schema: pa.Schema) -> pa.Table:
    """Yield plain rows as a table of the types of ``schema``, which has the same columns."""
    if list(names) != schema.names:
        raise ValueError(f"{list(names)} are not the columns {schema.names}")
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    arrays = [
        pa.array(cells, pa.int32()).cast(field.type)
        if pa.types.is_date32(field.type)
        else pa.array(cells, field.type)
        for cells, field in zip(columns, schema, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


@dataclass
class PersonFlow:
    """A part of the flow, planned by the engine for the first person and kept for all others.

    What has no plain form stays with the engine.
    """

    warm: WarmFlow
    plain: PlainFlow | None = None
    refused: list[FlowRefused] = field(default_factory=list)

    @property
    def is_ready(self) -> bool:
        """Whether the first run has planned the statements."""
        return self.plain is not None or bool(self.refused)

    def run(self, tables: Mapping[str, pa.Table]) -> Mapping[str, pa.Table]:
        """Run every statement over one person's tables; yield the results by name."""
        if self.plain is not None and is_small(tables):
            return self.plain.run(tables)
        found = self.warm.run(tables)
        if not self.is_ready:
            self._make_plain(tables, found)
        return found

    def _make_plain(self, tables: Mapping[str, pa.Table], found: Mapping[str, pa.Table]) -> None:
        try:
            self.plain = PlainFlow(
                part=self.warm.part,
                places=self.warm.places,
                columns={name: table.column_names for name, table in tables.items()},
                results={name: table.schema for name, table in found.items()},
            )
        except FlowRefused as refused:
            self.note_refused(refused)

    def note_refused(self, refused: FlowRefused) -> None:
        """Remember that a statement has no plain form: the engine keeps the whole part."""
        self.refused.append(refused)

    def close(self) -> None:
        """Let go of the engine."""
        self.warm.engine.close()


def is_small(tables: Mapping[str, pa.Table]) -> bool:
    """Tell whether plain Python is the quicker carrier for these tables."""
    loans = tables.get("loans")
    few = loans is None or loans.num_rows <= MOST_LOANS
    return few and all(table.num_rows <= MOST_ROWS for table in tables.values())
