"""The database itself refuses to change or remove a posting, or what the book said of one."""

from django.db import migrations

from recoup.apps.compliance.append_only import install, remove

TABLES = ("ledger_posting", "ledger_confirmation")


def forwards(apps, schema_editor):
    install(schema_editor.connection, tables=TABLES)


def backwards(apps, schema_editor):
    remove(schema_editor.connection, tables=TABLES)


class Migration(migrations.Migration):

    dependencies = [
        ("compliance", "0002_append_only"),
        ("ledger", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(forwards, backwards, elidable=False),
    ]
