"""Statements run hundreds of times a second: written once by the ORM, prepared by the server."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import AutoField, Model, QuerySet

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, kw_only=True)
class Written(Generic[Row]):
    """A query's SQL in one dialect. ``converted``: places of columns that are not read as stored,
    each with its column and what makes a value of it."""

    model: type[Row]
    sql: str
    names: tuple[str, ...]
    converted: tuple[tuple[int, Any, tuple[Callable[..., Any], ...]], ...]

    def row(self, stored: Sequence[object]) -> Row:
        """Yield the model's row of stored values."""
        values = list(stored)
        for place, column, steps in self.converted:
            for step in steps:
                values[place] = step(values[place], column, connection)
        return self.model.from_db(connection.alias, self.names, values)


class Often(Generic[Row]):
    """A query of whole rows of one model whose SQL is kept after its first use.

    Shape: ``query`` makes the query set from values; its SQL must bind exactly these values, in the
    order of the SQL (the ORM sorts conditions by name), and must not depend on them (no ``in``, no
    None). That is checked at the first use. Writing the SQL takes the ORM longer than PostgreSQL
    takes to answer it; PostgreSQL is given the values apart from it and plans it once a connection.
    Errors: ValueError, when the query binds something else.
    """

    def __init__(self, query: Callable[..., QuerySet[Row]]) -> None:
        self._query = query
        self._kept: dict[str, Written[Row]] = {}

    def __call__(self, *values: object) -> list[Row]:
        """Yield the rows for these values."""
        bound = [_adapted(value) for value in values]
        kept = self._kept.get(connection.vendor)
        if kept is None:
            kept = self._kept[connection.vendor] = self._written(values, bound)
        with _cursor() as cursor:
            cursor.execute(kept.sql, bound)
            return [kept.row(stored) for stored in cursor.fetchall()]

    def _written(self, values: tuple[object, ...], bound: list[object]) -> Written[Row]:
        asked = self._query(*values)
        compiler = asked.query.get_compiler(connection=connection)
        sql, told = compiler.as_sql()
        if list(told) != bound:
            raise ValueError(f"the query binds {told!r}, not {bound!r}")
        columns = [column for column, _, _ in compiler.select]
        return Written(
            model=asked.model,
            sql=sql,
            names=tuple(column.target.attname for column in columns),
            converted=tuple(
                (place, column, tuple(steps))
                for place, (steps, column) in compiler.get_converters(columns).items()
            ),
        )


def add_row(row: Row) -> Row:
    """Add a row whose model is written hundreds of times a second; yield it with its key.

    Shape: as ``row.save(force_insert=True)`` of a model of one table, without signals.
    """
    kept = _added(type(row), connection.vendor)
    values = [one.get_db_prep_save(one.pre_save(row, True), connection) for one in kept.columns]
    with _cursor() as cursor:
        cursor.execute(kept.sql, values)
        if kept.gives_key:
            row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, connection.alias
    return row


@dataclass(frozen=True, kw_only=True)
class _Added:
    """The SQL that adds a row. ``gives_key``: the database numbers the row."""

    sql: str
    columns: tuple[Any, ...]
    gives_key: bool


@cache
def _added(model: type[Model], vendor: str) -> _Added:
    """Write the SQL of ``add_row`` for a database."""
    quoted = connection.ops.quote_name
    key = model._meta.pk
    gives_key = isinstance(key, AutoField)
    columns = tuple(
        one for one in model._meta.local_concrete_fields if not (gives_key and one is key)
    )
    names = ", ".join(quoted(str(one.column)) for one in columns)
    sql = f"INSERT INTO {quoted(model._meta.db_table)} ({names}) VALUES ("
    sql += ", ".join(["%s"] * len(columns)) + ")"
    return _Added(
        sql=f"{sql} RETURNING {quoted(str(key.column))}" if gives_key else sql,
        columns=columns,
        gives_key=gives_key,
    )


@contextmanager
def _cursor() -> Iterator[Any]:
    """Yield a cursor that hands values to the server apart from the SQL, where it can."""
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            yield cursor
        return
    opened: Any = connection
    opened.ensure_connection()
    with opened._prepare_cursor(_binding_cursor()(opened.connection)) as cursor:
        yield cursor


@cache
def _binding_cursor() -> Any:
    """Yield Django's cursor that binds on the server; its module is there only with psycopg."""
    return import_module("django.db.backends.postgresql.base").ServerBindingCursor


def _adapted(value: object) -> object:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value
