"""People: the accounts that invitations make, and which account an address belongs to."""

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import models, transaction

from accounts.models import SynergiRole, User


@transaction.atomic
def account_for(*, email: str, name: str) -> User:
    """The account with this address, made when there is none. The address counts as verified, because the
    person answered a mail that was sent to it; without that, the first sign-in would ask to confirm it.

    A name that the person already has is kept. Safe when called twice at once."""
    address = email.strip().lower()
    user, _created = User.objects.get_or_create(email=address, defaults={"name": name, "password": make_password(None)})
    EmailAddress.objects.get_or_create(user=user, email=address, defaults={"verified": True, "primary": True})
    return user


def known_as(email: str) -> User | None:
    """The account of this mailbox: of this very address, else the only one that differs in a plus-tag."""
    address = email.strip().lower()
    found = list(User.objects.filter(spellings(address)).order_by("pk"))
    exact = next((user for user in found if user.email == address), None)
    return exact or (found[0] if len(found) == 1 else None)


def spellings(email: str, field: str = "email") -> models.Q:
    """Rows whose address is this one, but for capital letters and what follows a plus sign: the same mailbox.

    For columns that are kept in lower case."""
    name, _at, domain = email.strip().lower().rpartition("@")
    plain = name.partition("+")[0] or name
    tagged = models.Q(**{f"{field}__startswith": f"{plain}+", f"{field}__endswith": f"@{domain}"})
    return models.Q(**{field: f"{plain}@{domain}"}) | tagged


def publishers() -> models.QuerySet[User]:
    """Those of the Synergi team who publish."""
    return User.objects.filter(is_active=True, synergi_role=SynergiRole.PUBLISHER).order_by("pk")
