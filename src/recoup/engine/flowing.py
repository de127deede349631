"""Runs the flow: every named statement of a part, in order, on the embedded engine."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import pyarrow as pa

from recoup.engine.backends.dialect import Statement, emit, fill, read_statements
from recoup.engine.backends.duck import Duck, quoted_name


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

    def run(self, *, bounds: Mapping[str, int] | None = None) -> Mapping[str, pa.Table]:
        """Run every statement over the tables registered for a block; yield the results by name.

        Errors: FlowRefused, when a filled statement leaves the tested subset.
        """
        filled = dict(self.places) | {name: str(value) for name, value in (bounds or {}).items()}
        results = {}
        for statement in flow_statements(self.part):
            sql = fill(statement, filled).rstrip(";")
            if not self.checked:
                sql = emit(name=statement.name, sql=sql)
            if statement.keep == "result":
                results[statement.name] = self.engine.query(sql)
            else:
                keep = "TEMP TABLE" if statement.keep == "table" else "TEMP VIEW"
                self.engine.run(f"CREATE OR REPLACE {keep} {quoted_name(statement.name)} AS {sql}")
        self.checked = True
        return results

    def forget(self) -> None:
        """Drop what the last block left, views before the tables that they read."""
        for statement in reversed(flow_statements(self.part)):
            if statement.keep != "result":
                kind = "TABLE" if statement.keep == "table" else "VIEW"
                self.engine.run(f"DROP {kind} IF EXISTS {quoted_name(statement.name)}")
