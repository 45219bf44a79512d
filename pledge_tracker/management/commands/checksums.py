"""`manage.py checksums`: what the site holds, as JSON; scripts/backup and scripts/restore compare it."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from pledge_tracker import checksums


class Command(BaseCommand):
    help = "Prints row counts and checksums of every table, of the signed records and of the files, as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--of-one-moment",
            action="store_true",
            help="print first the name of a PostgreSQL snapshot for pg_dump, then wait for the end of the input",
        )

    @transaction.atomic
    def handle(self, *args: Any, of_one_moment: bool, **options: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError("Checksums are of PostgreSQL databases.")
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            if of_one_moment:
                cursor.execute("SELECT pg_export_snapshot()")
                self.stdout.write(cursor.fetchone()[0])
                self.stdout.flush()
                sys.stdin.read()
        self.stdout.write(json.dumps(checksums.of_everything(), indent=1))
