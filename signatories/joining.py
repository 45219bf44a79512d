"""What applications and supporters have in common: how many may come, and how soon we answer.

The limit for a network address is loose, because a whole trust may stand behind one."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from accounts import limits
from signatories.models import PledgeWording

# What the public page promises, and what the team's list counts down to.
ANSWER_WITHIN = timedelta(days=14)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
A_DAY_FROM_ONE_ADDRESS = 10
AN_HOUR_FROM_EVERYBODY = 300


class TooMany(ValidationError):
    """More came than we take. The sentence says when and where else; `seconds` is for Retry-After."""

    def __init__(self, sentence: str, *, seconds: float) -> None:
        super().__init__(sentence)
        self.seconds = int(seconds)


def check_network(network: str, *, now: datetime) -> None:
    """Counts one form from this network address. Raises TooMany long after a whole trust would have had its turn."""
    try:
        limits.check("joining.sent.network", key=network, now=now)
    except limits.TooOften as refusal:
        raise TooMany(str(refusal), seconds=refusal.seconds) from None


def take_turns() -> None:
    """Whoever joins waits here for whoever came before, so that counting and adding are one act.

    Needs a transaction. The row is only a thing to hold; SQLite has one writer at a time anyway."""
    PledgeWording.objects.select_for_update(no_key=True).order_by("effective_on").first()


def check_not_too_many(came: models.QuerySet, *, from_address: Q, now: datetime) -> None:
    """Raises TooMany when too many of the rows `came` within the hour, or within a day from one address.

    Hand in those that look automatic apart from the others: a robot must not shut people out."""
    counts = came.filter(created_at__gt=now - DAY).aggregate(
        from_address=Count("pk", filter=from_address),
        of_the_hour=Count("pk", filter=Q(created_at__gt=now - HOUR)),
    )
    if counts["from_address"] >= A_DAY_FROM_ONE_ADDRESS:
        raise TooMany(_from_one_address(), seconds=DAY.total_seconds())
    if counts["of_the_hour"] >= AN_HOUR_FROM_EVERYBODY:
        raise TooMany(from_everybody(), seconds=HOUR.total_seconds())


def _from_one_address() -> str:
    sentence = _("We have had %(count)s from this address within a day. Try again tomorrow, or write to %(contact)s.")
    return sentence % {"count": A_DAY_FROM_ONE_ADDRESS, "contact": settings.CONTACT_EMAIL}


def from_everybody() -> str:
    sentence = _("Too many people are writing to us at once. Try again in an hour, or write to %(contact)s.")
    return sentence % {"contact": settings.CONTACT_EMAIL}
