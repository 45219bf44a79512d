"""A site whose mail is on hold: after a restore nobody hears again what they have heard already.

Reminders and letters are planned and queued as always; they stay until somebody has looked and lets them go.
Rooms above name the kinds that leave all the same, because nobody could sign in without them.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, Q

from jobs.waking import wake
from mail import tasks
from mail.models import Hold, Message, State

_passing: set[str] = set()


def let_pass(kind: str) -> None:
    """Messages of this kind leave even while mail is on hold."""
    _passing.add(kind)


def may_leave() -> Q:
    """For a query of messages: those that no hold keeps back."""
    return Q(kind__in=sorted(_passing)) | Q(~Exists(Hold.objects.all()))


def since() -> datetime | None:
    """When the hold began; None while mail leaves."""
    return Hold.objects.values_list("since", flat=True).first()


@transaction.atomic
def begin(*, now: datetime) -> int:
    """Mail stays from now on. Returns how many waiting messages were put on hold. Safe to run twice."""
    Hold.objects.get_or_create(defaults={"since": now})
    return Message.objects.filter(state=State.QUEUED).exclude(kind__in=_passing).update(state=State.HELD)


@transaction.atomic
def end() -> int:
    """Lets everything go; whether each is still wanted is asked as always. Returns how many messages were on hold."""
    Hold.objects.all().delete()
    released = Message.objects.filter(state=State.HELD).update(state=State.QUEUED)
    wake(tasks.send_due)
    return released
