"""What each role may do: `can_...` decides about the button, `check_can_...` guards the act.

No membership means no permission, so that a domain function can hand over whatever it found."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import can as can_do
from accounts.permissions import can_publish
from signatories import roles
from signatories.models import Invitation, Leader, Membership, Role, Supporter, SupporterState

# What a change of roles may lead to; leaders come by an invitation of the team only.
TO_GIVE = (Role.COORDINATOR, Role.CONTRIBUTOR, Role.READER)


def can(by: User, own: Membership | None, act: str) -> bool:
    """Whether the table of roles lets this person do it: by their own role (`own`), or as one of the Synergi team."""
    by_role = own is not None and own.ended_at is None and own.user_id == by.pk and roles.may(own.role, act)
    return by.is_active and (by_role or (by.is_synergi and roles.team_may(act)))


def roles_to_invite(by: User, own: Membership | None) -> tuple[Role, ...]:
    """The roles that this person may invite others to, the widest first."""
    return tuple(role for role in Role if can_invite(by, own, role))


def can_invite(by: User, own: Membership | None, role: str) -> bool:
    return can(by, own, f"invite_{role}")


def check_can_invite(by: User, own: Membership | None, role: str) -> None:
    if not can_invite(by, own, role):
        raise PermissionDenied(_("You cannot invite somebody to this role."))


def check_can_invite_somebody(by: User, own: Membership | None) -> None:
    if not roles_to_invite(by, own):
        raise PermissionDenied(_("Only a leader or a coordinator can invite others."))


def can_withdraw_invitation(by: User, own: Membership | None, invitation: Invitation) -> bool:
    """Whoever could have sent it, and the Synergi team."""
    return can_invite(by, own, invitation.role) or (by.is_active and by.is_synergi)


def check_can_withdraw_invitation(by: User, own: Membership | None, invitation: Invitation) -> None:
    if not can_withdraw_invitation(by, own, invitation):
        raise PermissionDenied(_("You cannot withdraw this invitation."))


def can_change_role(by: User, own: Membership | None, member: Membership, role: str) -> bool:
    """Whether this member can be given that role. Everybody may step back from their own; nobody widens it."""
    if member.ended_at is not None or Role.LEADER in (member.role, role) or member.role == role:
        return False
    if member.user_id == by.pk:
        return by.is_active and roles.RANK[role] < roles.RANK[member.role]
    may_give = can(by, own, f"change_{role}") or can_invite(by, own, role)
    return can(by, own, f"change_{member.role}") and may_give


def check_can_change_role(by: User, own: Membership | None, member: Membership, role: str) -> None:
    if not can_change_role(by, own, member, role):
        raise PermissionDenied(_("You cannot give this person that role."))


def can_change(by: User, own: Membership | None, member: Membership) -> bool:
    """Whether there is anything about this member's role that this person may change."""
    return can_limit(by, own, member) or any(can_change_role(by, own, member, role) for role in TO_GIVE)


def check_can_change(by: User, own: Membership | None, member: Membership) -> None:
    if not can_change(by, own, member):
        raise PermissionDenied(_("You cannot change the role of this person."))


def can_limit(by: User, own: Membership | None, member: Membership) -> bool:
    """Only contributors are limited to some objectives."""
    is_contributor = member.ended_at is None and member.role == Role.CONTRIBUTOR
    return is_contributor and can(by, own, "change_contributor")


def check_can_limit(by: User, own: Membership | None, member: Membership) -> None:
    if not can_limit(by, own, member):
        raise PermissionDenied(_("You cannot limit what this person writes."))


def can_end(by: User, own: Membership | None, member: Membership) -> bool:
    """Everybody may leave, but for leaders, whose term is ended; others are ended by those who may change them."""
    if member.ended_at is not None or member.role == Role.LEADER:
        return False
    if member.user_id == by.pk:
        return by.is_active and roles.may(member.role, "leave")
    return can(by, own, f"change_{member.role}")


def check_can_end(by: User, own: Membership | None, member: Membership) -> None:
    if not can_end(by, own, member):
        raise PermissionDenied(_("You cannot end the role of this person."))


def can_end_term(by: User, own: Membership | None, leader: Leader) -> bool:
    """Leaders end their own term; coordinators and the Synergi team that of any leader of the Pledge Maker."""
    if own is not None and own.role == Role.LEADER and leader.user_id != by.pk:
        own = None
    return can(by, own, "end_term")


def check_can_end_term(by: User, own: Membership | None, leader: Leader) -> None:
    if not can_end_term(by, own, leader):
        raise PermissionDenied(_("Only the leader, a coordinator or the Synergi team can end a leader’s term."))


def can_decide_who_joins(user: User) -> bool:
    """Any member of the Synergi team declines; publishing is for publishers, inviting has its own pair."""
    return can_do(user, "decide_who_joins")


def check_can_decide_who_joins(user: User) -> None:
    if not can_decide_who_joins(user):
        raise PermissionDenied(_("Only the Synergi team decides who joins."))


def can_decline(user: User, supporter: Supporter) -> bool:
    """What stands on the public list leaves it as it came: by a publisher."""
    return can_publish(user) if supporter.state == SupporterState.PUBLISHED else can_decide_who_joins(user)


def check_can_decline(user: User, supporter: Supporter) -> None:
    if not can_decline(user, supporter):
        raise PermissionDenied(_("Only a publisher can take somebody off the public list."))


def can_change_pledge_makers(user: User) -> bool:
    """Any member of the Synergi team renames, merges and so on; each change stands in the record."""
    return can_do(user, "change_pledge_makers")


def check_can_change_pledge_makers(user: User) -> None:
    if not can_change_pledge_makers(user):
        raise PermissionDenied(_("Only the Synergi team can change a Pledge Maker."))


def can_edit_statement(membership: Membership | None) -> bool:
    return _has(membership, "write_statement")


def check_can_edit_statement(membership: Membership | None) -> None:
    if not can_edit_statement(membership):
        raise PermissionDenied(_("Only a leader or a coordinator can write the Statement of Intent."))


def can_sign(membership: Membership | None) -> bool:
    return _has(membership, "sign_statement")


def check_can_sign(membership: Membership | None) -> None:
    if not can_sign(membership):
        raise PermissionDenied(_("Only a leader can sign."))


def _has(membership: Membership | None, act: str) -> bool:
    return membership is not None and membership.ended_at is None and roles.may(membership.role, act)
