"""What workers do for the outbox."""

from celery import shared_task


@shared_task
def send_due() -> int:
    """Sends what is due. Safe to run twice, and at the same time: each message is claimed first."""
    from django.utils import timezone

    from mail import sending

    return sending.send_due(now=timezone.now())
