"""The forms about who acts for a Pledge Maker: a role, a limit to objectives, an invitation, whose account accepts."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from design.forms import PledgeForm
from signatories.forms import PersonForm
from signatories.models import Role
from signatories.statements import wording_on

ROLE_HINTS = {
    Role.COORDINATOR: gettext_lazy("Runs it: writes, asks for the signature, invites others."),
    Role.CONTRIBUTOR: gettext_lazy("Writes the progress update, or some objectives of it."),
    Role.READER: gettext_lazy("Reads everything, changes nothing."),
}


class RoleForm(PledgeForm):
    """A role, and for a contributor the objectives that they write about."""

    submit = gettext_lazy("Save")
    form_tag = False
    role = forms.ChoiceField(
        label=gettext_lazy("What they may do"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what they may do.")},
    )
    objectives = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Only some objectives?"),
        help_text=gettext_lazy(
            "For a contributor. Tick the objectives that they write about; they can read everything else. "
            "Tick none and they write the whole update."
        ),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    looks = {
        "role": {"item_hints": ROLE_HINTS, "label_size": "m"},
        "objectives": {"label_size": "m", "small": True},
    }

    def __init__(self, *args: Any, roles: Iterable[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = list(roles)
        self._choices("role", [(role.value, role.label) for role in offered])
        if Role.CONTRIBUTOR not in offered:
            del self.fields["objectives"]
            return
        objectives = wording_on(timezone.now()).objectives.all()
        self._choices("objectives", [(row.number, f"{row.number}. {row.short}") for row in objectives])

    def _choices(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned.setdefault("objectives", [])
        if cleaned["objectives"] and cleaned.get("role") and cleaned["role"] != Role.CONTRIBUTOR:
            self.add_error("objectives", _("Only a contributor can be limited to some objectives. Tick none."))
        return cleaned


class InviteMemberForm(PersonForm, RoleForm):
    """Somebody is invited to one of the roles that the inviter may give."""

    submit = gettext_lazy("Send the invitation")
    field_order = ("name", "email", "role", "objectives")


class AccountForm(PledgeForm):
    """Somebody is signed in with another address than the one that was invited: which account accepts?"""

    MINE, INVITED = "mine", "invited"
    form_tag = False
    submit = gettext_lazy("Accept the invitation")
    account = forms.ChoiceField(
        label=gettext_lazy("Which account accepts?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose which account accepts.")},
    )
    looks = {"account": {"label_size": "m"}}

    def __init__(self, *args: Any, mine: str, invited: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["account"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (self.MINE, _("%(email)s, with which you are signed in now") % {"email": mine}),
            (self.INVITED, _("%(email)s, to which the invitation went") % {"email": invited}),
        ]
