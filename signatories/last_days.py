"""A last day of a leader that lies ahead: it takes effect by itself once it is over, or is withdrawn before that."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from signatories import term_emails, terms
from signatories.access import membership_of
from signatories.changes import Refused
from signatories.memberships import hold_people
from signatories.models import Leader, Membership, Role
from signatories.permissions import check_can_end_term


@transaction.atomic
def withdraw(*, leader: Leader, by: User, now: datetime) -> Leader:
    """The leader stays: the day that was entered no longer counts. Whoever was told of it is told of this too.

    Raises Refused where no day is entered, once it has come, and where a newer term of theirs has begun."""
    check_can_end_term(by, membership_of(by, leader.pledge_maker), leader)
    held = terms.hold(leader)
    hold_people(held.pledge_maker)
    last_day = _day_ahead(held, timezone.localdate(now))
    _check_has_no_newer_term(held)
    Leader.objects.filter(pk=held.pk).update(until_on=None)
    held.until_on = leader.until_on = None
    days: dict[str, Any] = {"before": {"until_on": last_day.isoformat()}, "after": {"until_on": None}}
    event = audit.record(action="leader.stays", by=by, now=now, about=held, **days)
    term_emails.tell_of_staying(leader=held, by=by, event=event.pk, last_day=last_day, now=now)
    return held


def _day_ahead(leader: Leader, today: date) -> date:
    if leader.until_on is None:
        raise Refused(_("No last day is entered for this leader."))
    if leader.until_on <= today:
        raise Refused(_("This leader has left already."))
    return leader.until_on


def _check_has_no_newer_term(leader: Leader) -> None:
    """Somebody leads a Pledge Maker once. Invited again before the last day, they have a term that goes on anyway."""
    mine = Leader.objects.filter(pledge_maker=leader.pledge_maker_id, user=leader.user_id, until_on=None)
    if leader.user_id and mine.exists():
        raise Refused(_("They have a newer term as a leader, which goes on after that day."))


def end_due(*, now: datetime) -> int:
    """Ends what leaders may do whose last day is over. Returns how many; safe to run twice.

    Signing is refused from the first minute of the next day, whether or not this has run."""
    today = timezone.localdate(now)
    theirs = {"user": OuterRef("user"), "pledge_maker": OuterRef("pledge_maker")}
    over = Exists(Leader.objects.filter(until_on__lt=today, **theirs))
    leading = Exists(Leader.objects.on(today).filter(**theirs))
    rows = Membership.objects.filter(over, ~leading, role=Role.LEADER, ended_at=None)
    return sum(_end_now(membership, now) for membership in rows.order_by("pk"))


@transaction.atomic
def _end_now(membership: Membership, now: datetime) -> bool:
    """Looks once more at the terms, held: a last day may have been withdrawn in the last second before midnight."""
    theirs = Leader.objects.filter(user=membership.user_id, pledge_maker=membership.pledge_maker_id)
    theirs.hold()
    if theirs.on(timezone.localdate(now)).exists():
        return False
    if not Membership.objects.filter(pk=membership.pk, ended_at=None).update(ended_at=now):
        return False
    gone = {"before": {"role": membership.role}, "after": {"role": ""}}
    audit.record(action="membership.term_over", by=None, now=now, about=membership, **gone)
    return True
