"""The forms in which the team answers those who want to join."""

from django.utils.translation import gettext_lazy as _

from design.forms import LongTextField, PledgeForm


class ReasonForm(PledgeForm):
    """Why not. The person reads these words in a mail."""

    form_tag = False
    submit = ""
    reason = LongTextField(
        label=_("Why not?"),
        help_text=_("They read these words in an e-mail. Say what would have to be different."),
        max_words=300,
        rows=5,
        error_messages={"required": _("Give a reason.")},
    )
