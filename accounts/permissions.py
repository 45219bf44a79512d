"""What the Synergi team may do: `can_...` decides about the button, `check_can_...` guards the act."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from accounts.models import SynergiRole, User


def can_invite_leaders(user: User) -> bool:
    """Any member of the Synergi team."""
    return user.is_active and user.is_synergi


def check_can_invite_leaders(user: User) -> None:
    if not can_invite_leaders(user):
        raise PermissionDenied(_("Only the Synergi team can invite a leader."))


def can_publish(user: User) -> bool:
    """Publishers and administrators put Statements and updates before the public."""
    return user.is_active and user.synergi_role in (SynergiRole.PUBLISHER, SynergiRole.ADMINISTRATOR)


def check_can_publish(user: User) -> None:
    if not can_publish(user):
        raise PermissionDenied(_("Only a publisher of the Synergi team can do this."))


def can_look_after(user: User) -> bool:
    """Any member of the Synergi team says who looks after a Pledge Maker."""
    return user.is_active and user.is_synergi


def check_can_look_after(user: User) -> None:
    if not can_look_after(user):
        raise PermissionDenied(_("Only the Synergi team says who looks after a Pledge Maker."))
