"""`manage.py watch_reach`: looks here and now; a worker does the same every ten minutes."""

from typing import Any

from django.core.management.base import BaseCommand

from signatories.tasks import watch_reach


class Command(BaseCommand):
    help = "Tells the team, once, of Pledge Makers of which fewer than two people can be reached."

    def handle(self, *args: Any, **options: Any) -> None:
        watch_reach()
