"""Who may remind in bulk: `can_...` decides about the button, `check_can_...` guards the act."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import can


def can_chase(user: User) -> bool:
    """Any member of the Synergi team."""
    return can(user, "run_rounds")


def check_can_chase(user: User) -> None:
    if not can_chase(user):
        raise PermissionDenied(_("Only the Synergi team reminds Pledge Makers."))
