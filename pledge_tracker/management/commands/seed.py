"""Fictional data: the demonstration, or as many Pledge Makers and rounds as a measurement needs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from pledge_tracker.seeding import bulk, demo
from progress_updates.models import ProgressUpdate, Round
from signatories.models import PledgeMaker


class Command(BaseCommand):
    help = "Fills an empty database with invented Pledge Makers, rounds and updates."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="the demonstration's Pledge Makers and people")
        parser.add_argument("--pledge-makers", type=int, default=100, metavar="N")
        parser.add_argument("--rounds", type=int, default=3, metavar="M", help="the last one is open")
        parser.add_argument("--seed", type=int, default=2020, help="another number gives other data")

    def handle(self, *args: Any, **options: Any) -> None:
        if PledgeMaker.objects.exists() or Round.objects.exists():
            raise CommandError("Invented data goes into an empty database. This one has Pledge Makers or rounds.")
        if options["pledge_makers"] < 0 or options["rounds"] < 0:
            raise CommandError("--pledge-makers and --rounds cannot be negative.")
        now = timezone.now()
        if options["demo"]:
            demo.fill(now=now, seed=options["seed"])
        else:
            bulk.fill(
                makers=options["pledge_makers"], rounds=options["rounds"], now=now, seed=options["seed"], say=self._say
            )
        self._say(
            f"{PledgeMaker.objects.count()} Pledge Makers, {Round.objects.count()} rounds, "
            f"{ProgressUpdate.objects.count()} updates. All of it is invented."
        )

    def _say(self, words: str) -> None:
        self.stdout.write(words)
