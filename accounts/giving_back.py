"""Giving an account back to whoever had it before somebody else changed its address."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import address_emails, addresses, audit, open_sessions
from accounts.models import AddressChange, User
from accounts.permissions import check_can_give_back


def changes_of(user: User) -> list[AddressChange]:
    """Each change that was made, the newest first, but those from the address that the account has now."""
    made = AddressChange.objects.filter(user=user, confirmed_at__isnull=False).exclude(old_email=user.email)
    return list(made.order_by("-confirmed_at", "-pk"))


@transaction.atomic
def give_back(*, change: AddressChange, by: User, now: datetime) -> None:
    """The account has the address again that it had before this change. Every session ends, and passkeys and recovery
    codes go, for whoever had it meanwhile may have added their own. Both addresses are told.

    Raises PermissionDenied, or addresses.NotChanged when somebody else has that address by now."""
    user = User.objects.get(pk=change.user_id)
    check_can_give_back(by, user)
    old, new = user.email, change.old_email
    if old == new:
        raise addresses.NotChanged(_("The account has this address already. Nothing was changed."))
    addresses.move(user=user, old=old, new=new, now=now)
    row = AddressChange.objects.create(user=user, old_email=old, new_email=new, asked_at=now, confirmed_at=now)
    Authenticator.objects.filter(user=user).delete()
    open_sessions.end_all(user=user)
    audit.record(action="address.given_back", by=by, about=user, now=now, after={"address_change": row.pk})
    address_emails.tell_of_giving_back(user=user, old=old, now=now)
