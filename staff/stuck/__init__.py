"""What is stuck: nothing here moves on unless somebody does something. Each list is one query, and bounded."""

from datetime import datetime

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


def failures() -> int:
    """How many mails and documents failed for good. Two queries."""
    return Message.objects.filter(state=MailState.FAILED).count() + machines.failed_documents().count()
