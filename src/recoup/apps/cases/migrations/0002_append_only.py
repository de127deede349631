"""The database itself refuses to change an entry of a timeline.

PostgreSQL also refuses to delete one. SQLite does not: tests empty its tables by deleting. A
missing entry shows all the same, since the case keeps the number of entries and the last hash.
"""

from django.db import migrations

MESSAGE = "a timeline is append-only"

SQLITE = (
    f"""CREATE TRIGGER cases_entry_no_update BEFORE UPDATE ON cases_entry
    BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END""",
)
SQLITE_BACK = ("DROP TRIGGER cases_entry_no_update",)
POSTGRES = (
    f"""CREATE FUNCTION cases_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{MESSAGE}'; END $$""",
    """CREATE TRIGGER cases_entry_append_only BEFORE UPDATE OR DELETE ON cases_entry
    FOR EACH ROW EXECUTE FUNCTION cases_entry_refuse()""",
)
POSTGRES_BACK = (
    "DROP TRIGGER cases_entry_append_only ON cases_entry",
    "DROP FUNCTION cases_entry_refuse()",
)


def _run(sqlite, postgres):
    def run(apps, schema_editor):
        statements = {"sqlite": sqlite, "postgresql": postgres}
        for statement in statements.get(schema_editor.connection.vendor, ()):
            schema_editor.execute(statement)

    return run


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]
    operations = [
        migrations.RunPython(_run(SQLITE, POSTGRES), _run(SQLITE_BACK, POSTGRES_BACK)),
    ]
