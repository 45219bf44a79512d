"""`manage.py hold_mail`: mail stays here, for instance after a restore, until `release_mail`."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from mail import holding


class Command(BaseCommand):
    help = "Puts all mail on hold but sign-in codes, now and from now on, until release_mail."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Mail is on hold. Messages that were waiting: {holding.begin(now=timezone.now())}")
