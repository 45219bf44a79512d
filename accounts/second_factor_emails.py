"""What people hear by mail about their own ways to sign in, so that a change that was not theirs is noticed."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from mail import outbox


def tell(*, user: User, what: str, now: datetime, name: str = "", left: int = 0) -> None:
    """`what` is one of: passkey_added, passkey_removed, codes_made, codes_low."""
    context = {"name": user.name, "what": what, "passkey": name, "left": left, "address": _account()}
    outbox.queue(to=user.email, to_name=user.name, kind="second_factor", template="second_factor", context=context,
                 now=now)  # fmt: skip


def tell_of_reset(*, user: User, by: User, now: datetime) -> None:
    """Both: whose second factor it was, and the administrator."""
    for reader in (user, by):
        context = {"reader": reader, "name": user.name, "by": by.name, "own": reader == user,
                   "address": settings.SITE_URL + reverse("account_login")}  # fmt: skip
        outbox.queue(to=reader.email, to_name=reader.name, kind="second_factor_reset", template="second_factor_reset",
                     context=context, now=now)  # fmt: skip


def _account() -> str:
    return settings.SITE_URL + reverse("account_home")
