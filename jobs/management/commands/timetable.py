from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from jobs.timetable import KEPT, is_kept


class Command(BaseCommand):
    help = "Shows what runs by itself and how often; `migrate` brings the rows in step with the code."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--is-running", action="store_true", help="fail when beat has started nothing lately")

    def handle(self, *args: Any, is_running: bool, **options: Any) -> None:
        if is_running:
            if not is_kept(now=timezone.now()):
                raise CommandError("Beat has started nothing lately.")
            return
        for row in PeriodicTask.objects.filter(description=KEPT).select_related("interval").order_by("name"):
            off = "" if row.enabled else "  (switched off)"
            self.stdout.write(f"{row.name}  {row.interval}{off}")
