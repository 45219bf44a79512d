"""Forgetting to whom a message went and what it said; that it went stays on the record."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from mail.models import Message, State

# Stands where an address stood.
REMOVED = "removed@removed.invalid"


BLANK = {"to": REMOVED, "to_name": "", "subject": "–", "text": "", "html": ""}


@transaction.atomic
def forget(*, address: str) -> int:
    """Takes back what waits for this address and forgets what went there. Returns how many messages."""
    messages = Message.objects.filter(to__iexact=address).exclude(state=State.SENDING)
    waiting = messages.filter(state__in=[State.QUEUED, State.HELD])
    taken_back = waiting.update(state=State.SKIPPED, error=_("The address was erased."), **BLANK)
    return taken_back + messages.update(**BLANK)


def forget_before(moment: datetime) -> int:
    """Forgets everything that was written before and no longer waits. Returns how many messages."""
    waiting = [State.QUEUED, State.HELD, State.SENDING]
    return Message.objects.filter(created_at__lt=moment).exclude(to=REMOVED).exclude(state__in=waiting).update(**BLANK)
