from celery import shared_task


@shared_task
def plan() -> None:
    """Run by beat every minute; asks what is owed, so that a missed run heals and a repeated one does nothing."""
    from django.utils import timezone

    from jobs import heartbeat
    from reminders.plan import plan as plan_reminders

    now = timezone.now()
    result = plan_reminders(now=now)
    heartbeat.beat(name="reminders", now=now, detail=str(result))
