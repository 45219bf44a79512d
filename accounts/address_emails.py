"""What is mailed when somebody changes their address. No mail holds a link that acts.

The first two go to a mailbox that nobody has proved: they hold no word that a person could choose, not even a name."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from accounts import codes
from accounts.models import User
from mail import outbox
from mail.outbox import Draft


def send_code(*, email: str, code: str, now: datetime) -> None:
    outbox.queue(
        to=email,
        # A code leaves even while mail is on hold, whatever it is for.
        kind="sign_in_code",
        template="address_code",
        context={"code": code},
        now=now,
        useful_until=now + codes.GOOD_FOR,
        secret=True,
    )


def tell_of_attempt(*, email: str, now: datetime) -> None:
    """To whoever has this address already: a person with two accounts would otherwise wait for a code for ever."""
    outbox.queue(
        to=email,
        kind="address_taken",
        template="address_taken",
        context={"contact": settings.CONTACT_EMAIL},
        now=now,
        useful_until=now + codes.GOOD_FOR,
        secret=True,
    )


def tell_of_giving_back(*, user: User, old: str, now: datetime) -> None:
    """The owner, and whoever had the account meanwhile."""
    sign_in = settings.SITE_URL + reverse("account_login")
    about = {"name": user.name, "at": now, "contact": settings.CONTACT_EMAIL, "address": sign_in}
    outbox.queue_many(
        [
            Draft(user.email, "address_given_back", "address_given_back", about, user.name),
            Draft(old, "address_taken_back", "address_taken_back", about),
        ],
        now=now,
    )


def tell_both(*, user: User, old: str, now: datetime) -> None:
    """The old address hears what to do if it was not them; the new one, that it counts from now on."""
    about = {"name": user.name, "at": now, "contact": settings.CONTACT_EMAIL}
    sign_in = settings.SITE_URL + reverse("account_login")
    outbox.queue_many(
        [
            Draft(old, "address_changed_old", "address_changed_old", about, user.name),
            Draft(user.email, "address_changed", "address_changed", about | {"address": sign_in}, user.name),
        ],
        now=now,
    )
