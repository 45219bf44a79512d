"""The pledge in its two dated wordings, word for word."""

from django.db import migrations

from signatories import wordings


def write(apps, schema_editor):
    using = schema_editor.connection.alias
    wordings.write(
        wordings=apps.get_model("signatories", "PledgeWording").objects.using(using),
        objectives=apps.get_model("signatories", "Objective").objects.using(using),
    )


class Migration(migrations.Migration):
    dependencies = [("signatories", "0001_initial")]
    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
