"""What the tests of supporters have in common."""

from datetime import UTC, datetime
from typing import Any

from mail.models import Message
from signatories.models import Supporter

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


def fresh(row: Supporter) -> Supporter:
    return Supporter.objects.get(pk=row.pk)


def public_names() -> set[str]:
    return set(Supporter.objects.published().values_list("name", flat=True))


def mails(kind: str) -> list[Message]:
    return list(Message.objects.filter(kind=kind).order_by("pk"))


def vars_of(row: Supporter) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
