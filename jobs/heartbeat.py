"""Signs of life of what runs by itself: the worker, the planners."""

from datetime import datetime, timedelta

from jobs.models import Heartbeat

WORKER = "worker"


def beat(*, name: str, now: datetime, detail: str = "") -> None:
    """Notes that `name` ran at `now`; one row a name. `detail` carries numbers, never addresses."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": now, "detail": detail[:200]})


def age(*, name: str, now: datetime) -> timedelta | None:
    """How long ago `name` last ran; None if it never did."""
    row = Heartbeat.objects.filter(name=name).first()
    return now - row.at if row else None
