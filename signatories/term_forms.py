"""The forms of leaders who come and go: a last day, a signature under what stands, a wish for changes."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import AddressField
from design.forms import GovDateField, LongTextField, PledgeForm
from signatories import statements
from signatories.forms import ADDRESS_ERRORS
from signatories.terms import Successor

TWO_THIRDS = {"width": "govuk-!-width-two-thirds"}
AS_TYPED = {"autocomplete": "off", "spellcheck": "false"}


class EndTermForm(PledgeForm):
    """The last day, and whom they name as the successor, if they know."""

    form_tag = False
    submit = ""
    looks = {"successor": TWO_THIRDS, "role_title": TWO_THIRDS, "email": TWO_THIRDS}
    until_on = GovDateField(
        label=gettext_lazy("What is the last day?"),
        help_text=gettext_lazy("The public reads this day. It can be today, before, or within the next year."),
    )
    successor = forms.CharField(
        label=gettext_lazy("Who leads next, if you know"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs=AS_TYPED),
    )
    role_title = forms.CharField(
        label=gettext_lazy("Their role"),
        help_text=gettext_lazy("For example: chief executive, medical director."),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    email = AddressField(
        label=gettext_lazy("Their e-mail address"),
        help_text=gettext_lazy("The Synergi team checks it and sends the invitation."),
        required=False,
        error_messages=ADDRESS_ERRORS,
        widget=forms.EmailInput(attrs=AS_TYPED),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if (cleaned.get("role_title") or cleaned.get("email")) and not cleaned.get("successor"):
            self.add_error("successor", _("Enter the name of the next leader, or leave all three boxes empty."))
        return cleaned

    def named(self) -> Successor | None:
        """Whom they name; None for nobody."""
        found = self.cleaned_data
        name = found["successor"].strip()
        return Successor(name, found["role_title"].strip(), found["email"]) if name else None


class ReaffirmForm(PledgeForm):
    """The signature of a new leader. `version` is the one that they read."""

    form_tag = False
    submit = gettext_lazy("Re-affirm the pledge")
    looks = {"name": TWO_THIRDS, "role_title": TWO_THIRDS}
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    name = forms.CharField(label=gettext_lazy("Your full name"), max_length=200, required=False)
    role_title = forms.CharField(label=gettext_lazy("Your role"), max_length=200, required=False)


class AskForChangesForm(PledgeForm):
    """What should change, in words for the coordinators."""

    form_tag = False
    submit = gettext_lazy("Send it to the coordinators")
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    words = LongTextField(
        label=gettext_lazy("What should change?"),
        help_text=gettext_lazy("Your coordinators read this. The public does not."),
        max_words=statements.WORD_LIMIT,
        rows=8,
        error_messages={"required": gettext_lazy("Say what should change.")},
    )
