"""Who may do what for a Pledge Maker, as data: permissions decide from it, and "Who can do what" prints it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from signatories.models import Role

Words = str | Promise
EVERY_ROLE = tuple(Role)
WRITERS = (Role.LEADER, Role.COORDINATOR, Role.CONTRIBUTOR)
IN_CHARGE = (Role.LEADER, Role.COORDINATOR)


@dataclass(frozen=True)
class Act:
    """Something that is done for a Pledge Maker: by which roles of its own people, and whether by the Synergi team."""

    words: Words
    roles: tuple[Role, ...]
    team: bool = False
    # What limits it, in a sentence.
    note: Words = ""


ACTS: dict[str, Act] = {
    "read": Act(
        _("Read the Statement of Intent, the draft and what was sent"),
        EVERY_ROLE,
        note=_("The Synergi team reads what was signed and sent, never a draft."),
    ),
    "write_update": Act(
        _("Write the progress update"),
        WRITERS,
        note=_("A contributor can be limited to some objectives, and reads everything else."),
    ),
    "finish_update": Act(
        _("Ask for the leader’s signature, recall what was sent, correct what was published"),
        WRITERS,
        note=_("Not a contributor who is limited to some objectives."),
    ),
    "sign_update": Act(
        _("Sign the progress update, which sends it"),
        (Role.LEADER,),
        note=_("Not whoever asked for the signature, unless nobody else can ask."),
    ),
    "speak": Act(_("Ask for more time, and say something beside the public status"), IN_CHARGE),
    "write_statement": Act(_("Write the Statement of Intent"), IN_CHARGE),
    "sign_statement": Act(_("Sign the Statement of Intent"), (Role.LEADER,)),
    "invite_leader": Act(_("Invite a leader"), (), team=True),
    "invite_coordinator": Act(_("Invite a coordinator"), IN_CHARGE, team=True),
    "invite_contributor": Act(_("Invite a contributor"), IN_CHARGE),
    "invite_reader": Act(_("Invite a reader"), IN_CHARGE),
    "change_coordinator": Act(
        _("Change or end the role of a coordinator"),
        (Role.LEADER,),
        team=True,
        note=_("Never that of the last coordinator. A coordinator can always step back from their own role."),
    ),
    "change_contributor": Act(_("Change, limit or end the role of a contributor"), IN_CHARGE, team=True),
    "change_reader": Act(_("Change or end the role of a reader"), IN_CHARGE, team=True),
    "end_term": Act(
        _("Enter the last day of a leader, and name the successor"),
        IN_CHARGE,
        team=True,
        note=_("A leader enters only their own. The Synergi team invites the successor."),
    ),
    "leave": Act(
        _("Leave the Pledge Maker"),
        (Role.COORDINATOR, Role.CONTRIBUTOR, Role.READER),
        note=_("The last coordinator finds a successor first. A leader’s term is ended instead."),
    ),
}
GROUPS: tuple[tuple[Words, tuple[str, ...]], ...] = (
    (_("Reading"), ("read",)),
    (_("The progress update"), ("write_update", "finish_update", "sign_update", "speak")),
    (_("The Statement of Intent"), ("write_statement", "sign_statement")),
    (
        _("People"),
        (
            "invite_leader",
            "invite_coordinator",
            "invite_contributor",
            "invite_reader",
            "change_coordinator",
            "change_contributor",
            "change_reader",
            "end_term",
            "leave",
        ),
    ),
)
# An invitation can widen what somebody may do, never narrow it.
RANK: dict[str, int] = {Role.READER: 0, Role.CONTRIBUTOR: 1, Role.COORDINATOR: 2, Role.LEADER: 3}


def may(role: str, act: str) -> bool:
    """Whether this role of a Pledge Maker's own people includes the act."""
    return role in ACTS[act].roles


def team_may(act: str) -> bool:
    """Whether the Synergi team does it too, for every Pledge Maker."""
    return ACTS[act].team


def acts_of(role: str, objectives: Sequence[int] = ()) -> list[Act]:
    """What this role may do, in the order of the page; less what `objectives`, a limit, takes away."""
    taken = ("finish_update",) if objectives else ()
    return [act for name, act in ACTS.items() if may(role, name) and name not in taken]


def limit_in_words(objectives: Sequence[int]) -> str:
    """As in "objectives 2, 3 and 5"; nothing where there is no limit."""
    if not objectives:
        return ""
    *others, last = map(str, objectives)
    numbers = gettext("%(some)s and %(last)s") % {"some": ", ".join(others), "last": last} if others else last
    return ngettext("objective %(numbers)s", "objectives %(numbers)s", len(objectives)) % {"numbers": numbers}
