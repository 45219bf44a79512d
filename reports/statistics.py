"""The figures of documents, for the status page and for staff."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q

from reports.models import Document, Kind, State, public_snapshots


@dataclass(frozen=True)
class Summary:
    """How many documents that somebody may open stand where. `waiting` counts those without a row too."""

    waiting: int
    building: int
    ready: int
    failed: int
    oldest_waiting_age: timedelta | None


def summary(now: datetime) -> Summary:
    """Two queries."""
    found = Document.objects.wanted().aggregate(
        **{state: Count("pk", filter=Q(state=state)) for state in State.values},
        oldest=Min("created_at", filter=Q(state__in=[State.WAITING, State.BUILDING])),
    )
    oldest = found.pop("oldest")
    found["waiting"] += public_snapshots().exclude(documents__kind=Kind.PROGRESS_REPORT).count()
    return Summary(**found, oldest_waiting_age=now - oldest if oldest else None)
