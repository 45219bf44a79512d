"""manage.py import_organisations [FILE.csv]: see signatories/organisation_file.py and docs/organisations.md."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from signatories import importing
from signatories.organisation_file import BadFile

OWN_FILE = Path(importing.__file__).parent / "data" / "organisations.csv"


class Command(BaseCommand):
    help = "Imports organisations from a CSV file, all or nothing; without a file, the trusts and boards we know."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=OWN_FILE)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            outcome = importing.import_file(path=file, by=None, now=timezone.now())
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}.") from None
        except BadFile as bad:
            for problem in bad.problems:
                self.stderr.write(problem)
            raise CommandError(f"Nothing was changed: {len(bad.problems)} problem(s).") from None
        self.stdout.write(f"{outcome.new} new, {outcome.changed} changed, {outcome.as_before} as before.")
