"""What workers do for the outbox."""

from celery import shared_task


@shared_task
def send_due() -> int:
    """Sends what is due. Safe to run twice, and at the same time: each message is claimed first."""
    from django.utils import timezone

    import mail.sending

    return mail.sending.send_due(now=timezone.now())
