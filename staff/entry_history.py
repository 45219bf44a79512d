"""Who did what about one Pledge Maker in one round: the team's decisions, the steps of its updates, its own words."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import AuditEvent
from progress_updates.lateness import LONDON
from progress_updates.models import Extension, ProgressUpdate, Round, RoundEntry, StatusChange
from progress_updates.workflow import STEPS

WORDS: dict[str, str | Promise] = {
    "entry.extended": gettext_lazy("gave more time, until %(day)s"),
    "entry.extension_passed": gettext_lazy("moved the round to %(day)s, so that its own due day no longer counts"),
    "entry.extension_restored": gettext_lazy("gave it its own due day back, %(day)s"),
    "entry.more_time_asked": gettext_lazy("asked for more time, until %(day)s"),
    "entry.more_time_refused": gettext_lazy("gave no more time"),
    "entry.covered": gettext_lazy("said that it is reported with %(name)s"),
    "entry.covers": gettext_lazy("said that it reports for %(name)s too"),
    "entry.not_required": gettext_lazy("said that no update is asked, because it joined after the round opened"),
    "entry.required_again": gettext_lazy("asked for its update again"),
    "entry.words_said": gettext_lazy("changed the words beside the status"),
    "entry.words_removed": gettext_lazy("took words beside the status away"),
    "round.dates_changed": gettext_lazy("changed the dates of the round"),
    "update.started": gettext_lazy("started the draft"),
    "update.started_on_behalf": gettext_lazy("began to enter the update from a document"),
    "update.correction_started": gettext_lazy("started a correction, version %(version)s"),
    "update.publication_planned": gettext_lazy("planned the publication with the round"),
    "update.publication_cancelled": gettext_lazy("cancelled the planned publication"),
    "update.withheld": gettext_lazy("withheld the published version"),
    "update.withholding_ended": gettext_lazy("gave the withheld version back to the public"),
}


@dataclass(frozen=True)
class Happened:
    """`who` is empty when the clock did it."""

    at: datetime
    who: str
    what: str
    note: str = ""


def history_of(entry: RoundEntry) -> list[Happened]:
    """Newest first. Five queries."""
    updates = list(entry.updates.values_list("pk", "version"))
    events = _events(entry, [pk for pk, _version in updates])
    notes, names = _notes(entry), _names(events)
    happened = [_of_event(event, notes, names) for event in events]
    changes = StatusChange.objects.filter(update__entry=entry).select_related("by")
    versions = dict(updates)
    happened += [_of_change(change, versions[change.update_id]) for change in changes]
    return sorted(happened, key=lambda each: each.at, reverse=True)


def _events(entry: RoundEntry, updates: list[int]) -> list[AuditEvent]:
    about = Q(about_kind=RoundEntry._meta.label_lower, about_id=entry.pk)
    about |= Q(about_kind=ProgressUpdate._meta.label_lower, about_id__in=updates)
    about |= Q(about_kind=Round._meta.label_lower, about_id=entry.round_id)
    return list(AuditEvent.objects.filter(about, action__in=WORDS).select_related("by").order_by("at", "pk"))


def _notes(entry: RoundEntry) -> dict[tuple[str, Any], str]:
    """The words given with a decision; they are kept in its own row and never in the audit trail."""
    found: dict[tuple[str, Any], str] = {}
    for extension in Extension.objects.filter(entries=entry):
        found["entry.extended", extension.granted_at] = extension.reason
    for request in entry.extension_requests.all():
        found["entry.more_time_asked", request.asked_at] = request.reason
        found["entry.more_time_refused", request.answered_at] = request.refusal
    return found


def _names(events: list[AuditEvent]) -> dict[int, str]:
    others = [event.detail.get("covered_by") or event.detail.get("covers") for event in events]
    rows = RoundEntry.objects.filter(pk__in=[pk for pk in others if pk])
    return dict(rows.values_list("pk", "pledge_maker__name")) if any(others) else {}


def _of_event(event: AuditEvent, notes: dict[tuple[str, Any], str], names: dict[int, str]) -> Happened:
    detail = event.detail
    other = detail.get("covered_by") or detail.get("covers")
    figures = {"day": _day(detail), "name": names.get(other, ""), "version": detail.get("version", "")}
    who = event.by.name if event.by else ""
    return Happened(event.at, who, str(WORDS[event.action]) % figures, notes.get((event.action, event.at), ""))


def _day(detail: dict[str, Any]) -> str:
    if "due_at" in detail and isinstance(detail["due_at"], str):
        return date_format(datetime.fromisoformat(detail["due_at"]).astimezone(LONDON), "j F Y")
    return date_format(date.fromisoformat(detail["wanted_on"]), "j F Y") if "wanted_on" in detail else ""


def _of_change(change: StatusChange, version: int) -> Happened:
    what = str(STEPS[change.action].past)
    if version > 1:
        what = _("%(what)s (version %(version)s)") % {"what": what, "version": version}
    return Happened(change.at, change.by.name if change.by else "", what, change.note)
