"""`manage.py tidy`: erases what has been kept long enough; a worker does the same every hour."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from pledge_tracker import keeping


class Command(BaseCommand):
    help = "Erases what has been kept long enough, by the rules that the privacy page shows."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, count in keeping.tidy(now=timezone.now()).items():
            self.stdout.write(f"{name}: {count}")
