"""Writes many rows at once: COPY and one statement on PostgreSQL, prepared statements on SQLite."""

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import (
    AutoField,
    BooleanField,
    DateField,
    DateTimeField,
    Field,
    ForeignKey,
    GeneratedField,
    IntegerField,
    JSONField,
    Model,
)

#: Bytes of a column of text that pyarrow may hold as one array.
BLOCK_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Target:
    """A table to write: its model, its key, and how a row that is there already is renewed.

    Shape: ``key`` and columns are database columns. ``renew`` gives SQL for columns that a renewed
    row gets beside those written (``redecided_at`` NULL); ``given`` columns that only a new row
    gets, with SQL for the value.
    """

    model: type[Model]
    key: tuple[str, ...]
    renew: tuple[tuple[str, str], ...] = ()
    given: tuple[tuple[str, str], ...] = ()

    @property
    def table(self) -> str:
        """The table's name in SQL."""
        return f'"{self.model._meta.db_table}"'


class Bulk(Protocol):
    """What writes in bulk, within the transaction of the caller."""

    def read(self, sql: str, schema: pa.Schema) -> pa.Table:
        """Yield the rows of a query as columns."""
        ...

    def upsert(self, target: Target, rows: pa.Table) -> None:
        """Insert rows; renew those whose key is there."""
        ...

    def insert(self, target: Target, rows: pa.Table) -> None:
        """Insert rows whose key is known not to be there."""
        ...

    def renew(self, target: Target, rows: pa.Table) -> None:
        """Write columns of rows whose key is known to be there."""
        ...

    def delete(self, target: Target, keys: pa.Table) -> None:
        """Delete the rows with these keys; ``keys`` names the columns that are looked at."""
        ...

    def update(self, target: Target, keys: pa.Table, setting: str) -> None:
        """Change the rows with these keys alike; ``setting`` is SQL after SET."""
        ...


def bulk() -> Bulk:
    """Yield what writes in bulk to the database in use."""
    return PostgresBulk() if connection.vendor == "postgresql" else SqliteBulk()


#: KiB of pages that SQLite may hold while a whole book is written.
ROOMY_KIB = 768 * 1024


@contextmanager
def whole_night() -> Iterator[None]:
    """Open the one transaction in which a whole book is written.

    SQLite may keep its pages in memory: those that do not fit go into the write-ahead log and are
    sought there again. Whoever takes part in it opens no savepoint: SQLite keeps all pages that are
    changed under one, and walks the list of them at the end of each statement.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        with transaction.atomic():
            yield
        return
    with connection.cursor() as cursor:
        before = cursor.execute("PRAGMA cache_size").fetchone()[0]
        cursor.execute(f"PRAGMA cache_size={-ROOMY_KIB}")
    try:
        with transaction.atomic():
            yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA cache_size={int(before)}")


def names(columns: Sequence[str]) -> str:
    """Yield columns as SQL lists them."""
    return ", ".join(f'"{name}"' for name in columns)


def _conflict(target: Target, columns: Sequence[str]) -> str:
    renewed = [f'"{name}" = excluded."{name}"' for name in columns if name not in target.key]
    renewed += [f'"{name}" = {value}' for name, value in target.renew]
    act = f"UPDATE SET {', '.join(renewed)}" if renewed else "NOTHING"
    return f"ON CONFLICT ({names(target.key)}) DO {act}"


@dataclass
class PostgresBulk:
    """COPY into a temporary table, then one statement."""

    _made: int = field(default=0)

    def read(self, sql: str, schema: pa.Schema) -> pa.Table:
        """Yield the rows of a query as columns, through COPY."""
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv, FORCE_QUOTE *)") as copy,
        ):
            data = b"".join(bytes(part) for part in copy)
        if not data:
            return schema.empty_table()
        return csv.read_csv(
            io.BytesIO(data),
            read_options=csv.ReadOptions(column_names=schema.names, block_size=BLOCK_BYTES),
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                column_types=schema,
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                true_values=["t"],
                false_values=["f"],
            ),
        )

    def upsert(self, target: Target, rows: pa.Table) -> None:
        """Insert rows; renew those whose key is there."""
        if not rows.num_rows:
            return
        columns = rows.column_names
        with connection.cursor() as cursor, self._temporary(cursor, target, rows) as temporary:
            given = "".join(f', "{name}"' for name, _ in target.given)
            values = "".join(f", {value}" for _, value in target.given)
            cursor.execute(
                f"INSERT INTO {target.table} ({names(columns)}{given}) "
                f"SELECT {names(columns)}{values} FROM {temporary} {_conflict(target, columns)}"
            )

    def insert(self, target: Target, rows: pa.Table) -> None:
        """Insert rows whose key is not there, straight by COPY."""
        if rows.num_rows:
            with connection.cursor() as cursor:
                _copied(cursor, target.table, rows)

    def renew(self, target: Target, rows: pa.Table) -> None:
        """Write columns of rows whose key is there."""
        if not rows.num_rows:
            return
        written = ", ".join(
            f'"{name}" = k."{name}"' for name in rows.column_names if name not in target.key
        )
        with connection.cursor() as cursor, self._temporary(cursor, target, rows) as temporary:
            cursor.execute(
                f"UPDATE {target.table} AS t SET {written} FROM {temporary} AS k "
                f"WHERE {_same(target.key)}"
            )

    def delete(self, target: Target, keys: pa.Table) -> None:
        """Delete the rows with these keys."""
        if not keys.num_rows:
            return
        with connection.cursor() as cursor, self._temporary(cursor, target, keys) as temporary:
            same = _same(keys.column_names)
            cursor.execute(f"DELETE FROM {target.table} AS t USING {temporary} AS k WHERE {same}")

    def update(self, target: Target, keys: pa.Table, setting: str) -> None:
        """Change the rows with these keys alike."""
        if not keys.num_rows:
            return
        with connection.cursor() as cursor, self._temporary(cursor, target, keys) as temporary:
            cursor.execute(
                f"UPDATE {target.table} AS t SET {setting} FROM {temporary} AS k "
                f"WHERE {_same(keys.column_names)}"
            )

    @contextmanager
    def _temporary(self, cursor: CursorWrapper, target: Target, rows: pa.Table) -> Iterator[str]:
        """Yield the name of a temporary table with the rows, typed as the target's columns."""
        self._made += 1
        name = f"coming_{self._made}"
        columns = names(rows.column_names)
        cursor.execute(f"DROP TABLE IF EXISTS {name}")
        cursor.execute(
            f"CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS "
            f"SELECT {columns} FROM {target.table} WITH NO DATA"
        )
        _copied(cursor, name, rows)
        cursor.execute(f"ANALYZE {name}")
        yield name
        cursor.execute(f"DROP TABLE {name}")


def _copied(cursor: CursorWrapper, table: str, rows: pa.Table) -> None:
    columns = names(rows.column_names)
    with cursor.copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT csv)") as copy:
        for part in _csv_parts(rows):
            copy.write(part)


def _same(columns: Sequence[str]) -> str:
    return " AND ".join(f't."{name}" = k."{name}"' for name in columns)


#: Rows of one write of COPY.
PART_ROWS = 50_000


def _csv_parts(rows: pa.Table) -> Iterator[bytes]:
    options = csv.WriteOptions(include_header=False, quoting_style="needed")
    for start in range(0, rows.num_rows, PART_ROWS):
        sink = io.BytesIO()
        csv.write_csv(rows.slice(start, PART_ROWS), sink, options)
        yield sink.getvalue()


class SqliteBulk:
    """Prepared statements in the one transaction."""

    def read(self, sql: str, schema: pa.Schema) -> pa.Table:
        """Yield the rows of a query as columns."""
        with connection.cursor() as cursor:
            cursor.execute(sql)
            found = cursor.fetchall()
        columns = zip(*found, strict=True) if found else ((),) * len(schema)
        arrays = [
            _read_back(values, kind.type) for values, kind in zip(columns, schema, strict=True)
        ]
        return pa.Table.from_arrays(arrays, schema=schema)

    def upsert(self, target: Target, rows: pa.Table) -> None:
        """Insert rows; renew those whose key is there."""
        columns = rows.column_names
        given = "".join(f', "{name}"' for name, _ in target.given)
        values = "".join(f", {value}" for _, value in target.given)
        marks = ", ".join(["%s"] * len(columns))
        self._many(
            f"INSERT INTO {target.table} ({names(columns)}{given}) VALUES ({marks}{values}) "
            f"{_conflict(target, columns)}",
            rows,
        )

    def insert(self, target: Target, rows: pa.Table) -> None:
        """Insert rows whose key is not there."""
        columns = rows.column_names
        marks = ", ".join(["%s"] * len(columns))
        self._many(f"INSERT INTO {target.table} ({names(columns)}) VALUES ({marks})", rows)

    def renew(self, target: Target, rows: pa.Table) -> None:
        """Write columns of rows whose key is there."""
        written = [name for name in rows.column_names if name not in target.key]
        marks = ", ".join(f'"{name}" = %s' for name in written)
        where = _marked(target.key)
        self._many(
            f"UPDATE {target.table} SET {marks} WHERE {where}", rows.select([*written, *target.key])
        )

    def delete(self, target: Target, keys: pa.Table) -> None:
        """Delete the rows with these keys."""
        self._many(f"DELETE FROM {target.table} WHERE {_marked(keys.column_names)}", keys)

    def update(self, target: Target, keys: pa.Table, setting: str) -> None:
        """Change the rows with these keys alike."""
        self._many(f"UPDATE {target.table} SET {setting} WHERE {_marked(keys.column_names)}", keys)

    def _many(self, sql: str, rows: pa.Table) -> None:
        with connection.cursor() as cursor:
            for start in range(0, rows.num_rows, PART_ROWS):
                part = rows.slice(start, PART_ROWS)
                cells = [_written(part.column(name)) for name in part.column_names]
                cursor.executemany(sql, list(zip(*cells, strict=True)))


def _marked(columns: Sequence[str]) -> str:
    return " AND ".join(f'"{name}" = %s' for name in columns)


def _written(column: pa.ChunkedArray) -> list[Any]:
    """Yield cells as Django keeps them in SQLite."""
    if pa.types.is_date(column.type):
        column = column.cast(pa.string())
    elif pa.types.is_timestamp(column.type):
        told = pc.strftime(column.cast(pa.timestamp("us", tz="UTC")), format="%Y-%m-%d %H:%M:%S")
        column = pc.replace_substring_regex(told, r"\.0+$", "")
    elif pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    cells: list[Any] = column.to_pylist()
    return cells


def _read_back(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_date(kind):
        return pa.array(values, pa.string()).cast(kind)
    if pa.types.is_boolean(kind):
        return pa.array(values, pa.int8()).cast(kind)
    return pa.array(values, kind)


#: How columns of a model are kept in Arrow; what is not named here is text.
_KINDS: Mapping[type[Field[Any, Any]], pa.DataType] = {
    DateField: pa.date32(),
    DateTimeField: pa.timestamp("us", tz="UTC"),
    BooleanField: pa.bool_(),
    IntegerField: pa.int64(),
}


def columns_of(model: type[Model]) -> list[str]:
    """Yield the columns of a model's table, without those that the database makes itself."""
    fields = model._meta.concrete_fields
    return [str(one.column) for one in fields if not isinstance(one, AutoField | GeneratedField)]


def table_of(rows: Sequence[Model], columns: Sequence[str]) -> pa.Table:
    """Yield columns of unsaved or changed rows of one model, to be written in bulk.

    Shape: ``columns`` are names in the database (``collector_id``). Values are taken as they are:
    nothing is validated, and no default comes from the database.
    """
    meta = rows[0]._meta
    by_column = {one.column: one for one in meta.concrete_fields}
    return pa.table({name: _cells(by_column[name], rows) for name in columns})


def _cells(field: Field[Any, Any], rows: Sequence[Model]) -> pa.Array:
    values = [getattr(row, field.attname) for row in rows]
    if isinstance(field, JSONField):
        return pa.array([json.dumps(value) for value in values], pa.string())
    while isinstance(field, ForeignKey):
        field = field.target_field
    order = type(field).__mro__
    kind = next((_KINDS[one] for one in order if one in _KINDS), pa.string())
    return pa.array(values, kind)


def json_texts(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Yield lists of texts as JSON; each distinct list is written once. Null: the empty list."""
    return _each_once(
        pc.binary_join(column, _JOINED),
        lambda text: json.dumps(text.split(_JOINED) if text else []),
    )


_JOINED = "\x1e"


def _each_once(texts: pa.ChunkedArray, turn: Callable[[str], str]) -> pa.Array:
    filled = pc.fill_null(texts, "")
    whole = filled.combine_chunks() if isinstance(filled, pa.ChunkedArray) else filled
    encoded = whole.dictionary_encode()
    pool = pa.array([turn(text) for text in encoded.dictionary.to_pylist()], pa.string())
    return pool.take(encoded.indices)
