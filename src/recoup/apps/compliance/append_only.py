"""Triggers that keep tables growing only: the database itself refuses UPDATE, DELETE, TRUNCATE."""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

GROWING = ("compliance_auditentry", "compliance_reveal", "compliance_export")
SENTENCE = "recoup: entries of this table are never changed or deleted"


def _sqlite(table: str) -> Iterator[str]:
    for act in ("UPDATE", "DELETE"):
        yield (
            f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END"
        )


def _postgresql(table: str) -> Iterator[str]:
    yield (
        f"CREATE TRIGGER {table}_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse_change()"
    )


def install(connection: BaseDatabaseWrapper, *, tables: tuple[str, ...] = GROWING) -> None:
    """Add the triggers to the tables. Errors: DatabaseError, when they are there already."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION recoup_refuse_change() RETURNS trigger AS "
                f"$$ BEGIN RAISE EXCEPTION '{SENTENCE}'; END $$ LANGUAGE plpgsql"
            )
        written = _postgresql if connection.vendor == "postgresql" else _sqlite
        for table in tables:
            for statement in written(table):
                cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper, *, tables: tuple[str, ...] = GROWING) -> None:
    """Take the triggers away: for going back before this migration, and for emptying test data."""
    with connection.cursor() as cursor:
        for table in tables:
            if connection.vendor == "postgresql":
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_grows ON {table}")
            else:
                for act in ("update", "delete"):
                    cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{act}")
