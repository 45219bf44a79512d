"""The team's forms around an entry: more time, reported with another, other dates, words taken away, withholding."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from design.forms import GovDateField, LongTextField, PledgeForm
from progress_updates.lateness import public_status
from progress_updates.models import Round, RoundEntry

ALL, SOME = "all", "some"


class MoreTimeGivenForm(PledgeForm):
    """A new due day, why, and what everybody reads of it."""

    form_tag = False
    submit = ""
    due_on = GovDateField(
        label=gettext_lazy("New due day"),
        help_text=gettext_lazy("On time until 11:59:59pm on this day, London time."),
        error_messages={"required": gettext_lazy("Enter the new due day.")},
    )
    reason = LongTextField(
        label=gettext_lazy("Why, for the record"),
        help_text=gettext_lazy("Only the Synergi team reads this."),
        max_words=200,
        rows=3,
        error_messages={"required": gettext_lazy("Say why, for the record.")},
    )
    public_words = LongTextField(
        label=gettext_lazy("Why, for everybody (optional)"),
        help_text=gettext_lazy(
            "It stands beside the status, in public. For example: “Our site was down on the due day.” "
            "Leave out anything that points to a person."
        ),
        max_words=60,
        rows=2,
        required=False,
    )


class ExtendForm(MoreTimeGivenForm):
    """More time for everybody whose update is missing, or for those ticked."""

    who = forms.ChoiceField(
        label=gettext_lazy("Who gets more time?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose who gets more time.")},
    )
    entries = forms.MultipleChoiceField(
        label=gettext_lazy("Pledge Makers"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": gettext_lazy("One of these is not in this round. Look again.")},
    )

    def __init__(
        self, *args: Any, missing: Iterable[RoundEntry], others: Iterable[RoundEntry], now: datetime, **kwargs: Any
    ):
        super().__init__(*args, **kwargs)
        self.missing = list(missing)
        self.known = {str(entry.pk): entry for entry in (*self.missing, *others)}
        shown = {str(entry.pk): entry for entry in self.missing}
        who, ticks = self.fields["who"], self.fields["entries"]
        assert isinstance(who, forms.ChoiceField)
        assert isinstance(ticks, forms.MultipleChoiceField)
        everybody = _("Everybody whose update we have not received (%(count)s)") % {"count": len(shown)}
        who.choices = [(ALL, everybody), (SOME, _("Only those ticked below"))]
        # An update received since the page was opened is known still, and is left out by the domain with its reason.
        known = self.known if self.is_bound else shown
        ticks.choices = [(key, entry.pledge_maker.name) for key, entry in known.items()]
        self.looks = {"entries": {"item_hints": {key: _standing(entry, now) for key, entry in known.items()}}}  # type: ignore[misc]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("who") == SOME and not cleaned.get("entries") and "entries" not in self.errors:
            self.add_error("entries", _("Tick at least one Pledge Maker."))
        return cleaned

    def chosen(self) -> list[RoundEntry]:
        """All that are missing now, or those ticked."""
        if self.cleaned_data["who"] == ALL:
            return self.missing
        return [self.known[key] for key in self.cleaned_data["entries"]]


def _standing(entry: RoundEntry, now: datetime) -> str:
    status = public_status(entry, now)
    return f"{status.words}. {status.fact}".strip()


class RefuseForm(PledgeForm):
    """Why there is no more time."""

    form_tag = False
    submit = ""
    words = LongTextField(
        label=gettext_lazy("Why not?"),
        help_text=gettext_lazy("The Pledge Maker reads these words. They are never published."),
        max_words=200,
        rows=4,
        error_messages={"required": gettext_lazy("Say why not, so that they know.")},
    )


class CoverForm(PledgeForm):
    """Whose update speaks for this Pledge Maker too."""

    form_tag = False
    submit = ""
    with_ = forms.ModelChoiceField(
        label=gettext_lazy("Who reports for it?"),
        help_text=gettext_lazy("Those who have not signed in this round yet: their signature will name both."),
        queryset=RoundEntry.objects.none(),
        empty_label=gettext_lazy("Choose a Pledge Maker"),
        error_messages={
            "required": gettext_lazy("Choose who reports for it."),
            "invalid_choice": gettext_lazy("That Pledge Maker cannot report for it now. Choose another."),
        },
    )

    def __init__(self, *args: Any, choices: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["with_"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = choices
        field.label_from_instance = lambda entry: entry.pledge_maker.name  # type: ignore[assignment, method-assign]


class TakeAwayForm(PledgeForm):
    """Why words are taken away."""

    submit = gettext_lazy("Take the words away")
    reason = LongTextField(
        label=gettext_lazy("Why do you take them away?"),
        help_text=gettext_lazy("We mail this to the leader and the coordinators. Do not repeat the personal data."),
        max_words=100,
        rows=3,
        error_messages={"required": gettext_lazy("Say why, so that they can write it again.")},
    )
    looks = {"reason": {"label_size": "m"}}


class WithholdForm(PledgeForm):
    """What everybody reads instead of a withheld version."""

    form_tag = False
    submit = ""
    note = LongTextField(
        label=gettext_lazy("What shall everybody read instead?"),
        help_text=gettext_lazy("Say what is being settled, without the personal data itself."),
        max_words=100,
        rows=3,
        error_messages={"required": gettext_lazy("Say why, in words that everybody can read.")},
    )


class DatesForm(PledgeForm):
    """Other dates for a round. Once it has opened, its opening day stays."""

    form_tag = False
    submit = ""
    opens_on = GovDateField(label=gettext_lazy("Opens"), help_text=gettext_lazy("It opens when you press Open."))
    due_on = GovDateField(
        label=gettext_lazy("Due"), help_text=gettext_lazy("On time until 11:59:59pm on this day, London time.")
    )
    closes_on = GovDateField(
        label=gettext_lazy("Closes"),
        help_text=gettext_lazy("The last day on which a late update can come in without an extension."),
    )
    publishes_on = GovDateField(
        label=gettext_lazy("Publication"),
        help_text=gettext_lazy("Publications that are planned for the round move along."),
    )

    def __init__(self, *args: Any, round_: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if round_.opened_at:
            del self.fields["opens_on"]
