"""Recovery codes for the Synergi team of the demonstration: anybody may read them, so they exist nowhere else."""

import secrets
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt

from accounts import recovery_codes
from accounts.models import User
from pledge_tracker.demo_people import DEMO_PEOPLE, DemoPerson

# One for each sign-in: enough for days of playing. A real account has ten.
MADE, SHOWN = 100, 3


@dataclass(frozen=True)
class CodesOf:
    """The next codes that somebody of the team can use."""

    person: DemoPerson
    codes: list[str]


def give(user: User) -> None:
    """Codes from outside allauth's own ten; it takes them as those of another system."""
    codes = [encrypt(f"{secrets.randbelow(10**8):08}") for _number in range(MADE)]
    Authenticator.objects.create(user=user, type=recovery_codes.CODES, data={"migrated_codes": codes})


def of_the_team() -> list[CodesOf]:
    """One query. Who has none, or is no longer there, is left out."""
    people = {person.email: person for person in DEMO_PEOPLE}
    rows = Authenticator.objects.filter(type=recovery_codes.CODES, user__email__in=people).select_related("user")
    return [CodesOf(people[row.user.email], recovery_codes.in_groups(row)[:SHOWN]) for row in rows.order_by("pk")]


def beside_the_mail() -> dict[str, object]:
    """For the page of the mailbox."""
    return {"recovery_codes": of_the_team()}
