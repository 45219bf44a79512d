"""`manage.py release_mail`: ends what `hold_mail` began."""

from typing import Any

from django.core.management.base import BaseCommand

from mail import holding


class Command(BaseCommand):
    help = "Lets mail go again; each message is asked once more whether it is still wanted."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Mail leaves again. Messages that were on hold: {holding.end()}")
