"""Runs the flow: every named statement of a part, in order, on the embedded engine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

import pyarrow as pa

from recoup.engine.backends.dialect import (
    Statement,
    emit,
    fill,
    read_statements,
    tables_needed,
)
from recoup.engine.backends.duck import MOST_ROWS, Duck, Feed, quoted_name

#: Statements whose result the caller gets, and those that a warm engine writes to a table.
HANDED, STORED = ("result", "both"), ("table", "both")
STORED_RESULT = "{} as stored"


@cache
def flow_statements(part: str) -> tuple[Statement, ...]:
    """Yield the statements of one part of the flow, in the order of their files and in the files.

    Shape: ``block`` runs over one block of persons at a time, ``book`` once over all of them.
    """
    folder = Path(str(files("recoup.engine") / "flow" / part))
    return tuple(
        statement for path in sorted(folder.glob("*.sql")) for statement in read_statements(path)
    )


@dataclass
class Flow:
    """The flow with the day's rules filled in; what differs between blocks is filled per block.

    Each statement is checked once, with the first block's bounds.
    """

    engine: Duck
    places: Mapping[str, str]
    part: str = "block"
    checked: bool = False

    def run(
        self, *, bounds: Mapping[str, int] | None = None, rows: int = MOST_ROWS
    ) -> Mapping[str, pa.Table]:
        """Run every statement over the tables registered for a block; yield the results by name.

        ``rows`` is about how many rows a result will have.
        Errors: FlowRefused, when a filled statement leaves the tested subset.
        """
        filled = dict(self.places) | {name: str(value) for name, value in (bounds or {}).items()}
        results = {}
        for statement in flow_statements(self.part):
            sql = fill(statement, filled).rstrip(";")
            if not self.checked:
                sql = emit(name=statement.name, sql=sql)
            if statement.keep in HANDED:
                results[statement.name] = self.engine.query(sql, rows=rows)
                if statement.keep == "both":
                    self.engine.register(statement.name, results[statement.name])
            else:
                keep = "TEMP TABLE" if statement.keep == "table" else "TEMP VIEW"
                self.engine.run(f"CREATE OR REPLACE {keep} {quoted_name(statement.name)} AS {sql}")
        self.checked = True
        return results

    def forget(self) -> None:
        """Drop what the last block left, views before the tables that they read."""
        for statement in reversed(flow_statements(self.part)):
            if statement.keep == "both":
                self.engine.unregister(statement.name)
            elif statement.keep != "result":
                kind = "TABLE" if statement.keep == "table" else "VIEW"
                self.engine.run(f"DROP {kind} IF EXISTS {quoted_name(statement.name)}")


@dataclass
class WarmFlow:
    """The flow over one small block after another: the same statements, planned once.

    Shape: ``places`` hold the bounds too, wide enough for every block. The engine is the flow's
    own: whatever is created beside it would make the statements be planned anew.
    """

    engine: Duck
    places: Mapping[str, str]
    part: str = "block"
    feeds: dict[str, Feed] = field(default_factory=dict)
    needs: dict[str, frozenset[str] | None] = field(default_factory=dict)

    def run(self, tables: Mapping[str, pa.Table]) -> Mapping[str, pa.Table]:
        """Run every statement over the tables of a block; yield the results by name.

        Shape: the same names, columns and types each time. Errors: FlowRefused, when a filled
        statement leaves the tested subset.
        """
        if not self.feeds:
            self._plan(tables)
        for name, table in tables.items():
            self.feeds[name].put(table)
        results = {}
        empty = {name for name, table in tables.items() if not table.num_rows}
        with self.engine.leaving_nothing():
            for statement in flow_statements(self.part):
                name, needs = statement.name, self.needs[statement.name]
                if statement.keep == "result":
                    results[name] = self.engine.query_planned(name)
                elif needs is not None and needs <= empty:
                    empty.add(name)  # from nothing comes nothing: it need not be asked
                elif statement.keep in STORED and not self.engine.insert_planned(name):
                    empty.add(name)
                if statement.keep == "both":
                    results[name] = self.engine.query_planned(STORED_RESULT.format(name))
        return results

    def _plan(self, tables: Mapping[str, pa.Table]) -> None:
        self.engine.plan_for_any_rows()
        for name, table in tables.items():
            self.feeds[name] = Feed(table)
            self.engine.register(name, self.feeds[name])
        planned = {}
        for statement in flow_statements(self.part):
            sql = emit(name=statement.name, sql=fill(statement, self.places).rstrip(";"))
            self.needs[statement.name] = tables_needed(name=statement.name, sql=sql)
            name = quoted_name(statement.name)
            if statement.keep == "view":
                self.engine.run(f"CREATE TEMP VIEW {name} AS {sql}")
            elif statement.keep in STORED:
                self.engine.run(f"CREATE TEMP TABLE {name} AS {sql} WITH NO DATA")
                planned[statement.name] = f"INSERT INTO {name} {sql}"
                if statement.keep == "both":
                    planned[STORED_RESULT.format(statement.name)] = f"SELECT * FROM {name}"
            else:
                planned[statement.name] = sql
        for key, sql in planned.items():
            self.engine.plan(key, sql)
