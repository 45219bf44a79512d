"""The forms about organisations, people and Statements of Intent."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import AddressField
from design.forms import LongTextField, PledgeForm
from signatories import organisations, statements
from signatories.models import Organisation, Role

ADDRESS_ERRORS = {
    "required": gettext_lazy("Enter their e-mail address."),
    "invalid": gettext_lazy("Enter an e-mail address in the right form, like name@example.org."),
}


class PersonForm(PledgeForm):
    """Who is invited."""

    form_tag = False
    submit = gettext_lazy("Send the invitation")
    name = forms.CharField(
        label=gettext_lazy("Full name"),
        max_length=200,
        error_messages={"required": gettext_lazy("Enter their full name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    email = AddressField(
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy("The invitation goes to this address, and it is the one they will sign in with."),
        error_messages=ADDRESS_ERRORS,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class InviteLeaderForm(PersonForm):
    """The Synergi team invites the first leader or coordinator of a Pledge Maker of one or several organisations.

    Organisations are typed or picked from the list that the browser offers; without JavaScript too. Show
    `templates/signatories/_organisation_list.html` once on the page, with the form as `form`."""

    BOXES = 6
    LIST_ID = "known-organisations"

    field_order = (*(f"organisation_{n}" for n in range(1, BOXES + 1)), "pledge_maker_name", "name", "email")
    pledge_maker_name = forms.CharField(
        label=gettext_lazy("Name of the Pledge Maker"),
        help_text=gettext_lazy("Only for a partnership. For one organisation we use its own name."),
        max_length=200,
        required=False,
    )
    role = forms.ChoiceField(
        label=gettext_lazy("What they do for it"),
        choices=[
            (Role.LEADER.value, gettext_lazy("Leader: signs the pledge")),
            (Role.COORDINATOR.value, gettext_lazy("Coordinator: prepares it, until you invite the leader")),
        ],
        initial=Role.LEADER,
        required=False,
        widget=forms.RadioSelect,
    )
    role_title = forms.CharField(
        label=gettext_lazy("Their role"),
        help_text=gettext_lazy("Of a leader, for example: chief executive, medical director."),
        max_length=200,
        required=False,
    )

    def __init__(self, *args: Any, day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.day = day
        for number in range(1, self.BOXES + 1):
            self.fields[f"organisation_{number}"] = self._organisation_field(number)
        self.order_fields(self.field_order)

    def _organisation_field(self, number: int) -> forms.CharField:
        label = _("Organisation") if number == 1 else _("Organisation %(number)s of a partnership")
        return forms.CharField(
            label=label % {"number": number} if number > 1 else label,
            help_text=_("Its name or ODS code, for example RXT.") if number == 1 else "",
            max_length=220,
            required=number == 1,
            error_messages={"required": _("Enter the name or ODS code of an organisation.")},
            widget=forms.TextInput(attrs={"list": self.LIST_ID, "autocomplete": "off", "spellcheck": "false"}),
        )

    def known_organisations(self) -> list[str]:
        """What the browser offers in the organisation boxes."""
        return [organisations.picked_as(row) for row in Organisation.objects.offered(self.day)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        found = [self._organisation(number) for number in range(1, self.BOXES + 1)]
        cleaned["organisations"] = list(dict.fromkeys(row for row in found if row))
        several = len(cleaned["organisations"]) > 1
        if several and not cleaned.get("pledge_maker_name") and "pledge_maker_name" not in self.errors:
            self.add_error("pledge_maker_name", _("Enter a name for this partnership."))
        cleaned["role"] = cleaned.get("role") or Role.LEADER
        if cleaned["role"] == Role.LEADER and not cleaned.get("role_title") and "role_title" not in self.errors:
            self.add_error("role_title", _("Enter their role."))
        return cleaned

    def _organisation(self, number: int) -> Organisation | None:
        field = f"organisation_{number}"
        typed = self.cleaned_data.get(field, "")
        try:
            return organisations.find(typed, day=self.day) if typed else None
        except ValidationError as error:
            self.add_error(field, error)
            return None

    def invitation(self) -> dict[str, Any]:
        """The arguments of `invitations.invite_leader`, less who and when."""
        keys = ("organisations", "pledge_maker_name", "name", "email", "role_title", "role")
        return {key: self.cleaned_data[key] for key in keys}


class StatementForm(PledgeForm):
    """Why, and how each of the seven objectives will be met. Nothing is required in a draft."""

    form_tag = False
    submit = ""
    edit = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    why = LongTextField(
        label=gettext_lazy("Why we are a Pledge Maker"),
        help_text=gettext_lazy("What matters to you locally, and what you want to change."),
        max_words=statements.WORD_LIMIT,
        required=False,
        rows=8,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in statements.OBJECTIVE_NUMBERS:
            self.fields[f"plan_{number}"] = LongTextField(
                label=_("How we plan to meet objective %(number)s") % {"number": number},
                max_words=statements.WORD_LIMIT,
                required=False,
                rows=6,
            )

    def only_too_long(self) -> bool:
        """Whether the words are too many and nothing else is wrong: a draft may be saved so."""
        found = [error.code for errors in self.errors.as_data().values() for error in errors]
        return all(code == "too_many_words" for code in found)

    def texts(self) -> tuple[str, dict[int, str]]:
        """Why, and the plans, as they were typed."""
        plans = {n: str(self[f"plan_{n}"].value() or "") for n in statements.OBJECTIVE_NUMBERS}
        return str(self["why"].value() or ""), plans


class SignForm(PledgeForm):
    """The signature."""

    form_tag = False
    submit = gettext_lazy("Sign the Statement of Intent")
    looks = {"name": {"width": "govuk-!-width-two-thirds"}, "role_title": {"width": "govuk-!-width-two-thirds"}}
    edit = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    name = forms.CharField(label=gettext_lazy("Your full name"), max_length=200, required=False)
    role_title = forms.CharField(label=gettext_lazy("Your role"), max_length=200, required=False)
    joins_network = forms.BooleanField(
        label=gettext_lazy("We agree to be part of the national network"),
        help_text=gettext_lazy("You share good practice, challenges and progress every six months."),
        required=False,
    )
