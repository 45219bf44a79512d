"""What the Synergi team may do: `can_...` decides about the button, `check_can_...` guards the act."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from accounts import roles
from accounts.models import User


def can(user: User, duty: str) -> bool:
    """Whether the table of the team's roles lets this person do it."""
    return user.is_active and roles.may(user.synergi_role, duty)


def can_invite_leaders(user: User) -> bool:
    """Any member of the Synergi team."""
    return can(user, "invite_leaders")


def check_can_invite_leaders(user: User) -> None:
    if not can_invite_leaders(user):
        raise PermissionDenied(_("Only the Synergi team can invite a leader."))


def can_publish(user: User) -> bool:
    """Publishers and administrators put Statements and updates before the public."""
    return can(user, "publish")


def check_can_publish(user: User) -> None:
    if not can_publish(user):
        raise PermissionDenied(_("Only a publisher of the Synergi team can do this."))


def can_reset_second_factor(by: User, user: User) -> bool:
    """An administrator, for anybody else: one's own is changed under "Your account"."""
    return can(by, "reset_second_factor") and by.pk != user.pk


def check_can_reset_second_factor(by: User, user: User) -> None:
    if not can_reset_second_factor(by, user):
        raise PermissionDenied(_("Only another administrator of the Synergi team can reset a second factor."))


def can_give_back(by: User, user: User) -> bool:
    """An administrator, for anybody else."""
    return can(by, "give_back") and by.pk != user.pk


def check_can_give_back(by: User, user: User) -> None:
    if not can_give_back(by, user):
        raise PermissionDenied(_("Only another administrator of the Synergi team can give an account back."))


def can_look_after(user: User) -> bool:
    """Any member of the Synergi team says who looks after a Pledge Maker."""
    return can(user, "look_after")


def check_can_look_after(user: User) -> None:
    if not can_look_after(user):
        raise PermissionDenied(_("Only the Synergi team says who looks after a Pledge Maker."))


def can_review(user: User) -> bool:
    """Any member of the Synergi team; one update may have reasons of its own against it."""
    return can(user, "review")


def can_run_rounds(user: User) -> bool:
    return can(user, "run_rounds")


def can_erase(user: User) -> bool:
    return can(user, "erase")


def can_give_roles(user: User) -> bool:
    """Administrators say who belongs to the Synergi team, and in which role."""
    return can(user, "give_roles")


def check_can_give_roles(user: User) -> None:
    if not can_give_roles(user):
        raise PermissionDenied(_("Only an administrator can give a role of the Synergi team."))
