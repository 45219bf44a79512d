"""Plans what is owed, as beat does."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from mail.management.moment import moment
from reminders.plan import plan


class Command(BaseCommand):
    help = "Queues a message for everybody who is owed a reminder. Workers send it, from 08:00 to 18:00 London."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--now", type=moment, help="as if it were this time: 2026-09-28T09:00")

    def handle(self, *args: Any, now: datetime | None = None, **options: Any) -> None:
        result = plan(now=now or timezone.now())
        self.stdout.write(f"Planned: {result}")
