"""Whether an update came in time: one SQL expression over stored instants, its twin in Python, and the words.

Facts, not blame. Instants are kept to the second, so the due second itself is on time.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Case, CharField, F, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from progress_updates.models import RoundEntry, WhyNotRequired

LONDON = ZoneInfo("Europe/London")

NOT_DUE_YET = "not_due_yet"
ON_TIME = "on_time"
LATE = "late"
EXTENSION = "extension"
NOT_RECEIVED = "not_received"
NOT_REQUIRED = "not_required"
REPORTED_WITH = "reported_with"
WITHDRAWN = "withdrawn"
KINDS = (ON_TIME, LATE, EXTENSION, NOT_RECEIVED, NOT_DUE_YET, REPORTED_WITH, NOT_REQUIRED, WITHDRAWN)


def lateness_expression(now: datetime, prefix: str = "") -> Case:
    """The public status as SQL. `prefix` leads to the entry, for example "entry__"."""

    def path(name: str) -> str:
        return f"{prefix}{name}"

    now = _to_the_second(now)
    due = Coalesce(F(path("extended_to")), F(path("due_at")))
    return Case(
        When(**{path("why_not_required"): WhyNotRequired.WITHDRAWN}, then=Value(WITHDRAWN)),
        When(**{path("why_not_required"): WhyNotRequired.COVERED}, then=Value(REPORTED_WITH)),
        When(**{path("why_not_required"): WhyNotRequired.JOINED_AFTER_OPENING}, then=Value(NOT_REQUIRED)),
        When(**{path("received_at__lte"): due}, then=Value(ON_TIME)),
        When(**{path("received_at__isnull"): False}, then=Value(LATE)),
        When(**{path("extended_to__gte"): now}, then=Value(EXTENSION)),
        When(**{path("extended_to__isnull"): True, path("due_at__gte"): now}, then=Value(NOT_DUE_YET)),
        default=Value(NOT_RECEIVED),
        output_field=CharField(),
    )


def with_lateness(entries: QuerySet[RoundEntry], now: datetime) -> QuerySet[RoundEntry]:
    """Adds `lateness` to each entry, to filter and count by."""
    return entries.annotate(lateness=lateness_expression(now))


def lateness(entry: RoundEntry, now: datetime) -> str:
    """The same in Python; a test proves both equal."""
    now = _to_the_second(now)
    if entry.why_not_required:
        return {
            WhyNotRequired.WITHDRAWN: WITHDRAWN,
            WhyNotRequired.COVERED: REPORTED_WITH,
        }.get(WhyNotRequired(entry.why_not_required), NOT_REQUIRED)
    if entry.received_at:
        return ON_TIME if entry.received_at <= entry.due else LATE
    if now <= entry.due:
        return EXTENSION if entry.extended_to else NOT_DUE_YET
    return NOT_RECEIVED


def days_late(entry: RoundEntry) -> int:
    """Calendar days in London from the due day to the day of receipt; 0 when in time or not received."""
    if not entry.received_at or entry.received_at <= entry.due:
        return 0
    return (entry.received_at.astimezone(LONDON).date() - entry.due.astimezone(LONDON).date()).days


@dataclass(frozen=True)
class PublicStatus:
    """What the public reads: a kind for the mark, a few words, the whole fact, and the team's words about more time."""

    kind: str
    words: str
    fact: str
    beside: str = ""


def public_status(entry: RoundEntry, now: datetime) -> PublicStatus:
    """The public words for an entry at a moment, in London time. Lists select `extension` with the entry."""
    kind = lateness(entry, now)
    return PublicStatus(kind, *_words(kind, entry, now), beside=_about_more_time(entry))


def _about_more_time(entry: RoundEntry) -> str:
    return entry.extension.public_words if entry.required and entry.extension else ""


def _words(kind: str, entry: RoundEntry, now: datetime) -> tuple[str, str]:
    due, received = _day(entry.due), _day(entry.received_at)
    if kind == ON_TIME:
        return _("Received on time"), _("Received %(day)s. Due %(due)s.") % {"day": received, "due": due}
    if kind == LATE:
        count = days_late(entry)
        words = ngettext("Received %(count)s day late", "Received %(count)s days late", count)
        return words % {"count": count}, _("Due %(due)s. Received %(day)s.") % {"day": received, "due": due}
    if kind == EXTENSION:
        return _("Extension to %(due)s") % {"due": due}, _("First due %(due)s.") % {"due": _day(entry.due_at)}
    if kind == NOT_DUE_YET:
        return _("Not due yet"), _("Due %(due)s.") % {"due": due}
    if kind == NOT_RECEIVED:
        as_at = _("Due %(due)s. Not received as at %(moment)s.")
        return _("Not received"), as_at % {"due": due, "moment": moment(now)}
    if kind == REPORTED_WITH:
        return _words_of_covered(entry.covered_by, now)
    if kind == WITHDRAWN:
        return _("Withdrawn from the pledge"), ""
    return _("Not required"), entry.get_why_not_required_display()


def _words_of_covered(covering: RoundEntry | None, now: datetime) -> tuple[str, str]:
    """Nothing was reported before the update that speaks for it was received."""
    if covering is None:
        return _("Reported with %(name)s") % {"name": _("another Pledge Maker")}, ""
    name = covering.pledge_maker.name
    if covering.received_at:
        return _("Reported with %(name)s") % {"name": name}, ""
    words, due = _("To be reported with %(name)s") % {"name": name}, _day(covering.due)
    if _to_the_second(now) <= covering.due:
        return words, _("Due %(due)s.") % {"due": due}
    fact = _("Due %(due)s. The update of %(name)s was not received as at %(moment)s.")
    return words, fact % {"due": due, "name": name, "moment": moment(now)}


def _to_the_second(now: datetime) -> datetime:
    return now.replace(microsecond=0)


def _day(instant: datetime | None) -> str:
    return formats.date_format(instant.astimezone(LONDON), "j F Y") if instant else ""


def moment(instant: datetime) -> str:
    """A moment in words: 21 November 2026, 9:05am."""
    local = instant.astimezone(LONDON)
    clock = f"{local.hour % 12 or 12}:{local:%M}{'am' if local.hour < 12 else 'pm'}"
    return f"{formats.date_format(local, 'j F Y')}, {clock}"
