"""`manage.py end_terms`: ends the access of leaders whose last day is over; a worker does the same every minute."""

from typing import Any

from django.core.management.base import BaseCommand

from signatories.tasks import end_terms


class Command(BaseCommand):
    help = "Ends what leaders may do whose last day is over. Safe to run at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        end_terms()
