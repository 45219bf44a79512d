"""What beat runs. A command runs the same."""

from celery import shared_task
from django.utils import timezone


@shared_task(name="progress_updates.tasks.publish_due")
def publish_due() -> None:
    """Publishes what is due, and gives late joiners their entry in the open round."""
    from progress_updates.rounds import tend

    tend(now=timezone.now())
