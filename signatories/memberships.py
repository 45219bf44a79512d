"""Changing who acts for a Pledge Maker: another role, an end, a limit to objectives. Each is told to those concerned.

The row of the Pledge Maker is held while its people change, so that two who go at once cannot both be the last.
Leaders come and go by their terms (`terms.py`), never by these acts."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from signatories import role_emails
from signatories.access import membership_of
from signatories.models import Invitation, Membership, PledgeMaker, Role
from signatories.permissions import check_can_change_role, check_can_end, check_can_limit
from signatories.statements import OBJECTIVE_NUMBERS


class Refused(Exception):
    """This cannot be done now; the message is a sentence for people."""


@transaction.atomic
def change_role(
    *, membership: Membership, role: str, by: User, now: datetime, objectives: Iterable[int] = ()
) -> Membership:
    """Gives a member another role; the one before ends and stays as history. `objectives` limit a contributor.

    Raises PermissionDenied, or Refused: a leader, the last coordinator, the same role, somebody was faster."""
    held = _hold(membership)
    _refuse_leaders(held, role)
    if held.role == role:
        raise Refused(_("%(name)s has this role already. Nothing was changed.") % {"name": held.user.name})
    check_can_change_role(by, membership_of(by, held.pledge_maker), held, role)
    check_has_successor(held, by=by, now=now)
    _close(held, by, now)
    after = Membership.objects.create(
        user=held.user, pledge_maker=held.pledge_maker, role=role, objectives=limit_of(role, objectives), since=now
    )
    _record("membership.role_changed", after, by, now, before=_state(held), after=_state(after))
    role_emails.tell_of_change(before=held, after=after, by=by, now=now)
    return after


@transaction.atomic
def end(*, membership: Membership, by: User, now: datetime) -> None:
    """Ends what somebody may do for a Pledge Maker; what they wrote and signed stays. Everybody may leave.

    Raises PermissionDenied, or Refused: a leader, the last coordinator, somebody was faster."""
    held = _hold(membership)
    _refuse_leaders(held)
    check_can_end(by, membership_of(by, held.pledge_maker), held)
    check_has_successor(held, by=by, now=now)
    _close(held, by, now)
    _record("membership.ended", held, by, now, before=_state(held), after={"role": ""})
    role_emails.tell_of_end(membership=held, by=by, now=now)


@transaction.atomic
def limit(*, membership: Membership, objectives: Iterable[int], by: User, now: datetime) -> Membership:
    """Limits a contributor to some objectives; none or all seven: they write the whole update again.

    Raises PermissionDenied, or Refused: no contributor, an unknown objective, the same limit, somebody was faster."""
    held = _hold(membership)
    check_can_limit(by, membership_of(by, held.pledge_maker), held)
    before, wanted = _state(held), limit_of(held.role, objectives)
    if held.objectives == wanted:
        raise Refused(_("%(name)s has this limit already. Nothing was changed.") % {"name": held.user.name})
    Membership.objects.filter(pk=held.pk, ended_at=None).update(objectives=wanted)
    held.objectives = wanted
    _record("membership.limited", held, by, now, before=before, after=_state(held))
    role_emails.tell_of_limit(membership=held, by=by, now=now)
    return held


def limit_of(role: str, objectives: Iterable[int]) -> list[int]:
    """The limit as it is kept: numbers in order, nothing for all. Raises Refused where there can be none."""
    wanted = sorted(set(objectives))
    if not set(wanted) <= set(OBJECTIVE_NUMBERS):
        raise Refused(_("Choose objectives of the pledge, by their numbers."))
    if len(wanted) == len(OBJECTIVE_NUMBERS):
        return []
    if wanted and role != Role.CONTRIBUTOR:
        raise Refused(_("Only a contributor can be limited to some objectives."))
    return wanted


def check_has_successor(membership: Membership, *, by: User, now: datetime) -> None:
    """The last coordinator stays until somebody follows. For the Synergi team an invited successor is enough."""
    if membership.role != Role.COORDINATOR or has_other_coordinator(membership):
        return
    if not by.is_synergi:
        words = _("%(name)s is the last coordinator of %(maker)s. First invite another one, who accepts.")
        if membership.user_id == by.pk:
            words = _("You are the last coordinator of %(maker)s. First invite another one, who accepts.")
        raise Refused(words % {"name": membership.user.name, "maker": membership.pledge_maker.name})
    if not invited_coordinators(membership.pledge_maker, now=now):
        raise Refused(
            _("%(name)s is the last coordinator of %(maker)s. Invite a successor first.")
            % {"name": membership.user.name, "maker": membership.pledge_maker.name}
        )


def invited_coordinators(pledge_maker: PledgeMaker, *, now: datetime) -> list[Invitation]:
    """Open invitations to coordinate: successors who have not accepted yet."""
    rows = pledge_maker.invitations.filter(role=Role.COORDINATOR, accepted_at=None, withdrawn_at=None)
    return list(rows.filter(expires_at__gt=now).order_by("created_at", "pk"))


def has_other_coordinator(membership: Membership) -> bool:
    """Whether somebody else coordinates, and can sign in."""
    rows = membership.pledge_maker.memberships.filter(role=Role.COORDINATOR, ended_at=None, user__is_active=True)
    return rows.exclude(pk=membership.pk).exists()


def hold_people(pledge_maker: PledgeMaker) -> None:
    """Nobody else changes the people of this Pledge Maker until this transaction ends.

    A row lock on PostgreSQL; on SQLite transactions begin IMMEDIATE, which is as much."""
    PledgeMaker.objects.select_for_update(no_key=True).get(pk=pledge_maker.pk)


def _hold(membership: Membership) -> Membership:
    hold_people(membership.pledge_maker)
    held = Membership.objects.select_related("user", "pledge_maker").get(pk=membership.pk)
    if held.ended_at is not None or held.role != membership.role:
        raise Refused(_("Somebody was faster: this role has changed meanwhile. Nothing was changed. Look again."))
    return held


def _refuse_leaders(held: Membership, role: str = "") -> None:
    if Role.LEADER in (held.role, role):
        raise Refused(_("Leaders come by an invitation of the Synergi team and go when their term is ended."))


def _close(held: Membership, by: User, now: datetime) -> None:
    ended_by = by if by.pk != held.user_id else None
    Membership.objects.filter(pk=held.pk, ended_at=None).update(ended_at=now, ended_by=ended_by)


def _state(membership: Membership) -> dict[str, Any]:
    return {"role": str(membership.role), "objectives": list(membership.objectives)}


def _record(
    action: str, about: Membership, by: User, now: datetime, *, before: dict[str, Any], after: dict[str, Any]
) -> None:
    audit.record(
        action=action,
        by=by,
        now=now,
        about=about,
        before=before,
        after=after,
        person=about.user_id,
        pledge_maker=about.pledge_maker_id,
    )
