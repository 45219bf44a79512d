"""What beat runs. A command runs the same."""

from celery import shared_task
from django.utils import timezone


@shared_task(name="signatories.tasks.end_terms")
def end_terms() -> None:
    """Ends what leaders may do whose last day is over."""
    from signatories.last_days import end_due

    end_due(now=timezone.now())


@shared_task(name="signatories.tasks.watch_reach")
def watch_reach() -> None:
    """Tells the team of Pledge Makers of which fewer than two people can be reached."""
    from signatories.reach_alarms import watch

    watch(now=timezone.now())
