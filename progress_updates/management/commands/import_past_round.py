"""manage.py import_past_round ROUND FOLDER_OR_CSV --by ADDRESS: see docs/past-rounds.md."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import User
from progress_updates import past_round_import
from progress_updates.models import Round
from progress_updates.permissions import NotAllowed
from signatories.organisation_file import BadFile


class Command(BaseCommand):
    help = "Enters the updates of a past round from a CSV file and the documents beside it, all or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("round", help="the last part of the round's address; make it on the staff pages first")
        parser.add_argument("source", type=Path, help="a CSV file, or a folder with one CSV file and the documents")
        parser.add_argument("--by", required=True, help="the e-mail address of the member of the Synergi team")

    def handle(self, *args: Any, round: str, source: Path, by: str, **options: Any) -> None:
        try:
            outcome = self._import(round, source, by)
        except (Round.DoesNotExist, User.DoesNotExist) as missing:
            raise CommandError(str(missing)) from None
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}.") from None
        except NotAllowed as refusal:
            raise CommandError(str(refusal)) from None
        except BadFile as bad:
            for problem in bad.problems:
                self.stderr.write(problem)
            raise CommandError(f"Nothing was changed: {len(bad.problems)} problem(s).") from None
        self.stdout.write(f"{outcome.entered} entered, {outcome.submitted} of them submitted with a signed document.")

    def _import(self, round_slug: str, source: Path, by: str) -> past_round_import.Outcome:
        table = _table_of(source)
        beside = source.iterdir() if source.is_dir() else ()
        files = {path.name: path.read_bytes() for path in beside if path.is_file() and path != table}
        return past_round_import.import_file(
            round_=Round.objects.get(slug=round_slug),
            content=table.read_bytes(),
            name=table.name,
            files=files,
            by=User.objects.get(email__iexact=by),
            now=timezone.now(),
        )


def _table_of(source: Path) -> Path:
    if not source.is_dir():
        return source
    tables = sorted(source.glob("*.csv"))
    if len(tables) != 1:
        raise CommandError(f"{source}: {len(tables)} CSV files instead of one.")
    return tables[0]
