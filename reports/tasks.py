"""What workers do for documents."""

from celery import shared_task


@shared_task
def build_missing() -> int:
    """Makes the documents that are missing, unless another worker is at it. Safe to run twice."""
    from django.utils import timezone

    from reports import build

    now = timezone.now()
    return 0 if build.is_busy(now=now) else build.build_missing(now=now)


@shared_task
def build_national() -> int:
    """Freezes the national reports that are due and makes their PDFs, unless another worker is at one."""
    from django.utils import timezone

    from reports import build
    from reports.models import Kind

    now = timezone.now()
    return 0 if build.is_busy(now=now, kind=Kind.NATIONAL_REPORT) else build.build_national(now=now)
