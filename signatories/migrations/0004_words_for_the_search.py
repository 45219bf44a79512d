"""The words by which the public search finds those Pledge Makers that are there already."""

from collections import defaultdict

from django.db import migrations

from signatories.words import forms_of


def write_words(apps, schema_editor):
    maker, part, word = (
        apps.get_model("signatories", name) for name in ("PledgeMaker", "PledgeMakerOrganisation", "PledgeMakerWord")
    )
    names, codes = defaultdict(set), defaultdict(set)
    for key, name, former in maker.objects.values_list("pk", "name", "former_addresses__name"):
        names[key] |= {name, former or ""}
    rows = part.objects.values_list(
        "pledge_maker", "organisation__name", "organisation__former_names__name", "organisation__ods_code"
    )
    for key, name, former, code in rows:
        names[key] |= {name, former or ""}
        codes[key] |= {code or ""}
    word.objects.bulk_create(
        (
            word(pledge_maker_id=key, form=form, is_whole=is_whole)
            for key in sorted(names)
            for form, is_whole in sorted(forms_of(names[key], codes[key]))
        ),
        ignore_conflicts=True,
        batch_size=2000,
    )


class Migration(migrations.Migration):
    dependencies = [("signatories", "0003_joining_and_search")]
    operations = [migrations.RunPython(write_words, migrations.RunPython.noop)]
