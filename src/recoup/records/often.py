"""Queries asked hundreds of times a second: the ORM writes their SQL once, not each time."""

from collections.abc import Callable
from datetime import datetime
from typing import Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


class Often(Generic[Row]):
    """A query of whole rows of one model whose SQL is kept after its first use.

    Shape: ``query`` makes the query set from values; its SQL must bind exactly these values, in the
    order of the SQL (the ORM sorts conditions by name), and must not depend on them (no ``in``, no
    None). That is checked at the first use. Writing the SQL takes the ORM longer than PostgreSQL
    takes to answer it.
    Errors: ValueError, when the query binds something else.
    """

    def __init__(self, query: Callable[..., QuerySet[Row]]) -> None:
        self._query = query
        self._kept: dict[str, tuple[type[Row], str]] = {}

    def __call__(self, *values: object) -> list[Row]:
        """Yield the rows for these values."""
        bound = [_adapted(value) for value in values]
        kept = self._kept.get(connection.vendor)
        if kept is None:
            kept = self._kept[connection.vendor] = self._written(values, bound)
        model, sql = kept
        return list(model._default_manager.raw(sql, bound))

    def _written(self, values: tuple[object, ...], bound: list[object]) -> tuple[type[Row], str]:
        asked = self._query(*values)
        sql, told = asked.query.sql_with_params()
        if list(told) != bound:
            raise ValueError(f"the query binds {told!r}, not {bound!r}")
        return asked.model, sql


def _adapted(value: object) -> object:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value
