from celery import shared_task


@shared_task
def tidy() -> None:
    """Run by beat every hour; asks what has been kept long enough. A missed run loses nothing."""
    from django.utils import timezone

    from pledge_tracker import keeping

    keeping.tidy(now=timezone.now())
