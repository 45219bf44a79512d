from celery import shared_task
from django.utils import timezone


@shared_task
def heartbeat() -> None:
    """Run by beat every minute: proof that beat, the broker, a worker and the database all work."""
    from jobs import heartbeat

    heartbeat.beat(name=heartbeat.WORKER, now=timezone.now())
