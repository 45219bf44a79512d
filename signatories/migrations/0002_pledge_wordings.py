"""The pledge in its two dated wordings, word for word."""

from datetime import date

from django.db import migrations

OBJECTIVES = (
    (
        1,
        "Initiate fundamental service level changes to reduce ethnic inequalities in access, experience and outcomes.",
        "Service change",
    ),
    (
        2,
        "Measure, monitor and report the nature and extent of ethnic inequalities and progress made.",
        "Measuring and reporting",
    ),
    (
        3,
        "Work in partnership with local {communities} communities, service users and relevant community agencies.",
        "Partnership with communities",
    ),
    (4, "Provide national leadership on this critical issue.", "National leadership"),
    (
        5,
        "Ensure inclusive and sustainable change in our localities and communities.",
        "Inclusive and sustainable change",
    ),
    (6, "Support timely and progressive research and policy development.", "Research and policy"),
    (
        7,
        "Contribute to a biannual progress update as part of this Statement of Intent.",
        "Progress updates",
    ),
)
WORDINGS = (
    (date(2020, 8, 5), "Wording of 5 August 2020", "BAME"),
    (date(2021, 5, 25), "Wording from May 2021", "ethnic minority"),
)


def write(apps, schema_editor):
    PledgeWording = apps.get_model("signatories", "PledgeWording")
    Objective = apps.get_model("signatories", "Objective")
    for effective_on, label, communities in WORDINGS:
        wording, _created = PledgeWording.objects.get_or_create(effective_on=effective_on, defaults={"label": label})
        for number, text, short in OBJECTIVES:
            Objective.objects.get_or_create(
                wording=wording,
                number=number,
                defaults={"text": text.format(communities=communities), "short": short},
            )


class Migration(migrations.Migration):
    dependencies = [("signatories", "0001_initial")]
    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
