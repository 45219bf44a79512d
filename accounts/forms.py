"""The forms of signing in."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from design.forms import PledgeForm


class AddressField(forms.EmailField):
    """An e-mail address in small letters, as it is kept. What is too long only then is refused as well: a letter can
    become two."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}))
        super().__init__(max_length=254, **kwargs)

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").strip().lower()


class NameField(forms.CharField):
    """One line that can be shown: it stands in mails and on pages. Whatever stands between its words is one space."""

    default_error_messages = {"unprintable": _("The name holds a sign that cannot be shown. Type it again.")}

    def clean(self, value: Any) -> str:
        name = " ".join(super().clean(value).split())
        if not name.isprintable():
            raise ValidationError(self.error_messages["unprintable"], code="unprintable")
        return name


class AddressForm(PledgeForm):
    form_tag = False
    looks = {"email": {"width": "govuk-!-width-two-thirds"}}
    submit = _("Send me a code")
    email = AddressField(
        label=_("E-mail address"),
        error_messages={
            "required": _("Enter your e-mail address."),
            "invalid": _("Enter an e-mail address in the right form, like name@example.org."),
        },
    )


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
    name = NameField(
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
