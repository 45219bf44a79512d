"""Forgetting to whom a message went and what it said; that it went stays on the record."""

from datetime import datetime

from django.db import models, transaction
from django.utils.translation import gettext as _

from mail.models import Message, State

# Stands where an address stood.
REMOVED = "removed@removed.invalid"
NOT_GONE = (State.QUEUED, State.HELD, State.SENDING)
BLANK = {"to": REMOVED, "to_name": "", "subject": "–", "text": "", "html": ""}


def forget(*, address: str) -> int:
    """Takes back what waits for this address and forgets what went there. Returns how many messages."""
    return _forget(Message.objects.filter(to__iexact=address))


def forget_about(*, key: str) -> int:
    """The same for all messages whose `unique_key` begins with `key`. Returns how many."""
    return _forget(Message.objects.filter(unique_key__startswith=key))


@transaction.atomic
def _forget(messages: models.QuerySet[Message]) -> int:
    """What waits does not leave. What is being sent may be on its way; its sender then finds the row taken."""
    keys = list(messages.select_for_update().values_list("pk", flat=True))
    theirs = Message.objects.filter(pk__in=keys)
    _blank(theirs.exclude(state__in=NOT_GONE))
    why = _("The address was erased.")
    theirs.filter(state__in=NOT_GONE).update(state=State.SKIPPED, lease_until=None, error=why, **BLANK)
    return len(keys)


def forget_before(moment: datetime) -> int:
    """Forgets everything that was written before and no longer waits. Returns how many messages."""
    old = Message.objects.filter(created_at__lt=moment).exclude(to=REMOVED).exclude(state__in=NOT_GONE)
    return _blank(Message.objects.filter(pk__in=list(old.values_list("pk", flat=True))))


def _blank(messages: models.QuerySet[Message]) -> int:
    """What a mail server said goes too: it often repeats the address."""
    messages.exclude(error="").update(error=_("What went wrong was erased with the address."))
    return messages.update(**BLANK)
