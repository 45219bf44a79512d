"""Writes anew the words by which the public search finds each Pledge Maker."""

from typing import Any

from django.core.management.base import BaseCommand

from signatories import search
from signatories.models import PledgeMaker


class Command(BaseCommand):
    help = "Writes anew the words by which the public search finds each Pledge Maker. Safe to run at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        count = search.index(PledgeMaker.objects.order_by("pk").values_list("pk", flat=True))
        self.stdout.write(f"{count} Pledge Makers can be found by their names.")
