"""The periodic jobs, as rows of django-celery-beat.

Beat may forget a run, so no job relies on its time: each asks what is due and not yet done.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import DEFAULT_DB_ALIAS, transaction
from django_celery_beat.models import IntervalSchedule, PeriodicTask

KEPT = "Kept by the timetable in the code; only 'enabled' may be changed here."
# A wake nobody heard for this many of its periods is dropped: later ones do its work.
STALE_AFTER_PERIODS = 10
# Beat writes down every three minutes what it has started; the tasks of the timetable come far more often.
BEAT_SILENT_AFTER = timedelta(minutes=10)


@transaction.atomic
def write(timetable: Mapping[str, int], using: str = DEFAULT_DB_ALIAS) -> None:
    """Makes the rows agree with `timetable` (task name → seconds); a task switched off by hand stays off."""
    rows = PeriodicTask.objects.using(using)
    for gone in rows.filter(description=KEPT).exclude(name__in=timetable):
        gone.delete()
    for task, seconds in timetable.items():
        _write_row(task, seconds, using)


def is_kept(*, now: datetime) -> bool:
    """Whether beat lives: it has started something lately. Says nothing about workers."""
    return PeriodicTask.objects.filter(description=KEPT, last_run_at__gt=now - BEAT_SILENT_AFTER).exists()


def _write_row(task: str, seconds: int, using: str) -> None:
    schedule = _every(seconds, using)
    wanted = {
        "task": task,
        "interval": schedule,
        "expire_seconds": seconds * STALE_AFTER_PERIODS,
        "description": KEPT,
    }
    row = PeriodicTask.objects.using(using).filter(name=task).first() or PeriodicTask(name=task)
    if any(getattr(row, field) != value for field, value in wanted.items()):
        for field, value in wanted.items():
            setattr(row, field, value)
        row.save(using=using)


def _every(seconds: int, using: str) -> IntervalSchedule:
    schedule, _ = IntervalSchedule.objects.using(using).get_or_create(every=seconds, period=IntervalSchedule.SECONDS)
    return schedule
