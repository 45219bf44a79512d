"""What the end of a leader's term means for updates: what was signed stays, what waits goes on waiting.

An update that waits for a signature is not sent back: nothing in it is wrong. Another leader, or the next one, signs
it; while nobody can, whoever writes may take it back.
"""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from progress_updates.models import ProgressUpdate, State
from signatories import terms
from signatories.access import membership_of
from signatories.models import Leader, PledgeMaker
from signatories.permissions import check_can_end_term
from signatories.terms import Successor


@transaction.atomic
def end_term(*, leader: Leader, until_on: date, by: User, now: datetime, successor: Successor | None = None) -> Leader:
    """Ends the term as `signatories.terms.end_term`; everybody hears which updates wait for the next leader.

    Raises Refused, also when the leader signed an update after that day."""
    check_can_end_term(by, membership_of(by, leader.pledge_maker), leader)
    Leader.objects.filter(pk=leader.pk).hold()
    _check_signed_before(leader, until_on)
    unsigned = [] if _another_can_sign(leader, until_on, now) else _waiting_for_a_signature(leader.pledge_maker)
    return terms.end_term(leader=leader, until_on=until_on, by=by, now=now, unsigned=unsigned, successor=successor)


def _check_signed_before(leader: Leader, until_on: date) -> None:
    signed = ProgressUpdate.objects.filter(signed_by=leader, signed_at__isnull=False).order_by("-signed_at")
    terms.check_signed_before(leader, signed.values_list("signed_at", flat=True).first(), until_on)


def _another_can_sign(leader: Leader, until_on: date, now: datetime) -> bool:
    day = max(until_on, timezone.localdate(now))
    others = Leader.objects.on(day).filter(pledge_maker=leader.pledge_maker_id, until_on=None, user__is_active=True)
    return others.exclude(pk=leader.pk).exists()


def _waiting_for_a_signature(maker: PledgeMaker) -> list[str]:
    waiting = ProgressUpdate.objects.filter(entry__pledge_maker=maker, state=State.AWAITING_SIGN_OFF)
    return list(waiting.order_by("entry__round__due_at").values_list("entry__round__label", flat=True))
