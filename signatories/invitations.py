"""Inviting somebody to act for a Pledge Maker, and accepting. The token stands in the mail only."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.people import account_for
from accounts.permissions import check_can_invite_leaders
from signatories import emails, pledge_makers
from signatories.access import membership_of
from signatories.models import Invitation, Leader, Membership, Organisation, PledgeMaker, Role
from signatories.permissions import check_can_invite

GOOD_FOR = timedelta(days=14)
# An invitation can widen what somebody may do, never narrow it.
RANK = {Role.READER: 0, Role.CONTRIBUTOR: 1, Role.COORDINATOR: 2, Role.LEADER: 3}


class NotOpen(Exception):
    """The invitation can no longer be accepted. `why`: unknown, accepted, expired, withdrawn or disabled."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def invite(
    *,
    pledge_maker: PledgeMaker,
    email: str,
    name: str,
    role: str,
    by: User,
    now: datetime,
    role_title: str = "",
    organisation: Organisation | None = None,
) -> Invitation:
    """Mails an invitation that is good for 14 days; an open one to the same address is withdrawn.

    Staff invite leaders (with their `role_title`), members invite the roles below theirs. Raises
    PermissionDenied, or ValidationError when the person has this role or a wider one already."""
    _check_may_invite(by, pledge_maker, role)
    address = email.strip().lower()
    _check_is_wider(address, pledge_maker, role)
    _open(pledge_maker, address).update(withdrawn_at=now)
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        pledge_maker=pledge_maker,
        email=address,
        name=name.strip(),
        role=role,
        role_title=role_title.strip(),
        organisation=organisation,
        token_hash=token_hash(token),
        invited_by=by,
        created_at=now,
        expires_at=now + GOOD_FOR,
    )
    audit.record(action="invitation.sent", by=by, now=now, about=invitation, role=str(role))
    emails.send_invitation(invitation=invitation, token=token, now=now)
    return invitation


@transaction.atomic
def invite_leader(
    *,
    organisations: Sequence[Organisation],
    pledge_maker_name: str,
    name: str,
    email: str,
    role_title: str,
    by: User,
    now: datetime,
) -> Invitation:
    """Invites a leader for the Pledge Maker of exactly these organisations, which is made when there is none.

    The first organisation is the leader's own. Without a name one organisation gives its own."""
    check_can_invite_leaders(by)
    _hold(organisations)
    found = pledge_makers.of(organisations)
    own_name = pledge_maker_name.strip() or organisations[0].name
    pledge_maker = found or pledge_makers.create(name=own_name, organisations=organisations, by=by, now=now)
    return invite(
        pledge_maker=pledge_maker,
        email=email,
        name=name,
        role=Role.LEADER,
        role_title=role_title,
        organisation=organisations[0],
        by=by,
        now=now,
    )


def _hold(organisations: Sequence[Organisation]) -> None:
    """Two invitations for the same organisations at once make one Pledge Maker: the second waits and finds it."""
    rows = Organisation.objects.select_for_update(no_key=True).filter(pk__in=[row.pk for row in organisations])
    list(rows.order_by("pk").values_list("pk"))


def _check_may_invite(by: User, pledge_maker: PledgeMaker, role: str) -> None:
    if role == Role.LEADER:
        check_can_invite_leaders(by)
    else:
        check_can_invite(membership_of(by, pledge_maker), role)


def _check_is_wider(address: str, pledge_maker: PledgeMaker, role: str) -> None:
    has = Membership.objects.filter(user__email=address, pledge_maker=pledge_maker, ended_at=None).first()
    if has and RANK[Role(has.role)] >= RANK[Role(role)]:
        sentence = _("This person is already a %(role)s of %(pledge_maker)s.")
        raise ValidationError(sentence % {"role": has.get_role_display().lower(), "pledge_maker": pledge_maker.name})


def _open(pledge_maker: PledgeMaker, address: str) -> models.QuerySet[Invitation]:
    return Invitation.objects.filter(pledge_maker=pledge_maker, email=address, accepted_at=None, withdrawn_at=None)


def open_for(pledge_maker: PledgeMaker, *, now: datetime) -> models.QuerySet[Invitation]:
    """Invitations that can still be accepted, oldest first."""
    rows = pledge_maker.invitations.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=now)
    return rows.select_related("invited_by").order_by("created_at", "pk")


@transaction.atomic
def withdraw(*, invitation: Invitation, by: User, now: datetime) -> bool:
    """Takes an open invitation back. Returns False when it was accepted or withdrawn before."""
    _check_may_invite(by, invitation.pledge_maker, invitation.role)
    rows = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None)
    if not rows.update(withdrawn_at=now):
        return False
    audit.record(action="invitation.withdrawn", by=by, now=now, about=invitation)
    return True


def find(*, token: str, now: datetime) -> Invitation:
    """The open invitation of this token; changes nothing. Raises NotOpen, with the reason."""
    rows = Invitation.objects.select_related("pledge_maker", "invited_by", "organisation")
    invitation = rows.filter(token_hash=token_hash(token)).first()
    if why := _why_not_open(invitation, now):
        raise NotOpen(why)
    assert invitation is not None
    return invitation


def _why_not_open(invitation: Invitation | None, now: datetime) -> str:
    if invitation is None:
        return "unknown"
    if invitation.accepted_at:
        return "accepted"
    if invitation.withdrawn_at:
        return "withdrawn"
    if invitation.expires_at <= now:
        return "expired"
    return ""


@transaction.atomic
def accept(*, token: str, now: datetime) -> Membership:
    """Makes the account (or finds it), the membership and, for a leader, the Leader row. Does not sign in.

    Whoever holds the token may accept, because only the mail has it. Raises NotOpen; a second press gets
    NotOpen("accepted") and changes nothing."""
    return accept_found(invitation=find(token=token, now=now), now=now)


@transaction.atomic
def accept_found(*, invitation: Invitation, now: datetime) -> Membership:
    """Accepts an invitation that was looked up already (by `accept`, by the demonstration)."""
    user = account_for(email=invitation.email, name=invitation.name)
    if not user.is_active:
        raise NotOpen("disabled")
    rows = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None, expires_at__gt=now)
    if not rows.update(accepted_at=now, accepted_by=user):
        raise NotOpen(_why_not_open(Invitation.objects.get(pk=invitation.pk), now) or "accepted")
    membership = _join(user, invitation, now)
    audit.record(action="invitation.accepted", by=user, now=now, about=invitation, role=membership.role)
    return membership


def _join(user: User, invitation: Invitation, now: datetime) -> Membership:
    """The wider of the role that the person has and the one offered; what ends stays as history."""
    has = Membership.objects.filter(user=user, pledge_maker=invitation.pledge_maker, ended_at=None).first()
    if has and RANK[Role(has.role)] >= RANK[Role(invitation.role)]:
        return has
    if has:
        Membership.objects.filter(pk=has.pk, ended_at=None).update(ended_at=now)
    if invitation.role == Role.LEADER:
        _make_leader(user, invitation, now)
    return Membership.objects.create(user=user, pledge_maker=invitation.pledge_maker, role=invitation.role, since=now)


def _make_leader(user: User, invitation: Invitation, now: datetime) -> None:
    Leader.objects.get_or_create(
        pledge_maker=invitation.pledge_maker,
        user=user,
        until_on=None,
        defaults={
            "organisation": invitation.organisation,
            "name": user.name,
            "role_title": invitation.role_title,
            "from_on": timezone.localdate(now),
        },
    )
