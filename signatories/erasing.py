"""What a Pledge Maker keeps of a person who is erased: the signature with its name, and nothing to reach them by."""

from datetime import date, datetime

from django.db import models, transaction
from django.db.models import Q, Value
from django.db.models.functions import Greatest, Lower
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from mail.erasing import REMOVED
from signatories import supporters
from signatories.models import (
    Application,
    ApplicationState,
    Invitation,
    Leader,
    Membership,
    PledgeMaker,
    Supporter,
    SupporterState,
)


@transaction.atomic
def let_go(*, user: User, now: datetime) -> None:
    """Ends what somebody may do, and takes name and address off their invitations. Leaders stay by name."""
    _hold(user)
    Membership.objects.filter(user=user, ended_at=None).update(ended_at=now)
    _end_leadership(user, timezone.localdate(now))
    PledgeMaker.objects.filter(caseworker=user).update(caseworker=None)
    theirs = Invitation.objects.annotate(address=Lower("email")).filter(Q(accepted_by=user) | Q(address=user.email))
    theirs.filter(accepted_at=None, withdrawn_at=None).update(withdrawn_at=now)
    _blank_invitations(theirs)
    _forget_applications(Application.objects.filter(Q(contact_email=user.email) | Q(leader_email=user.email)))
    for supporter in Supporter.objects.filter(email__iexact=user.email):
        supporters.leave(supporter=supporter, now=now)


def _hold(user: User) -> None:
    """Nobody ends a term of theirs or gives them another role until this is done; locked in the order of other acts."""
    Leader.objects.filter(user=user).hold()
    theirs = Membership.objects.filter(user=user, ended_at=None).values("pledge_maker")
    list(PledgeMaker.objects.select_for_update(no_key=True).filter(pk__in=theirs).order_by("pk").values_list("pk"))


def _end_leadership(user: User, today: date) -> None:
    """Nobody leads whom we cannot reach. A term that has not begun ends as it begins."""
    leaders = Leader.objects.filter(user=user)
    to_come = Q(until_on=None) | Q(until_on__gt=today)
    leaders.filter(to_come).update(until_on=Greatest("from_on", Value(today)))
    leaders.update(user=None)


def forget_old_invitations(before: datetime) -> int:
    """Invitations that came to nothing. Returns how many were made anonymous."""
    old = Invitation.objects.filter(expires_at__lt=before, accepted_at=None)
    return _blank_invitations(old.exclude(email=REMOVED))


def _blank_invitations(invitations: models.QuerySet[Invitation]) -> int:
    return invitations.update(email=REMOVED, name=_("Erased account"))


def forget_old_applications(before: datetime) -> int:
    """People named in applications decided before: the organisation and the decision stay."""
    return _forget_applications(Application.objects.filter(decided_at__lt=before))


def _forget_applications(applications: models.QuerySet[Application]) -> int:
    """Only decided ones: one that waits still needs its people, and is decided within days."""
    decided = applications.exclude(state=ApplicationState.WAITING).exclude(contact_email=REMOVED)
    decided.exclude(decline_reason="").update(decline_reason="–")
    return decided.update(
        contact_name="", contact_email=REMOVED, leader_name="", leader_role_title="", leader_email=REMOVED, why=""
    )


def delete_declined_supporters(before: datetime) -> int:
    """Supporters that were declined. Returns how many were deleted."""
    return Supporter.objects.filter(state=SupporterState.DECLINED, decided_at__lt=before).delete()[0]
