import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.application_role import CannotGrant, grant


class Command(BaseCommand):
    help = (
        "Makes the PostgreSQL role with which web, worker and beat run, or brings its rights up to date: everything "
        "but changing the audit trail. Run it as the owner of the tables, after each migration. "
        "APPLICATION_ROLE_PASSWORD, when set, becomes its password."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the role, for example pledge_application")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            grant(name=options["name"], password=os.environ.get("APPLICATION_ROLE_PASSWORD", ""))
        except CannotGrant as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{options['name']} may do all that the site does, and only read and add to the audit trail.")
