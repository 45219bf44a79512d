"""Prints docs/figures.md from the queries of the national report."""

from typing import Any

from django.core.management.base import BaseCommand

from progress_updates.figures import document


class Command(BaseCommand):
    # It writes queries down and runs none.
    requires_system_checks = []
    help = "Prints the figures of the national report, each with its query: manage.py figures > docs/figures.md"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(document(), ending="")
