"""What is stuck: nothing here moves on unless somebody does something. Each list is one query, and bounded."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from mail.models import Message
from mail.models import State as MailState
from staff.stuck import machines, updates
from staff.stuck.trouble import Item, Trouble

__all__ = ["Item", "Trouble", "failures", "troubles"]
LOOKS = (
    machines.mail_waiting,
    machines.mail_held,
    machines.documents,
    updates.publications,
    updates.requests,
    updates.signatures,
    updates.reviews,
    updates.invitations,
)


def troubles(now: datetime) -> list[Trouble]:
    """Everything that is stuck, the most urgent first; empty when nothing is. A constant number of queries."""
    found: list[Trouble] = [*machines.silent(now), *machines.failed_mail()]
    found += [look(now) for look in LOOKS]
    return [trouble for trouble in found if trouble.items]


def failures() -> tuple[QuerySet[Any, Any], QuerySet[Any, Any]]:
    """Mails and documents that failed for good, to be counted."""
    return Message.objects.filter(state=MailState.FAILED), machines.failed_documents()
