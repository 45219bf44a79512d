"""The forms of the Synergi team: a round, a question, a further leader, a reason for sending back."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from design.forms import GovDateField, LongTextField, PledgeForm
from progress_updates.models import Round
from signatories.caseworkers import team
from signatories.forms import PersonForm
from signatories.models import Organisation, PledgeMaker

LONGEST_LIMIT = 10_000


class FurtherLeaderForm(PersonForm):
    """A further leader for a Pledge Maker that we know."""

    role_title = forms.CharField(
        label=gettext_lazy("Their role"),
        help_text=gettext_lazy("For example: chief executive, medical director."),
        max_length=200,
        error_messages={"required": gettext_lazy("Enter their role.")},
    )
    organisation = forms.ModelChoiceField(
        label=gettext_lazy("Their organisation"),
        queryset=Organisation.objects.none(),
        empty_label=None,
        error_messages={"required": gettext_lazy("Choose their organisation.")},
    )

    def __init__(self, *args: Any, pledge_maker: PledgeMaker, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Organisation.objects.filter(parts__pledge_maker=pledge_maker, parts__left_on=None)


def word_limit_field(**more: Any) -> forms.IntegerField:
    """Words that one answer may have."""
    return forms.IntegerField(
        label=gettext_lazy("Word limit"),
        min_value=1,
        max_value=LONGEST_LIMIT,
        error_messages={
            "required": gettext_lazy("Enter a word limit."),
            "invalid": gettext_lazy("The word limit must be a whole number, like 1000."),
            "min_value": gettext_lazy("The word limit must be 1 or more."),
            "max_value": gettext_lazy("The word limit must be 10,000 or fewer."),
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        **more,
    )


class RoundForm(PledgeForm):
    """A round. Staff choose all its dates; what stands in the boxes at first is a suggestion."""

    form_tag = False
    submit = gettext_lazy("Save the round")
    looks = {"label": {"width": "20"}, "word_limit": {"width": "5", "suffix": gettext_lazy("words")}}
    label = forms.CharField(
        label=gettext_lazy("Name of the round"),
        help_text=gettext_lazy("For example: Round 4, spring 2027. It is part of the public address."),
        max_length=100,
        error_messages={"required": gettext_lazy("Enter a name for the round.")},
    )
    period_from = GovDateField(label=gettext_lazy("First day of the period"))
    period_to = GovDateField(label=gettext_lazy("Last day of the period"))
    opens_on = GovDateField(
        label=gettext_lazy("Opens"), help_text=gettext_lazy("For your plan: the round opens when you press Open.")
    )
    due_on = GovDateField(
        label=gettext_lazy("Due"), help_text=gettext_lazy("On time until 11:59:59pm on this day, London time.")
    )
    closes_on = GovDateField(
        label=gettext_lazy("Closes"),
        help_text=gettext_lazy("The last day on which a late update can come in without an extension."),
    )
    publishes_on = GovDateField(
        label=gettext_lazy("Publication"),
        help_text=gettext_lazy("The day on which accepted updates can be published together."),
    )
    word_limit = word_limit_field(help_text=gettext_lazy("For each answer. You can change it for one question later."))
    guidance = LongTextField(
        label=gettext_lazy("Guidance"),
        help_text=gettext_lazy("What Pledge Makers read before they start. You can leave it empty."),
        max_words=1000,
        rows=6,
        required=False,
    )

    # (earlier, later, where it says so, the sentence)
    ORDER = (
        ("period_from", "period_to", gettext_lazy("The last day of the period must not be before its first day.")),
        ("opens_on", "due_on", gettext_lazy("The due day must not be before the opening day.")),
        ("due_on", "closes_on", gettext_lazy("The closing day must not be before the due day.")),
        ("opens_on", "publishes_on", gettext_lazy("Publication must not be before the opening day.")),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for earlier, later, sentence in self.ORDER:
            first, second = cleaned.get(earlier), cleaned.get(later)
            if first and second and second < first:
                self.add_error(later, sentence)
        return cleaned


def suggestion(last: Round | None, today: date) -> dict[str, Any]:
    """What stands in the boxes of a new round: six months after the last one. Nothing else computes dates."""
    due = _six_months_after(timezone.localdate(last.due_at)) if last else today + timedelta(days=90)
    due = max(due, today + timedelta(days=60))
    period_from = last.period_to + timedelta(days=1) if last else _first_of_month(due - timedelta(days=240))
    return {
        "period_from": period_from,
        "period_to": _six_months_after(period_from) - timedelta(days=1),
        "opens_on": due - timedelta(days=60),
        "due_on": due,
        "closes_on": due + timedelta(days=30),
        "publishes_on": due + timedelta(days=60),
        "word_limit": last.word_limit if last else 1000,
        "guidance": last.guidance if last else "",
    }


def _six_months_after(day: date) -> date:
    month = day.month + 6
    year, month = (day.year + 1, month - 12) if month > 12 else (day.year, month)
    return date(year, month, min(day.day, 28))


def _first_of_month(day: date) -> date:
    return day.replace(day=1)


class QuestionForm(PledgeForm):
    """What one section asks, until the round opens."""

    form_tag = False
    submit = gettext_lazy("Save the question")
    looks = {"word_limit": {"width": "5", "suffix": gettext_lazy("words")}}
    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=200,
        error_messages={"required": gettext_lazy("Enter a title.")},
    )
    hint = LongTextField(
        label=gettext_lazy("Hint"),
        help_text=gettext_lazy("Help with the answer, in a sentence or two."),
        max_words=200,
        rows=3,
        required=False,
    )
    word_limit = word_limit_field()


class SendBackForm(PledgeForm):
    """Why an update goes back, and by when we hope to have it again."""

    form_tag = False
    submit = ""
    reason = LongTextField(
        label=gettext_lazy("What should they change?"),
        help_text=gettext_lazy("The Pledge Maker reads these words. Name the section and what is missing."),
        max_words=1000,
        rows=6,
        error_messages={"required": gettext_lazy("Say what they should change.")},
    )
    respond_by = GovDateField(
        label=gettext_lazy("By when do you hope to have it back?"),
        help_text=gettext_lazy("Being sent back never makes an update late. You can leave this empty."),
        required=False,
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_respond_by(self) -> date | None:
        day = self.cleaned_data["respond_by"]
        if day and day < self.today:
            raise forms.ValidationError(_("Choose a day that is not in the past."))
        return day


class GiveForm(PledgeForm):
    """Who of the team looks after some Pledge Makers. With `one` there is nothing to tick."""

    form_tag = False
    submit = ""
    pledge_makers = forms.MultipleChoiceField(
        label=gettext_lazy("Pledge Makers"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": gettext_lazy("Tick at least one Pledge Maker."),
            "invalid_choice": gettext_lazy("One of these Pledge Makers is not in this round. Look again."),
        },
    )
    caseworker = forms.ModelChoiceField(
        label=gettext_lazy("Who looks after them?"),
        help_text=gettext_lazy("An active member of the Synergi team."),
        queryset=User.objects.none(),
        empty_label=gettext_lazy("Nobody"),
        required=False,
        error_messages={"invalid_choice": gettext_lazy("Choose an active member of the Synergi team.")},
    )

    def __init__(
        self, *args: Any, pledge_makers: Iterable[PledgeMaker] = (), one: PledgeMaker | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.makers = {str(maker.pk): maker for maker in ([one] if one else pledge_makers)}
        member = self.fields["caseworker"]
        assert isinstance(member, forms.ModelChoiceField)
        member.queryset = team()
        if one:
            del self.fields["pledge_makers"]
            member.initial, member.label = one.caseworker_id, _("Who looks after it?")
            return
        ticks = self.fields["pledge_makers"]
        assert isinstance(ticks, forms.MultipleChoiceField)
        ticks.choices = [(key, _name_and_owner(maker)) for key, maker in self.makers.items()]
        ticks.initial = list(self.makers)

    def chosen(self) -> list[PledgeMaker]:
        """The Pledge Makers that were ticked."""
        return [self.makers[key] for key in self.cleaned_data.get("pledge_makers", self.makers)]


def _name_and_owner(maker: PledgeMaker) -> str:
    if not maker.caseworker:
        return maker.name
    return _("%(pledge_maker)s (now %(name)s)") % {"pledge_maker": maker.name, "name": maker.caseworker.name}
