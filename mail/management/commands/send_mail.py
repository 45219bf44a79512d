"""Sends what is due, as the workers do."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from mail import sending
from mail.management.moment import moment


class Command(BaseCommand):
    help = "Sends every message that is due, in this process."
    # A mistake in some page must not stop the mail.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--now", type=moment, help="as if it were this time: 2026-09-28T09:00")

    def handle(self, *args: Any, now: datetime | None = None, **options: Any) -> None:
        self.stdout.write(f"Sent: {sending.send_due(now=now or timezone.now())}")
