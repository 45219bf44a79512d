"""National reports that are there already are cut into their figures and their parts."""

import hashlib
import json

import django.db.models.deletion
from django.db import migrations, models

IN_A_PART = 100


def canonical(content):
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def cut(apps, schema_editor):
    for report in apps.get_model("reports", "NationalReport").objects.iterator():
        figures = json.loads(bytes(report.body))
        makers = figures.pop("pledge_makers")
        figures |= {"makers": len(makers), "words_beside": words_beside(makers)}
        starts = range(0, len(makers), IN_A_PART)
        parts = [canonical(makers[start : start + IN_A_PART]) for start in starts]
        report.body = canonical(figures)
        report.sha256 = hashlib.sha256(b"".join([report.body, *parts])).hexdigest()
        report.save(update_fields=["body", "sha256"])
        for number, part in enumerate(parts, start=1):
            report.parts.create(number=number, body=part)


def words_beside(makers):
    return {
        f"{part}/{maker.get('entry') or maker['slug']}": maker[part]
        for maker in makers
        for part in ("late_reason", "right_of_reply")
        if maker[part]
    }


def join(apps, schema_editor):
    for report in apps.get_model("reports", "NationalReport").objects.iterator():
        figures = json.loads(bytes(report.body))
        del figures["makers"], figures["words_beside"]
        parts = report.parts.order_by("number")
        makers = [maker for part in parts for maker in json.loads(bytes(part.body))]
        report.body = canonical({**figures, "pledge_makers": makers})
        report.sha256 = hashlib.sha256(report.body).hexdigest()
        report.save(update_fields=["body", "sha256"])


class Migration(migrations.Migration):
    dependencies = [("reports", "0002_national_reports")]

    operations = [
        migrations.CreateModel(
            name="NationalReportPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("body", models.BinaryField()),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="reports.nationalreport",
                    ),
                ),
            ],
            options={
                "ordering": ["report", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("report", "number"), name="national_report_part_once"),
                    models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="national_report_part_from_1"),
                ],
            },
        ),
        migrations.RunPython(cut, join),
    ]
