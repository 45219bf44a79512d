"""Payloads in every place where words of people are kept, in every row, and in what was frozen."""

import hashlib
import json
import math
from collections.abc import Iterator
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import models
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Concat

from progress_updates.models import Snapshot
from progress_updates.snapshots import canonical
from reports.frozen import hash_of
from reports.models import NationalReport
from tests.attacks import payloads
from tests.people.planting import A_HASH, NOT_PLANTED, OURS, text_fields

# Columns of text that no words of people get into, beside addresses of pages, which hold letters, figures and dashes.
NO_WORDS = {name for name, why in NOT_PLANTED.items() if why in (A_HASH, OURS, "made from the hash", "numbers")}
NO_WORDS |= {
    "accounts.User.password",  # nobody has one
    "signatories.Organisation.ods_code",  # three or five letters and figures; the database holds it
    "mail.Message.html",  # made from the words of the templates, with what is kept in other columns
    "signatories.PledgeMakerWord.form",  # an index of single words
}
# What a snapshot, a national report and a version of an answer hold as words; all else in them is codes and figures.
WORDS = {"name", "role_title", "organisation", "organisations", "label", "title", "wording", "no_change_reason", "text",
         "involved", "evidence", "barriers", "what", "who", "why", "correction_note", "late_reason", "right_of_reply",
         "public_words", "finding", "summary"}  # fmt: skip
# Of a column with so many words each row takes a part of the payloads, by turns; pages of lists would be endless.
MANY, PARTS = 10, 10
A_PART = math.ceil(len(payloads.EVERY) / PARTS)


def columns() -> Iterator[tuple[type[models.Model], Any]]:
    """Of ours, and of libraries: names of passkeys, addresses."""
    for name, column in text_fields():
        if name not in NO_WORDS and not isinstance(column, models.SlugField):
            yield apps.get_model(*name.split(".")[:2]), column
    yield Authenticator, Authenticator._meta.get_field("data")
    yield EmailAddress, EmailAddress._meta.get_field("email")


def fill_every_column() -> set[str]:
    """Payloads after whatever stands there, beginning with another one in each. Returns the columns without a word."""
    filled = {column: _fill(QuerySet(model), column, number * 11) for number, (model, column) in enumerate(columns())}
    _fill_snapshots()
    _fill_national_reports()
    return {str(column) for column, rows in filled.items() if not rows}


def _fill(rows: QuerySet[Any], column: Any, first: int) -> int:
    """Where something stands: that there is nothing has a meaning of its own. Returns how many rows it has filled.

    Past the managers: that of the audit trail changes nothing."""
    name = column.attname
    found = list(rows.exclude(**{name: None}).values_list("pk", name))
    if isinstance(column, models.JSONField):
        return sum(rows.filter(pk=pk).update(**{name: poisoned(value, pk)}) for pk, value in found)
    if isinstance(column, models.EmailField):
        return sum(rows.filter(pk=pk).update(**{name: _address(value, pk)}) for pk, value in found if value)
    every = payloads.all_lines if isinstance(column, models.TextField) else payloads.in_one_line
    filled = [pk for pk, value in found if value]
    for part in range(parts := 1 if len(filled) < MANY else PARTS):
        words = Value(f" {every(first + part * A_PART, len(payloads.EVERY) if parts == 1 else A_PART)}")
        here = rows.filter(pk__in=filled[part::parts])
        here.update(**{name: Concat(F(name), words, output_field=models.TextField())})
    return len(filled)


def _address(email: str, number: int) -> str:
    name, _, host = email.rpartition("@")
    return payloads.as_address(number, name, host)


def _fill_snapshots() -> None:
    for row in Snapshot.objects.all():
        body = canonical(poisoned(json.loads(bytes(row.body)), row.pk))
        Snapshot.objects.filter(pk=row.pk).update(body=body, sha256=hashlib.sha256(body).hexdigest())


def _fill_national_reports() -> None:
    for report in NationalReport.objects.all():
        report.body = canonical(poisoned(report.figures(), report.pk))
        parts = list(report.parts.all())
        for part in parts:
            part.body = canonical(poisoned(part.makers(), part.pk))
            part.save(update_fields=["body"])
        report.sha256 = hash_of(bytes(report.body), (bytes(part.body) for part in parts))
        report.save(update_fields=["body", "sha256"])


def poisoned(value: Any, number: int, key: str = "") -> Any:
    """The same with payloads after each of its words, beginning with one of this number."""
    if isinstance(value, dict):
        return {name: poisoned(each, number + 1, name) for name, each in value.items()}
    if isinstance(value, list):
        return [poisoned(each, number + place, key) for place, each in enumerate(value)]
    if isinstance(value, str) and value and key in WORDS:
        return f"{value} {payloads.all_lines(number, A_PART)}"
    return value
