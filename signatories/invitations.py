"""Inviting somebody to act for a Pledge Maker, sending it again, taking it back. Accepting is in `accepting.py`.

The token stands in the mail only."""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts import audit, limits
from accounts.models import User
from accounts.people import spellings
from accounts.permissions import check_can_invite_leaders
from mail.erasing import REMOVED
from signatories import emails, pledge_makers
from signatories.access import membership_of
from signatories.memberships import hold_people, limit_of
from signatories.models import Invitation, Membership, Organisation, PledgeMaker, Role
from signatories.permissions import can_withdraw_invitation, check_can_invite, check_can_withdraw_invitation
from signatories.roles import RANK

GOOD_FOR = timedelta(days=14)


class NotOpen(Exception):
    """The invitation can no longer be accepted.

    `why`: unknown, accepted, expired, withdrawn, replaced by a newer one, or disabled."""

    def __init__(self, why: str, invitation: Invitation | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.invitation = invitation


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
    objectives: Iterable[int] = (),
) -> Invitation:
    """Mails an invitation that is good for 14 days; an open one to the same mailbox gives way to it.

    Who invites whom stands in `roles.py`. `objectives` limit a contributor. Raises PermissionDenied, limits.TooOften,
    or ValidationError when the person has this role or a wider one already, or is invited to one by somebody else."""
    _check_may_invite(by, pledge_maker, role)
    hold_people(pledge_maker)
    address = email.strip().lower()
    _check_is_wider(address, pledge_maker, role)
    limits.check_inside("invitation.mailed", key=f"{pledge_maker.pk}:{address}", by=by, now=now)
    _make_way(address, pledge_maker, by, now)
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        pledge_maker=pledge_maker,
        email=address,
        name=name.strip(),
        role=role,
        role_title=role_title.strip(),
        organisation=organisation,
        objectives=limit_of(role, objectives),
        token_hash=token_hash(token),
        invited_by=by,
        created_at=now,
        expires_at=now + GOOD_FOR,
    )
    audit.record(
        action="invitation.sent", by=by, now=now, about=invitation, role=str(role), pledge_maker=pledge_maker.pk
    )
    emails.send_invitation(invitation=invitation, token=token, now=now)
    return invitation


@transaction.atomic
def resend(*, invitation: Invitation, by: User, now: datetime) -> Invitation:
    """Mails a new link that is good for 14 days anew, also after it ran out; the link before stops working.

    Raises PermissionDenied, limits.TooOften, or NotOpen when it was accepted, withdrawn or replaced, or when nobody
    knows any more to whom it went."""
    hold_people(invitation.pledge_maker)
    old = Invitation.objects.select_related("pledge_maker", "organisation").get(pk=invitation.pk)
    if old.accepted_at or old.withdrawn_at:
        raise NotOpen(why_not_open(old, now), old)
    if old.email == REMOVED:
        raise NotOpen("expired", old)
    return invite(
        pledge_maker=old.pledge_maker,
        email=old.email,
        name=old.name,
        role=old.role,
        role_title=old.role_title,
        organisation=old.organisation,
        objectives=old.objectives,
        by=by,
        now=now,
    )


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
    role: str = Role.LEADER,
) -> Invitation:
    """Invites the first leader (or with `role` the first coordinator) of the Pledge Maker of exactly these
    organisations, which is made when there is none.

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
        role=role,
        role_title=role_title if role == Role.LEADER else "",
        organisation=organisations[0] if role == Role.LEADER else None,
        by=by,
        now=now,
    )


def _hold(organisations: Sequence[Organisation]) -> None:
    """Two invitations for the same organisations at once make one Pledge Maker: the second waits and finds it."""
    rows = Organisation.objects.select_for_update(no_key=True).filter(pk__in=[row.pk for row in organisations])
    list(rows.order_by("pk").values_list("pk"))


def _check_may_invite(by: User, pledge_maker: PledgeMaker, role: str) -> None:
    check_can_invite(by, membership_of(by, pledge_maker), role)


def _check_is_wider(address: str, pledge_maker: PledgeMaker, role: str) -> None:
    here = Membership.objects.filter(spellings(address, "user__email"), pledge_maker=pledge_maker, ended_at=None)
    for has in here:
        if RANK[has.role] >= RANK[role]:
            sentence = _("This person is already a %(role)s of %(pledge_maker)s.")
            raise ValidationError(
                sentence % {"role": has.get_role_display().lower(), "pledge_maker": pledge_maker.name}
            )


def _make_way(address: str, pledge_maker: PledgeMaker, by: User, now: datetime) -> None:
    """Withdraws what is open to the same mailbox. Nobody takes away so what they could not withdraw: a leader whom the
    team invited would else become a reader by a coordinator's hand. Such a one stays, also when it has run out."""
    own, ours = membership_of(by, pledge_maker), []
    for row in _open(pledge_maker, address).select_related("invited_by"):
        if can_withdraw_invitation(by, own, row):
            ours.append(row.pk)
        elif row.expires_at > now:
            said = _("This person is invited as a %(role)s already, by %(name)s. Wait until they have accepted.")
            raise ValidationError(said % {"role": row.get_role_display().lower(), "name": row.invited_by.name})
    Invitation.objects.filter(pk__in=ours).update(withdrawn_at=now)


def _open(pledge_maker: PledgeMaker, address: str) -> models.QuerySet[Invitation]:
    rows = Invitation.objects.filter(pledge_maker=pledge_maker, accepted_at=None, withdrawn_at=None)
    return rows.filter(spellings(address))


def waiting(pledge_maker: PledgeMaker) -> models.QuerySet[Invitation]:
    """Neither accepted nor withdrawn, oldest first; those that have run out too, because they can be sent again."""
    rows = pledge_maker.invitations.filter(accepted_at=None, withdrawn_at=None).exclude(email=REMOVED)
    return rows.select_related("invited_by").order_by("created_at", "pk")


def open_for(pledge_maker: PledgeMaker, *, now: datetime) -> models.QuerySet[Invitation]:
    """Invitations that can still be accepted, oldest first."""
    return waiting(pledge_maker).filter(expires_at__gt=now)


@transaction.atomic
def withdraw(*, invitation: Invitation, by: User, now: datetime) -> bool:
    """Takes an open invitation back. Returns False when it was accepted or withdrawn before."""
    check_can_withdraw_invitation(by, membership_of(by, invitation.pledge_maker), invitation)
    rows = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None)
    if not rows.update(withdrawn_at=now):
        return False
    audit.record(action="invitation.withdrawn", by=by, now=now, about=invitation)
    return True


def find(*, token: str, now: datetime) -> Invitation:
    """The open invitation of this token; changes nothing. Raises NotOpen, with the reason."""
    rows = Invitation.objects.select_related("pledge_maker", "invited_by", "organisation")
    invitation = rows.filter(token_hash=token_hash(token)).first()
    if why := why_not_open(invitation, now):
        raise NotOpen(why, invitation)
    assert invitation is not None
    return invitation


def why_not_open(invitation: Invitation | None, now: datetime) -> str:
    """As in NotOpen; empty while it can be accepted."""
    if invitation is None:
        return "unknown"
    if invitation.accepted_at:
        return "accepted"
    if invitation.withdrawn_at:
        return "replaced" if _newer(invitation) else "withdrawn"
    if invitation.expires_at <= now:
        return "expired"
    return ""


def _newer(invitation: Invitation) -> bool:
    """Whether a link was sent after this one, to the same mailbox for the same Pledge Maker."""
    later = invitation.pledge_maker.invitations.filter(spellings(invitation.email), pk__gt=invitation.pk)
    return later.exists()
