"""The forms by which the team changes a Pledge Maker."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from design.forms import GovDateField, LongTextField, PledgeForm
from signatories import organisations
from signatories.models import Organisation, PledgeMaker


class ChangeForm(PledgeForm):
    """`maker` is what changes, `today` the day in London."""

    form_tag = False
    submit = ""

    def __init__(self, *args: Any, maker: PledgeMaker, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.maker, self.today = maker, today


class DayForm(ChangeForm):
    """A change on a day, which is today or before."""

    on = GovDateField(label=gettext_lazy("On which day?"))

    def clean_on(self) -> date:
        day = self.cleaned_data["on"]
        if day > self.today:
            raise ValidationError(_("Choose a day that is not in the future."))
        return day


class RenameForm(ChangeForm):
    name = forms.CharField(
        label=gettext_lazy("New name"),
        help_text=gettext_lazy("As the public reads it. The organisations keep their own names."),
        max_length=200,
        error_messages={"required": gettext_lazy("Enter the new name.")},
    )

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if name == self.maker.name:
            raise ValidationError(_("That is its name already."))
        return name


class WithdrawForm(DayForm):
    on = GovDateField(
        label=gettext_lazy("On which day did it withdraw?"), help_text=gettext_lazy("The public reads this day.")
    )
    note = LongTextField(
        label=gettext_lazy("Why, in words for the public"),
        help_text=gettext_lazy("A sentence or two, agreed with the Pledge Maker if you can. Facts, not blame."),
        max_words=100,
        rows=3,
        error_messages={"required": gettext_lazy("Say in a sentence for the public why it withdraws.")},
    )


class UndoForm(ChangeForm):
    """Nothing to fill in: the page says what happens."""


class MergeForm(DayForm):
    field_order = ("successor", "second", "on")
    successor = forms.ModelChoiceField(
        label=gettext_lazy("Which Pledge Maker does it merge into?"),
        queryset=PledgeMaker.objects.none(),
        empty_label=gettext_lazy("Choose one"),
        error_messages={"required": gettext_lazy("Choose the Pledge Maker that it merges into.")},
    )
    second = forms.ModelChoiceField(
        label=gettext_lazy("A second one, if it was divided"),
        queryset=PledgeMaker.objects.none(),
        empty_label=gettext_lazy("None"),
        required=False,
    )
    on = GovDateField(
        label=gettext_lazy("Its last day on its own"), help_text=gettext_lazy("The public reads this day.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = PledgeMaker.objects.published().current().exclude(pk=self.maker.pk).order_by("name", "pk")
        for name in ("successor", "second"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = others

    @property
    def successors(self) -> list[PledgeMaker]:
        """The first named first, each once."""
        named = (self.cleaned_data["successor"], self.cleaned_data["second"])
        return list(dict.fromkeys(maker for maker in named if maker))


class OrganisationForm(DayForm):
    LIST_ID = "known-organisations"
    organisation = forms.CharField(
        label=gettext_lazy("Organisation"),
        help_text=gettext_lazy("Its name or ODS code, for example RXT."),
        max_length=220,
        error_messages={"required": gettext_lazy("Enter the name or ODS code of an organisation.")},
        widget=forms.TextInput(attrs={"list": LIST_ID, "autocomplete": "off", "spellcheck": "false"}),
    )
    on = GovDateField(label=gettext_lazy("From which day is it part of it?"))
    field_order = ("organisation", "on")

    def clean_organisation(self) -> Organisation:
        return organisations.find(self.cleaned_data["organisation"], day=self.today)

    def known_organisations(self) -> list[str]:
        """What the browser offers in the box."""
        return [organisations.picked_as(row) for row in Organisation.objects.offered(self.today)]


class LeaveForm(DayForm):
    on = GovDateField(label=gettext_lazy("What was the last day?"))


class TermForm(ChangeForm):
    on = GovDateField(
        label=gettext_lazy("What is the last day?"),
        help_text=gettext_lazy("The public reads this day. It can be today, before, or within the next year."),
    )
