"""Sentences that the team's pages say about figures. The figures themselves come from progress_updates."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from progress_updates.lateness import (
    EXTENSION,
    LATE,
    NOT_DUE_YET,
    NOT_RECEIVED,
    NOT_REQUIRED,
    ON_TIME,
    REPORTED_WITH,
    WITHDRAWN,
)
from progress_updates.statistics import RoundSummary


def finding_of(summary: RoundSummary) -> str:
    """How the round stands, in one or two sentences."""
    required = summary.required
    if not required:
        return _("No Pledge Maker owes an update in this round.")
    received = ngettext(
        "We have received %(received)s of %(count)s update.",
        "We have received %(received)s of %(count)s updates.",
        required,
    ) % {"received": summary.received, "count": required}
    missing = summary.not_received
    if not missing:
        return received
    overdue = ngettext("%(count)s is past its due date.", "%(count)s are past their due date.", missing)
    return f"{received} {overdue % {'count': missing}}"


def words_of(kind: str) -> str:
    """A public status in a few words, for keys and filters."""
    return {
        ON_TIME: _("received on time"),
        LATE: _("received late"),
        EXTENSION: _("with an extension"),
        NOT_RECEIVED: _("not received"),
        NOT_DUE_YET: _("not due yet"),
        REPORTED_WITH: _("reported with another"),
        NOT_REQUIRED: _("not required"),
        WITHDRAWN: _("withdrawn from the pledge"),
    }[kind]


def key_of(summary: RoundSummary) -> list[tuple[str, int, str]]:
    """For the key: kind, how many, in words."""
    return [(kind, count, words_of(kind)) for kind, count in summary.counts.items()]
