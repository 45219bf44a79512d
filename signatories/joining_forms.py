"""The forms of those who want to join, and of supporters who change their words."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import AddressField
from design.forms import LongTextField, PledgeForm
from signatories import applications, supporters
from signatories.models import SupporterKind

OWN_ADDRESS_ERRORS = {
    "required": _("Enter your e-mail address."),
    "invalid": _("Enter an e-mail address in the right form, like name@example.org."),
}
WIDE = {"width": "govuk-!-width-two-thirds"}


class OneLineField(forms.CharField):
    """A name: whatever stands between its words is one space."""

    def to_python(self, value: Any) -> str:
        return " ".join((super().to_python(value) or "").split())


class OpenForm(PledgeForm):
    """A form for everybody, with a box that people do not see and robots fill in. It marks, and stops nobody."""

    form_tag = False
    submit = ""
    homepage = forms.CharField(
        label=_("Leave this box empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def typed(self) -> dict[str, Any]:
        """What the domain is told, less the moment."""
        told = {name: value for name, value in self.cleaned_data.items() if name != "homepage"}
        return {**told, "looks_automatic": bool(self.cleaned_data["homepage"])}


class ApplicationForm(OpenForm):
    """Somebody asks on behalf of a leader to sign the pledge."""

    looks = {
        **dict.fromkeys(("organisation_name", "leader_name", "leader_role_title", "leader_email"), WIDE),
        **dict.fromkeys(("contact_name", "contact_email", "why"), WIDE),
    }
    organisation_name = OneLineField(
        label=_("Name of the organisation"),
        help_text=_("For a partnership, name it and the organisations in it."),
        max_length=200,
        error_messages={"required": _("Enter the name of the organisation.")},
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    leader_name = OneLineField(
        label=_("Full name of the leader"),
        max_length=200,
        error_messages={"required": _("Enter the full name of the leader.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    leader_role_title = OneLineField(
        label=_("Role of the leader"),
        help_text=_("For example: chief executive, medical director."),
        max_length=200,
        error_messages={"required": _("Enter the role of the leader.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    leader_email = AddressField(
        label=_("E-mail address of the leader"),
        help_text=_("We write to it only if the application is approved. The invitation goes there."),
        error_messages={**OWN_ADDRESS_ERRORS, "required": _("Enter the e-mail address of the leader.")},
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    contact_name = OneLineField(
        label=_("Your full name"),
        max_length=200,
        error_messages={"required": _("Enter your full name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
    )
    contact_email = AddressField(
        label=_("Your e-mail address"),
        help_text=_("Our answer goes there. If you are the leader, enter the same address again."),
        error_messages=OWN_ADDRESS_ERRORS,
    )
    why = LongTextField(
        label=_("Why do you want to sign the pledge?"),
        help_text=_("A few sentences are enough. Only the Synergi team reads them."),
        max_words=applications.WORD_LIMIT,
        rows=6,
        error_messages={"required": _("Say why you want to sign the pledge.")},
    )


class WordsForm(PledgeForm):
    """What the public reads of a supporter."""

    form_tag = False
    submit = ""
    looks = {"name": WIDE, "statement": WIDE}
    name = OneLineField(
        label=_("Your name, or that of your organisation"),
        help_text=_("As it should stand on the public list."),
        max_length=200,
        error_messages={"required": _("Enter a name for the public list.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    statement = LongTextField(
        label=_("Why you support the pledge"),
        help_text=_("It stands beside your name. You can leave it empty. Do not name other people."),
        max_words=supporters.WORD_LIMIT,
        rows=5,
        required=False,
    )


class JoinForm(WordsForm, OpenForm):
    """A person or an organisation wants to be a supporter."""

    looks = {"name": WIDE, "statement": WIDE, "email": WIDE}
    field_order = ("kind", "name", "statement", "email", "consents", "homepage")
    kind = forms.ChoiceField(
        label=_("Who are you?"),
        choices=SupporterKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether you are a person or an organisation.")},
    )
    email = AddressField(
        label=_("E-mail address"),
        help_text=_("Never shown. We mail you a link to change your words or to leave."),
        error_messages=OWN_ADDRESS_ERRORS,
    )
    consents = forms.BooleanField(
        label=_("Publish this name and these words on the list of supporters"),
        help_text=_("You can take this back at any time by leaving. Then everything is erased at once."),
        error_messages={"required": _("Agree that we publish your name and words, or do not join.")},
    )


class LinkForm(PledgeForm):
    """A supporter who no longer has the link asks for a fresh one."""

    form_tag = False
    submit = ""
    looks = {"email": WIDE}
    email = AddressField(label=_("E-mail address"), error_messages=OWN_ADDRESS_ERRORS)
