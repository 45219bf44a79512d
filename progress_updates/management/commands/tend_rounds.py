"""`manage.py tend_rounds`: publishes what is due, here and now; a worker does the same every minute."""

from typing import Any

from django.core.management.base import BaseCommand

from progress_updates.tasks import publish_due


class Command(BaseCommand):
    help = "Publishes what is due, and gives late joiners their entry in the open round. Safe to run at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        publish_due()
