"""What each role may do: `can_...` decides about the button, `check_can_...` guards the act.

No membership means no permission, so that a domain function can hand over whatever it found."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import can_publish
from signatories.models import Membership, Role, Supporter, SupporterState

# Who may invite whom. Leaders are invited by the Synergi team.
MAY_INVITE: dict[str, tuple[Role, ...]] = {
    Role.LEADER: (Role.COORDINATOR, Role.CONTRIBUTOR, Role.READER),
    Role.COORDINATOR: (Role.CONTRIBUTOR, Role.READER),
}


def roles_to_invite(membership: Membership | None) -> tuple[Role, ...]:
    """The roles that this member may invite others to, the widest first."""
    return MAY_INVITE.get(membership.role, ()) if membership else ()


def can_invite(membership: Membership | None, role: str) -> bool:
    return role in roles_to_invite(membership)


def check_can_invite(membership: Membership | None, role: str) -> None:
    if not can_invite(membership, role):
        raise PermissionDenied(_("You cannot invite somebody to this role."))


def check_can_invite_somebody(membership: Membership | None) -> None:
    if not roles_to_invite(membership):
        raise PermissionDenied(_("Only a leader or a coordinator can invite others."))


def can_decide_who_joins(user: User) -> bool:
    """Any member of the Synergi team declines; publishing is for publishers, inviting has its own pair."""
    return user.is_active and user.is_synergi


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
    return user.is_active and user.is_synergi


def check_can_change_pledge_makers(user: User) -> None:
    if not can_change_pledge_makers(user):
        raise PermissionDenied(_("Only the Synergi team can change a Pledge Maker."))


def can_edit_statement(membership: Membership | None) -> bool:
    return _has_role(membership, Role.LEADER, Role.COORDINATOR)


def check_can_edit_statement(membership: Membership | None) -> None:
    if not can_edit_statement(membership):
        raise PermissionDenied(_("Only a leader or a coordinator can write the Statement of Intent."))


def can_sign(membership: Membership | None) -> bool:
    return _has_role(membership, Role.LEADER)


def check_can_sign(membership: Membership | None) -> None:
    if not can_sign(membership):
        raise PermissionDenied(_("Only a leader can sign."))


def _has_role(membership: Membership | None, *roles: Role) -> bool:
    return membership is not None and membership.ended_at is None and membership.role in roles
