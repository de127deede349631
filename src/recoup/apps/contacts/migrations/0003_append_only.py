"""The database itself refuses to change or remove what the gate has answered."""

from django.db import migrations

from recoup.apps.compliance.append_only import install, remove

TABLES = ("contacts_gatedecision",)


def forwards(apps, schema_editor):
    install(schema_editor.connection, tables=TABLES)


def backwards(apps, schema_editor):
    remove(schema_editor.connection, tables=TABLES)


class Migration(migrations.Migration):

    dependencies = [
        ("compliance", "0002_append_only"),
        ("contacts", "0002_gate"),
    ]

    operations = [
        migrations.RunPython(forwards, backwards, elidable=False),
    ]
