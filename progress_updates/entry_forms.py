"""The forms of what happens around an entry: more time, words beside the status, a correction."""

from django import forms
from django.utils.translation import gettext_lazy as _

from design.forms import GovDateField, LongTextField, PledgeForm
from progress_updates.beside import PARTS
from progress_updates.corrections import NOTE_WORDS

REASON_WORDS = 200


class MoreTimeForm(PledgeForm):
    """A Pledge Maker asks for more time."""

    submit = _("Ask for more time")
    wanted_on = GovDateField(
        label=_("By which day can you send it?"),
        help_text=_("A day after your due day. It counts until midnight in London."),
        error_messages={"required": _("Enter the day by which you can send it.")},
    )
    reason = LongTextField(
        label=_("Why do you need more time?"),
        help_text=_("The Synergi team reads this. It is never published."),
        max_words=REASON_WORDS,
        rows=5,
        error_messages={"required": _("Say why you need more time.")},
    )
    looks = {"wanted_on": {"label_size": "m"}, "reason": {"label_size": "m"}}


class OwnWordsForm(PledgeForm):
    """What stands beside the status. `seen` is the mark of what the page showed."""

    submit = _("Save and show it to everybody")
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    late_reason = LongTextField(
        label=_("Why is it late?"),
        help_text=_("Everybody reads this as the reason given. Leave out anything that points to a person."),
        max_words=PARTS["late_reason"].word_limit,
        rows=4,
        required=False,
    )
    right_of_reply = LongTextField(
        label=_("What else do you want to say?"),
        help_text=_("Your right of reply. Everybody reads it beside your status, in your words."),
        max_words=PARTS["right_of_reply"].word_limit,
        rows=6,
        required=False,
    )
    looks = {"late_reason": {"label_size": "m"}, "right_of_reply": {"label_size": "m"}}


class CorrectionForm(PledgeForm):
    """What a correction corrects, for the public."""

    submit = _("Start the correction")
    note = LongTextField(
        label=_("What do you correct?"),
        help_text=_(
            "Everybody reads this at the top of the corrected update. For example: “The figure for 2025 was wrong.”"
        ),
        max_words=NOTE_WORDS,
        rows=4,
        error_messages={"required": _("Say what you correct. Everybody can read it.")},
    )
    looks = {"note": {"label_size": "m"}}
