"""Who of the Synergi team may do what, as data: permissions decide from it, and "Who can do what" prints it."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import SynergiRole

WHOLE_TEAM = (SynergiRole.CASEWORKER, SynergiRole.PUBLISHER, SynergiRole.ADMINISTRATOR)
PUBLISHERS = (SynergiRole.PUBLISHER, SynergiRole.ADMINISTRATOR)


@dataclass(frozen=True)
class Duty:
    """Something that the Synergi team does, and which of its roles do it."""

    words: str | Promise
    roles: tuple[SynergiRole, ...]
    # What limits it, in a sentence.
    note: str | Promise = ""


DUTIES: dict[str, Duty] = {
    "run_rounds": Duty(_("Plan and open rounds, give more time, remind"), WHOLE_TEAM),
    "review": Duty(
        _("Review an update: accept it, or send it back with a reason"),
        WHOLE_TEAM,
        note=_("Not an update that they entered themselves, unless they are alone in the team."),
    ),
    "look_after": Duty(_("Say who looks after a Pledge Maker"), WHOLE_TEAM),
    "change_pledge_makers": Duty(_("Rename, merge or withdraw a Pledge Maker"), WHOLE_TEAM),
    "decide_who_joins": Duty(_("Decide on applications and supporters"), WHOLE_TEAM),
    "invite_leaders": Duty(_("Invite leaders and coordinators"), WHOLE_TEAM),
    "publish": Duty(_("Publish Statements and updates, and undo or withhold a publication"), PUBLISHERS),
    "give_roles": Duty(
        _("Give and take roles of the Synergi team"),
        (SynergiRole.ADMINISTRATOR,),
        note=_("Never that of the last administrator."),
    ),
    "reset_second_factor": Duty(
        _("Reset the second factor of somebody who has lost it"),
        (SynergiRole.ADMINISTRATOR,),
        note=_("Never their own."),
    ),
    "read_audit_trail": Duty(_("Read the audit trail, and take it as a file"), (SynergiRole.ADMINISTRATOR,)),
    "give_back": Duty(
        _("Give an account back to the e-mail address that it had before"),
        (SynergiRole.ADMINISTRATOR,),
        note=_("Never their own."),
    ),
    "erase": Duty(_("Erase an account when its person asks for it"), (SynergiRole.ADMINISTRATOR,)),
}


def may(role: str, duty: str) -> bool:
    """Whether this role of the Synergi team includes the duty."""
    return role in DUTIES[duty].roles
