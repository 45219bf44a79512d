"""What workers do for documents."""

from celery import shared_task


@shared_task
def build_missing() -> int:
    """Makes the documents that are missing. Safe to run twice, and at the same time: each is claimed first."""
    from django.utils import timezone

    from reports import build

    return build.build_missing(now=timezone.now())
