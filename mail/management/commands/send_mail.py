"""Sends what is due, as the workers do."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from mail import sending


class Command(BaseCommand):
    help = "Sends every message that is due, in this process."
    # A mistake in some page must not stop the mail.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--now", type=moment, help="as if it were this time: 2026-09-28T09:00")

    def handle(self, *args: Any, now: datetime | None = None, **options: Any) -> None:
        self.stdout.write(f"Sent: {sending.send_due(now=now or timezone.now())}")


def moment(text: str) -> datetime:
    """A date and time in ISO form; without an offset it is London's."""
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise CommandError(f"Not a date and time: {text}. Write it as 2026-09-28T09:00.")
    return found if timezone.is_aware(found) else timezone.make_aware(found)
