"""Forgetting to whom a message went and what it said; that it went stays on the record."""

from datetime import datetime

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from mail.models import Message, State

# Stands where an address stood.
REMOVED = "removed@removed.invalid"


BLANK = {"to": REMOVED, "to_name": "", "subject": "–", "text": "", "html": ""}


def forget(*, address: str) -> int:
    """Takes back what waits for this address and forgets what went there. Returns how many messages."""
    return _forget(Message.objects.filter(to__iexact=address))


def forget_about(*, key: str) -> int:
    """The same for all messages whose `unique_key` begins with `key`. Returns how many."""
    return _forget(Message.objects.filter(unique_key__startswith=key))


@transaction.atomic
def _forget(messages: models.QuerySet[Message]) -> int:
    messages = messages.exclude(state=State.SENDING)
    waits = Q(state__in=[State.QUEUED, State.HELD])
    gone = messages.exclude(waits).update(**BLANK)
    return gone + messages.filter(waits).update(state=State.SKIPPED, error=_("The address was erased."), **BLANK)


def forget_before(moment: datetime) -> int:
    """Forgets everything that was written before and no longer waits. Returns how many messages."""
    waiting = [State.QUEUED, State.HELD, State.SENDING]
    return Message.objects.filter(created_at__lt=moment).exclude(to=REMOVED).exclude(state__in=waiting).update(**BLANK)
