"""manage.py add_staff EMAIL --name NAME --role ROLE: how the first of the Synergi team gets in."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.utils import timezone

from accounts import team
from accounts.models import SynergiRole

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
        address, said = email.strip().lower(), "is now"
        try:
            team.add(email=address, name=name, role=role, by=None, now=timezone.now())
        except team.HasRoleAlready:
            said = "was already"
        except team.RoleRefused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{address} {said} {SynergiRole(role).label.lower()}.")
