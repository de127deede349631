"""The database itself refuses to change or remove seals, what lies under them, and filings."""

from django.db import migrations

from recoup.apps.compliance.append_only import install, remove

TABLES = (
    "evidence_sealkey",
    "evidence_seal",
    "evidence_leaf",
    "evidence_timestamp",
    "evidence_filing",
)


def forwards(apps, schema_editor):
    install(schema_editor.connection, tables=TABLES)


def backwards(apps, schema_editor):
    remove(schema_editor.connection, tables=TABLES)


class Migration(migrations.Migration):

    dependencies = [
        ("compliance", "0002_append_only"),
        ("evidence", "0001_seals"),
    ]

    operations = [
        migrations.RunPython(forwards, backwards, elidable=False),
    ]
