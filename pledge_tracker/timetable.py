"""What runs by itself, and how often: the name of a task and its period in seconds."""

from typing import Any

from django.db import connections

from jobs import timetable

TIMETABLE: dict[str, int] = {
    "jobs.tasks.heartbeat": 60,
    "mail.tasks.send_due": 20,
    "pledge_tracker.tasks.tidy": 3600,
    "progress_updates.tasks.publish_due": 60,
    "reminders.tasks.plan": 60,
    "reports.tasks.build_missing": 20,
    "reports.tasks.build_national": 60,
    "signatories.tasks.end_terms": 60,
    "signatories.tasks.watch_reach": 600,
}


def write_after_migrate(*, using: str, **_: Any) -> None:
    """Keeps the rows of django-celery-beat in step with the table above, after every `migrate`."""
    if "django_celery_beat_periodictask" in connections[using].introspection.table_names():
        timetable.write(TIMETABLE, using=using)
