"""The forms about the Synergi team itself."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import SynergiRole
from accounts.roles import WHOLE_TEAM
from design.forms import PledgeForm
from signatories.forms import PersonForm

HINTS = {
    SynergiRole.CASEWORKER: _("Runs rounds, reviews updates, invites and helps Pledge Makers."),
    SynergiRole.PUBLISHER: _("All of that, and puts Statements and updates before the public."),
    SynergiRole.ADMINISTRATOR: _("All of that, gives roles of the team, and erases accounts."),
}


def _role_field(choices: list[tuple[Any, Any]]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("Role in the Synergi team"),
        choices=choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a role.")},
    )


class TeamRoleForm(PledgeForm):
    """One of the team's roles, or none."""

    NONE = "none"
    submit = _("Save")
    form_tag = False
    role = _role_field([*((role.value, role.label) for role in WHOLE_TEAM), (NONE, _("Not a member of the team"))])
    looks = {"role": {"item_hints": HINTS, "label_size": "m"}}

    def chosen(self) -> str:
        """As it is stored: empty for none."""
        role = self.cleaned_data["role"]
        return "" if role == self.NONE else str(role)


class NewColleagueForm(PersonForm):
    """Somebody who joins the team."""

    submit = _("Add to the team")
    field_order = ("name", "email", "role")
    looks = {"role": {"item_hints": HINTS, "label_size": "m"}}
    role = _role_field([(role.value, role.label) for role in WHOLE_TEAM])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].help_text = _("They sign in with this address.")
