"""What a Pledge Maker says beside its status: why an update is late, and its right of reply. Public once saved."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit
from accounts.models import AuditEvent, User
from design.words import count_words, with_unix_line_ends
from progress_updates import entry_emails
from progress_updates.entries import check_can_speak_for, check_can_tend, hold_entry
from progress_updates.lateness import LATE, NOT_RECEIVED, lateness
from progress_updates.models import RoundEntry
from progress_updates.permissions import NotAllowed

# How long new words stand in the team's queue.
NEWS_FOR = timedelta(days=14)


@dataclass(frozen=True)
class Part:
    """One of the two things that can be said. `name` is the column."""

    name: str
    title: str | Promise
    # What the public reads above it.
    public_title: str | Promise
    word_limit: int


PARTS = {
    part.name: part
    for part in (
        Part("late_reason", gettext_lazy("Why it is late"), gettext_lazy("The reason given"), 100),
        Part("right_of_reply", gettext_lazy("Right of reply"), gettext_lazy("Their reply"), 200),
    )
}


class WordsRefused(Exception):
    """These words cannot stand there; the message is a sentence for people."""


class ChangedMeanwhile(WordsRefused):
    """Somebody else saved other words since the page was opened. `entry` holds what stands now."""

    def __init__(self, entry: RoundEntry) -> None:
        super().__init__(_("Somebody else changed these words while you were writing. Below is what stands now."))
        self.entry = entry


def makes_sense(entry: RoundEntry, now: datetime) -> bool:
    """Only beside *late* and *not received* is there something to explain."""
    return lateness(entry, now) in (LATE, NOT_RECEIVED)


def mark_of(entry: RoundEntry) -> str:
    """Changes whenever the words change: shows that somebody writes over what they have read."""
    return hashlib.sha256("\0".join(getattr(entry, name) for name in PARTS).encode()).hexdigest()[:16]


@transaction.atomic
def say(*, entry: RoundEntry, late_reason: str, right_of_reply: str, seen: str, by: User, now: datetime) -> None:
    """Puts words beside the status, for everybody to read at once; empty takes them away.

    By a leader or coordinator, or by the Synergi team on their behalf. `seen` is the `mark_of` what the page showed.
    Saving what stands leaves no trace.
    """
    check_can_say(entry=entry, by=by)
    held, texts = hold_entry(entry), _tidy(late_reason=late_reason, right_of_reply=right_of_reply)
    changed = [name for name, text in texts.items() if getattr(held, name) != text]
    if not changed:
        return
    if mark_of(held) != seen:
        raise ChangedMeanwhile(held)
    if not makes_sense(held, now) and any(texts[name] for name in changed):
        raise WordsRefused(_("There is nothing to explain: the update is neither late nor missing."))
    RoundEntry.objects.filter(pk=held.pk).update(**texts)
    audit.record(action="entry.words_said", by=by, about=held, now=now, parts=changed)


def check_can_say(*, entry: RoundEntry, by: User) -> None:
    """A leader or a coordinator; or the Synergi team, on their behalf."""
    try:
        check_can_tend(by=by)
    except NotAllowed:
        check_can_speak_for(entry=entry, by=by)


def _tidy(**texts: str) -> dict[str, str]:
    tidy = {name: with_unix_line_ends(text).strip() for name, text in texts.items()}
    for name, text in tidy.items():
        if count_words(text) > PARTS[name].word_limit:
            raise WordsRefused(_("Use %(limit)s words or fewer.") % {"limit": PARTS[name].word_limit})
    return tidy


@transaction.atomic
def take_away(*, entry: RoundEntry, part: str, reason: str, by: User, now: datetime) -> None:
    """Removes words that hold personal data. The reason is mailed; the words are kept nowhere."""
    check_can_tend(by=by)
    if not reason.strip():
        raise WordsRefused(_("Say why, so that they can write it again without personal data."))
    held = hold_entry(entry)
    if part not in PARTS or not getattr(held, part):
        raise WordsRefused(_("These words are gone already. Nothing was changed."))
    RoundEntry.objects.filter(pk=held.pk).update(**{part: ""})
    audit.record(action="entry.words_removed", by=by, about=held, now=now, parts=[part])
    entry_emails.words_removed(held, reason=reason.strip(), now=now)


@dataclass(frozen=True)
class Said:
    """New words beside a status, for the team's queue."""

    entry: RoundEntry
    by: User
    at: datetime


def newly_said(now: datetime) -> list[Said]:
    """Words that Pledge Makers put beside a status lately and that still stand, newest first. Two queries."""
    kind = RoundEntry._meta.label_lower
    events = AuditEvent.objects.filter(
        action="entry.words_said", about_kind=kind, at__gt=now - NEWS_FOR, by__synergi_role=""
    )
    found = events.exclude(about_id=None).select_related("by").order_by("at", "pk")
    latest = {event.about_id or 0: event for event in found}
    entries = RoundEntry.objects.filter(pk__in=latest).exclude(late_reason="", right_of_reply="")
    said = [
        Said(entry, latest[entry.pk].by, latest[entry.pk].at)  # type: ignore[arg-type]
        for entry in entries.select_related("pledge_maker", "round")
    ]
    return sorted(said, key=lambda each: each.at, reverse=True)
