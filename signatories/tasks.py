"""What beat runs. A command runs the same."""

from celery import shared_task
from django.utils import timezone


@shared_task(name="signatories.tasks.watch_reach")
def watch_reach() -> None:
    """Tells the team of Pledge Makers of which fewer than two people can be reached."""
    from signatories.reach_alarms import watch

    watch(now=timezone.now())
