from django.core.management import call_command
from django.db import migrations


def create_cache_table(apps, schema_editor):
    """`migrate` alone makes a working site; the command does nothing when the table is there."""
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial")]
    operations = [migrations.RunPython(create_cache_table, migrations.RunPython.noop)]
