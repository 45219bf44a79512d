"""The figures of the outbox, for the status page and for staff."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q
from django.db.models.functions import Coalesce

from mail.models import Message, State


@dataclass(frozen=True)
class Summary:
    """How many messages stand where. `oldest_unsent_age` counts from when the message should have left."""

    queued: int
    scheduled: int
    retrying: int
    sending: int
    sent: int
    failed: int
    skipped: int
    held: int
    oldest_unsent_age: timedelta | None


COUNTED = ("sending", "sent", "failed", "skipped", "held")


def summary(now: datetime) -> Summary:
    """`queued` is all that waits; `scheduled` and `retrying` are parts of it. One query."""
    rows = Message.objects.annotate(should_leave=Coalesce("not_before", "created_at"))
    waiting = Q(state=State.QUEUED)
    found = rows.aggregate(
        queued=Count("pk", filter=waiting),
        scheduled=Count("pk", filter=waiting & Q(should_leave__gt=now)),
        retrying=Count("pk", filter=waiting & Q(attempts__gt=0)),
        **{state: Count("pk", filter=Q(state=state)) for state in COUNTED},
        oldest=Min("should_leave", filter=Q(state__in=[State.QUEUED, State.SENDING], should_leave__lte=now)),
    )
    oldest = found.pop("oldest")
    return Summary(**found, oldest_unsent_age=now - oldest if oldest else None)
