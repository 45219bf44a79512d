"""People: the accounts that invitations make, and who is in the Synergi team."""

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


def publishers() -> models.QuerySet[User]:
    """Those of the Synergi team who publish."""
    return User.objects.filter(is_active=True, synergi_role=SynergiRole.PUBLISHER).order_by("pk")
