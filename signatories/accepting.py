"""Accepting an invitation: whose account it is for, and what they may do from then on."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from accounts.people import account_for, known_as
from signatories import role_emails
from signatories.invitations import NotOpen, find, why_not_open
from signatories.memberships import hold_people
from signatories.models import Invitation, Leader, Membership, Role
from signatories.roles import RANK


@transaction.atomic
def accept(*, token: str, now: datetime, as_user: User | None = None) -> Membership:
    """Makes the account (or finds it), the membership and, for a leader, the Leader row. Does not sign in.

    Whoever holds the token may accept, because only the mail has it; `as_user`, who is signed in, with an account of
    another address. Those in charge, and who invited, are told. Raises NotOpen; a second press gets
    NotOpen("accepted") and changes nothing."""
    invitation = find(token=token, now=now)
    membership = accept_found(invitation=invitation, now=now, as_user=as_user)
    if membership.since == now:
        role_emails.tell_of_joining(membership=membership, invitation=invitation, now=now)
    return membership


@transaction.atomic
def accept_found(*, invitation: Invitation, now: datetime, as_user: User | None = None) -> Membership:
    """Accepts an invitation that was looked up already (by `accept`, by the demonstration, which tells nobody)."""
    hold_people(invitation.pledge_maker)
    user = as_user or account_of(invitation) or account_for(email=invitation.email, name=invitation.name)
    if not user.is_active:
        raise NotOpen("disabled", invitation)
    rows = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None, expires_at__gt=now)
    if not rows.update(accepted_at=now, accepted_by=user):
        now_so = Invitation.objects.select_related("pledge_maker", "invited_by").get(pk=invitation.pk)
        raise NotOpen(why_not_open(now_so, now) or "accepted", now_so)
    membership = _join(user, invitation, now)
    audit.record(
        action="invitation.accepted",
        by=user,
        now=now,
        about=invitation,
        after={"role": membership.role, "objectives": membership.objectives},
        role=membership.role,
        pledge_maker=invitation.pledge_maker_id,
    )
    return membership


def account_of(invitation: Invitation) -> User | None:
    """The account that an invitation is for: of its address, or else of the same mailbox under another plus-tag.

    The second kind gains nothing for whoever holds the link: signing in takes a code that goes to the account's own
    address, and the spelling that was invited does not become one of its addresses."""
    return known_as(invitation.email)


def _join(user: User, invitation: Invitation, now: datetime) -> Membership:
    """The wider of the role that the person has and the one offered; what ends stays as history."""
    has = Membership.objects.filter(user=user, pledge_maker=invitation.pledge_maker, ended_at=None).first()
    if has and RANK[has.role] >= RANK[invitation.role]:
        return has
    if has:
        Membership.objects.filter(pk=has.pk, ended_at=None).update(ended_at=now)
    if invitation.role == Role.LEADER:
        _make_leader(user, invitation, now)
    return Membership.objects.create(
        user=user,
        pledge_maker=invitation.pledge_maker,
        role=invitation.role,
        objectives=invitation.objectives,
        since=now,
    )


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
