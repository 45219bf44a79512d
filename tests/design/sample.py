"""One page with everything that the look has: for the browser tests, and for looking at it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crispy_forms.layout import Layout, Submit
from django import forms

from design.forms import GovDateField, LongTextField, PledgeForm
from design.layout import Buttons, Question, QuietSubmit, WarningSubmit

RATINGS = (
    ("delivered", "Delivered"),
    ("prioritised", "Prioritised"),
    ("responded_to", "Responded to"),
    ("not_started", "Not started"),
)


class SampleForm(PledgeForm):
    """Every kind of field, each with a hint."""

    looks = {
        "name": {"width": "20"},
        "share": {"width": "5", "suffix": "%"},
        "rating": {"label_size": "m", "item_hints": {"delivered": "It is in place and we can show what it changed."}},
        "groups": {"small": True},
        "changed": {"label_size": "m"},
        "agree_scale": {"inline": True},
        "due": {"label_size": "s"},
    }

    name = forms.CharField(label="Full name", help_text="As it should stand under the Statement.", max_length=200)
    share = forms.IntegerField(label="Share of staff trained", required=False)
    changed = LongTextField(label="What changed", max_words=60, help_text="Start a line with a dash to make a bullet.")
    note = forms.CharField(label="Anything else", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    rating = forms.ChoiceField(label="How far are you with this objective?", choices=RATINGS, widget=forms.RadioSelect)
    agree_scale = forms.ChoiceField(
        label="Is this a joint update?", choices=[("yes", "Yes"), ("no", "No")], widget=forms.RadioSelect
    )
    groups = forms.MultipleChoiceField(
        label="Whom did you work with?",
        choices=[("users", "People with lived experience"), ("orgs", "Community organisations")],
        widget=forms.CheckboxSelectMultiple,
    )
    region = forms.ChoiceField(
        label="Region", choices=[("", "Choose a region"), ("nw", "North West"), ("m", "Midlands")]
    )
    due = GovDateField(label="Due date", help_text="For example, 27 3 2027.")
    paper = forms.FileField(label="Board paper", required=False)
    network = forms.BooleanField(label="We agree to be part of the national network")


def layout() -> Layout:
    names = list(SampleForm.base_fields)
    buttons = Buttons(
        Submit("save", "Save and continue"),
        QuietSubmit("later", "Save and come back later"),
        WarningSubmit("drop", "Withdraw"),
    )
    return Layout(*(Question(name) for name in names), buttons)


PAGE = (Path(__file__).parent / "sample.html").read_text()


TYPED = """We held two meetings.
The second was larger.

- 40 people came
- £1,200 was spent

More will follow."""


class Message:
    def __init__(self, level_tag: str, text: str) -> None:
        self.level_tag, self.text = level_tag, text

    def __str__(self) -> str:
        return self.text


def context(form: SampleForm) -> dict[str, Any]:
    form.sample_helper = form.helper
    form.sample_helper.inputs = []
    form.sample_helper.layout = layout()
    kinds = ["on_time"] * 24 + ["late"] * 3 + ["extension"] * 2 + ["not_received"] * 5
    counts = {"delivered": 7, "prioritised": 9, "responded_to": 3, "not_started": 5}
    return {
        "form": form,
        "is_demo": True,
        "marks": [(kind, f"Pledge Maker {i}: {kind}", f"/pm/{i}") for i, kind in enumerate(kinds)],
        "key": [
            ("on_time", 24, "on time"),
            ("late", 3, "late"),
            ("extension", 2, "extension"),
            ("not_received", 5, "not received"),
        ],
        "objectives": [
            (name, counts)
            for name in (
                "Service changes that reduce inequalities in access, experience and outcomes",
                "Measure, monitor and report inequalities and progress",
                "Work in partnership with communities",
                "National leadership",
            )
        ],
        "statuses": [
            ("on_time", "Received on time"),
            ("late", "Received 3 days late"),
            ("extension", "Extension to 1 May 2027"),
            ("not_received", "Not received"),
            ("not_due_yet", "Not due yet"),
            ("reported_with", "Reported with Westmarsh"),
            ("not_required", "Not required"),
            ("withdrawn", "Withdrawn from the pledge"),
        ],
        "moment": datetime(2026, 11, 22, 9, 4, tzinfo=UTC),
        "typed": TYPED,
        "messages": [
            Message("success", "The update was sent."),
            Message("info", "The round closes on Friday."),
            Message("error", "Somebody was faster."),
        ],
    }
