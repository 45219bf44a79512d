"""Erasing an account in every room at once."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import erasing as accounts
from accounts.models import User
from accounts.permissions import can
from mail import erasing as mail
from signatories import erasing as signatories


def can_erase(by: User) -> bool:
    return can(by, "erase")


def check_can_erase(by: User) -> None:
    if not can_erase(by):
        raise PermissionDenied(_("Only an administrator can erase an account."))


@transaction.atomic
def erase_account(*, user: User, by: User | None, now: datetime) -> None:
    """Erases an account on request (`by` an administrator) or because nobody needs it (`by` is empty).

    Name and role of a signature stay, for a pledge that forgets who signed is none. Raises PermissionDenied,
    or accounts.erasing.CannotErase with a sentence."""
    if by is not None:
        check_can_erase(by)
    addresses = [user.email, *accounts.former_addresses(user)]
    signatories.let_go(user=user, now=now)
    accounts.erase(user=user, by=by, now=now)
    for address in addresses:
        mail.forget(address=address)


def erase_idle(*, since: datetime, now: datetime) -> int:
    """Erases accounts without any role since then. Returns how many."""
    idle = list(accounts.idle_since(since))
    for user in idle:
        erase_account(user=user, by=None, now=now)
    return len(idle)
