from typing import Any

from django.core.management.base import BaseCommand
from django_celery_beat.models import PeriodicTask

from jobs.timetable import KEPT


class Command(BaseCommand):
    help = "Shows what runs by itself and how often; `migrate` brings the rows in step with the code."

    def handle(self, *args: Any, **options: Any) -> None:
        for row in PeriodicTask.objects.filter(description=KEPT).select_related("interval").order_by("name"):
            off = "" if row.enabled else "  (switched off)"
            self.stdout.write(f"{row.name}  {row.interval}{off}")
