"""manage.py add_staff EMAIL --name NAME --role ROLE: how the first of the Synergi team gets in."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.utils import timezone

from accounts.models import SynergiRole
from accounts.people import add_staff

ROLES = [role for role in SynergiRole.values if role]


class Command(BaseCommand):
    help = "Gives somebody an account and a role in the Synergi team. Safe to run twice."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", required=True)
        parser.add_argument("--role", required=True, choices=ROLES)

    def handle(self, *args: Any, email: str, name: str, role: str, **options: Any) -> None:
        try:
            validate_email(email.strip())
        except ValidationError:
            raise CommandError(f"Not an e-mail address: {email}") from None
        user, changed = add_staff(email=email, name=name, role=SynergiRole(role), by=None, now=timezone.now())
        said = "is now" if changed else "was already"
        self.stdout.write(f"{user.email} {said} {user.get_synergi_role_display().lower()}.")
