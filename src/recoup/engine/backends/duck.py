"""DuckDB as the embedded engine: one connection with its share of the night's memory."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa

#: Joins run as they are written: the long side on the left is streamed, the short one on the right
#: is held. DuckDB cannot tell how long a registered table is, and would hold the long side.
AS_WRITTEN = "join_order,build_side_probe_side"
#: Rows that a result makes room for at once: at least a vector of the engine, at most its default.
LEAST_ROWS, MOST_ROWS = 2_048, 1_000_000


class DuckFailed(RuntimeError):
    """The engine could not carry out a statement; the text is the engine's own sentence."""

    def __init__(self, sentence: str, *, out_of_space: bool = False, out_of_memory: bool = False):
        super().__init__(sentence)
        self.out_of_space = out_of_space
        self.out_of_memory = out_of_memory


@contextmanager
def _failures_named() -> Iterator[None]:
    try:
        yield
    except duckdb.OutOfMemoryException as failure:
        full = "max_temp_directory_size" in str(failure) or "No space left" in str(failure)
        raise DuckFailed(str(failure), out_of_space=full, out_of_memory=not full) from failure
    except duckdb.Error as failure:
        raise DuckFailed(str(failure), out_of_space="No space left" in str(failure)) from failure


class Feed:
    """An Arrow table that the engine reads anew each time; planned statements survive a change.

    Shape: every table put into a feed has the first one's columns and types.
    """

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def put(self, table: pa.Table) -> None:
        """Let the engine read this table from now on."""
        schema = self._table.schema
        self._table = table if table.schema.equals(schema) else table.cast(schema)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)


class Duck:
    """One in-process DuckDB, spilling to a scratch folder, never reading the network.

    Without a scratch folder nothing is spilt.
    Shape: SQL text in, Arrow tables out. Rows come back in the order the statement asks for.
    Errors: DuckFailed, with the engine's own sentence.
    """

    def __init__(self, *, scratch: Path | None, threads: int = 2, memory_mib: int = 1024) -> None:
        self._connection = duckdb.connect(
            config={
                "threads": threads,
                "memory_limit": f"{memory_mib}MiB",
                "temp_directory": "" if scratch is None else str(scratch),
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "preserve_insertion_order": "true",
            }
        )
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute(f"SET disabled_optimizers = '{AS_WRITTEN}'")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection and free its memory."""
        self._connection.close()

    def plan_for_any_rows(self) -> None:
        """Let statements that are planned once hold for whatever rows their tables have later.

        The engine would draw conclusions from the rows that are there while it plans: a table that
        is empty then would be left out for good.
        """
        self.run("SET disabled_optimizers = 'statistics_propagation'")

    def plan(self, name: str, sql: str) -> None:
        """Plan a statement once, under a name. What is created later makes it be planned again."""
        self.run(f"PREPARE {quoted_name(name)} AS {sql}")

    def insert_planned(self, name: str) -> int:
        """Execute a planned INSERT; yield how many rows it wrote."""
        with _failures_named():
            written = self._connection.execute(f"EXECUTE {quoted_name(name)}").fetchone()
        return int(written[0]) if written else 0

    def query_planned(self, name: str) -> pa.Table:
        """Yield the whole result of a planned statement as an Arrow table."""
        return self.query(f"EXECUTE {quoted_name(name)}")

    @contextmanager
    def leaving_nothing(self) -> Iterator[None]:
        """Forget, at the end, every row that was written meanwhile."""
        self.run("BEGIN")
        try:
            yield
        finally:
            self.run("ROLLBACK")

    def register(self, name: str, table: pa.Table | pa.RecordBatchReader | Feed) -> None:
        """Make an Arrow table (or a reader, to be read once) known under a name, without a copy."""
        self._connection.register(name, table)

    def unregister(self, name: str) -> None:
        """Forget a registered table."""
        self._connection.unregister(name)

    def view(self, name: str, files: Path | Sequence[Path]) -> None:
        """Make a Parquet file, or several with one schema, known under a name."""
        paths = [files] if isinstance(files, Path) else list(files)
        listed = ", ".join(quoted_text(str(path)) for path in paths)
        self.run(
            f"CREATE OR REPLACE VIEW {quoted_name(name)} AS SELECT * FROM read_parquet([{listed}])"
        )

    def run(self, sql: str, parameters: Mapping[str, object] | Sequence[object] = ()) -> None:
        """Execute one statement that yields nothing."""
        with _failures_named():
            self._connection.execute(sql, parameters or None)

    def query(
        self,
        sql: str,
        parameters: Mapping[str, object] | Sequence[object] = (),
        *,
        rows: int = MOST_ROWS,
    ) -> pa.Table:
        """Yield the whole result of one statement as an Arrow table.

        ``rows`` is about how many there will be: room is made for so many at once in every column,
        and stays taken as long as the table lives.
        """
        with _failures_named():
            return self._connection.execute(sql, parameters or None).to_arrow_table(
                max(LEAST_ROWS, min(rows, MOST_ROWS))
            )

    def stream(
        self,
        sql: str,
        parameters: Mapping[str, object] | Sequence[object] = (),
        *,
        rows: int = 250_000,
    ) -> pa.RecordBatchReader:
        """Yield the result of one statement in Arrow batches of about ``rows`` rows."""
        with _failures_named():
            return self._connection.execute(sql, parameters or None).to_arrow_reader(rows)


def quoted_text(text: str) -> str:
    """Yield a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def quoted_name(name: str) -> str:
    """Yield a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
