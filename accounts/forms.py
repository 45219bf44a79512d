"""The forms of signing in."""

from django import forms
from django.utils.translation import gettext_lazy as _

from design.forms import PledgeForm


class AddressForm(PledgeForm):
    form_tag = False
    looks = {"email": {"width": "govuk-!-width-two-thirds"}}
    submit = _("Send me a code")
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        error_messages={
            "required": _("Enter your e-mail address."),
            "invalid": _("Enter an e-mail address in the right form, like name@example.org."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )

    def clean_email(self) -> str:
        return self.cleaned_data["email"].strip().lower()


class RecoveryCodeForm(PledgeForm):
    form_tag = False
    looks = {"code": {"width": "10"}}
    submit = _("Continue")
    code = forms.CharField(
        label=_("Recovery code"),
        max_length=40,
        help_text=_("Eight digits, like 1234 5678. Each works once."),
        error_messages={"required": _("Enter one of your recovery codes.")},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
    )


class PasskeyNameForm(PledgeForm):
    form_tag = False
    submit = _("Continue")
    looks = {"name": {"width": "20"}}
    name = forms.CharField(
        label=_("Name of this passkey"),
        max_length=60,
        help_text=_("So that you know it again, like “Work laptop”."),
        error_messages={"required": _("Give the passkey a name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class CodeForm(PledgeForm):
    form_tag = False
    looks = {"code": {"width": "10"}}
    submit = _("Continue")
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("Eight letters, like BCDF-GHJK. Small letters and spaces are fine."),
        error_messages={"required": _("Enter the code from our e-mail.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "spellcheck": "false", "autocapitalize": "characters"}
        ),
    )
