"""Leaders known from history: people who signed before Pledge Tracker, and have no account in it."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.permissions import check_can_invite_leaders
from signatories.models import Leader, Organisation, PledgeMaker


class LeaderRefused(Exception):
    """This leader cannot be added; the message is a sentence for people."""


@transaction.atomic
def add_from_history(
    *,
    pledge_maker: PledgeMaker,
    name: str,
    role_title: str,
    organisation: Organisation | None,
    from_on: date,
    until_on: date | None,
    by: User,
    now: datetime,
) -> Leader:
    """Adds somebody who led. Both days are included; without a last day they are in office still.

    Who has an account comes by an invitation, never by this.
    """
    check_can_invite_leaders(by)
    PledgeMaker.objects.select_for_update().get(pk=pledge_maker.pk)
    if from_on > timezone.localdate(now):
        raise LeaderRefused(_("The first day cannot be in the future."))
    if until_on and until_on < from_on:
        raise LeaderRefused(_("The last day must not be before the first day."))
    if _is_known(pledge_maker, name, from_on, until_on):
        raise LeaderRefused(_("This Pledge Maker has a leader of this name in that time already."))
    leader = Leader.objects.create(
        pledge_maker=pledge_maker,
        organisation=organisation,
        name=name,
        role_title=role_title,
        from_on=from_on,
        until_on=until_on,
    )
    audit.record(action="leader.added_from_history", by=by, about=leader, now=now)
    return leader


def _is_known(pledge_maker: PledgeMaker, name: str, from_on: date, until_on: date | None) -> bool:
    """Whether the two times touch: one person is not two leaders at once."""
    same = pledge_maker.leaders.filter(name__iexact=name)
    if until_on:
        same = same.filter(from_on__lte=until_on)
    return any(leader.until_on is None or leader.until_on >= from_on for leader in same)
