"""The forms in which people put right what is known about them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import AddressForm, NameField
from design.forms import PledgeForm


class NewAddressForm(AddressForm):
    submit = gettext_lazy("Send a code to this address")

    def __init__(self, *args: Any, current: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.current = current
        self.fields["email"].label = _("New e-mail address")
        self.fields["email"].error_messages["required"] = _("Enter your new e-mail address.")

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if email == self.current:
            raise ValidationError(_("This is your address already."))
        if email.endswith(".invalid"):
            raise ValidationError(_("Enter an address that can receive e-mail."))
        return email


class NameForm(PledgeForm):
    form_tag = False
    looks = {"name": {"width": "govuk-!-width-two-thirds"}}
    submit = gettext_lazy("Save my name")
    name = NameField(
        label=gettext_lazy("Your full name"),
        max_length=200,
        error_messages={
            "required": gettext_lazy("Enter your full name."),
            "max_length": gettext_lazy("Your name must be 200 letters or fewer."),
            "unprintable": gettext_lazy("Your name holds a sign that cannot be shown. Type it again."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
    )
