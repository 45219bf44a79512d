"""Findings in a sentence, made from figures: what a reader should take away before any picture."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.contrib.humanize.templatetags.humanize import apnumber
from django.utils import formats
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from progress_updates.lateness import EXTENSION, KINDS, LATE, LONDON, NOT_DUE_YET, lateness
from progress_updates.models import Rating, Round, RoundEntry
from progress_updates.statistics import ObjectiveRatings, RoundSummary


def summary_of(entries: Iterable[RoundEntry], round_: Round, now: datetime) -> RoundSummary:
    """The same as `statistics.round_summary`, from entries that a page has already read. No query."""
    found = Counter(lateness(entry, now) for entry in entries)
    return RoundSummary(round=round_, as_at=now, counts={kind: found[kind] for kind in KINDS})


def of_round(summary: RoundSummary) -> str:
    """How a round stands. Before the due day nobody is late, so it only says what has arrived."""
    if not summary.required:
        return _("No Pledge Maker has to report in this round.")
    if summary.as_at.replace(microsecond=0) <= summary.round.due_at:
        return _before_due(summary)
    if summary.on_time == summary.required:
        return _("Everybody who had to report did so on time.")
    return " ".join(filter(None, _after_due(summary)))


def _before_due(summary: RoundSummary) -> str:
    due = formats.date_format(summary.round.due_at.astimezone(LONDON), "j F Y")
    words = ngettext(
        "Updates are due by %(due)s; %(received)s of %(required)s has arrived.",
        "Updates are due by %(due)s; %(received)s of %(required)s have arrived.",
        summary.received,
    )
    return words % {"due": due, "received": summary.received, "required": summary.required}


def _after_due(summary: RoundSummary) -> list[str]:
    on_time = _("%(on_time)s of %(required)s reported on time.")
    late = ngettext("%(count)s reported late.", "%(count)s reported late.", summary.counts[LATE])
    later = summary.counts[EXTENSION] + summary.counts[NOT_DUE_YET]
    extension = ngettext("%(count)s has more time.", "%(count)s have more time.", later)
    silent = ngettext("%(count)s has not reported.", "%(count)s have not reported.", summary.not_received)
    return [
        on_time % {"on_time": summary.on_time, "required": summary.required},
        _if_any(late, summary.counts[LATE]),
        _if_any(extension, later),
        _if_any(silent, summary.not_received),
    ]


def _if_any(words: str, count: int) -> str:
    return words % {"count": capfirst(str(apnumber(count)))} if count else ""


KEY_WORDS = {
    "on_time": lambda count: ngettext("on time", "on time", count),
    "late": lambda count: ngettext("late", "late", count),
    "extension": lambda count: ngettext("with an extension", "with an extension", count),
    "not_received": lambda count: ngettext("not received", "not received", count),
    "not_due_yet": lambda count: ngettext("not due yet", "not due yet", count),
    "reported_with": lambda count: ngettext("reported with another", "reported with another", count),
    "not_required": lambda count: ngettext("not required", "not required", count),
    "withdrawn": lambda count: ngettext("withdrawn", "withdrawn", count),
}


def key(summary: RoundSummary) -> list[tuple[str, int, str]]:
    """The legend of a round: (kind, how many, words), for kinds that somebody has."""
    return [
        (kind, summary.counts[kind], KEY_WORDS[kind](summary.counts[kind])) for kind in KINDS if summary.counts[kind]
    ]


def of_objectives(ratings: Sequence[ObjectiveRatings]) -> str:
    """Which objective most say they have delivered, and where most have not started. Silent on ties."""
    said = []
    if best := _clear_lead(ratings, Rating.DELIVERED):
        words = _("Objective %(number)s is furthest: %(count)s of %(total)s say it is delivered.")
        said.append(words % _figures(best, "delivered"))
    if slowest := _clear_lead(ratings, Rating.NOT_STARTED):
        words = ngettext(
            "Objective %(number)s is least far: %(count)s of %(total)s has not started.",
            "Objective %(number)s is least far: %(count)s of %(total)s have not started.",
            slowest.counts[Rating.NOT_STARTED],
        )
        said.append(words % _figures(slowest, "not_started"))
    return " ".join(said)


def _figures(ratings: ObjectiveRatings, rating: str) -> dict[str, int]:
    return {"number": ratings.number, "count": ratings.counts[rating], "total": ratings.total}


def _clear_lead(ratings: Sequence[ObjectiveRatings], rating: str) -> ObjectiveRatings | None:
    """The one objective with the largest share of a rating; none where two are level."""
    rated = [each for each in ratings if each.total and each.counts[rating]]
    by_share = sorted(rated, key=lambda each: each.counts[rating] / each.total, reverse=True)
    if not by_share:
        return None
    shares = [each.counts[rating] / each.total for each in by_share[:2]]
    return by_share[0] if len(shares) == 1 or shares[0] > shares[1] else None
