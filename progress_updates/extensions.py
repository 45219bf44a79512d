"""More time: asked for by a Pledge Maker, granted or refused by the Synergi team."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from progress_updates import entry_emails
from progress_updates.entries import check_can_speak_for, check_can_tend, hold_entries, hold_entry
from progress_updates.models import Extension, ExtensionRequest, Round, RoundEntry
from progress_updates.rounds import end_of

# A later day than that is a slip of the keyboard.
LONGEST = timedelta(days=366)


class ExtensionRefused(Exception):
    """No more time can be given or asked for so; the message is a sentence for people."""


class AlreadyAnswered(ExtensionRefused):
    """A colleague was faster: this request has its answer."""


def why_not(entry: RoundEntry, due_at: datetime) -> str:
    """Why this entry cannot have this new due instant, in a few words; empty when it can."""
    if entry.received_at:
        return _("its update was received")
    if not entry.required:
        return _("no update is asked of it")
    if due_at <= entry.due:
        return _("it has until then already, or longer")
    if due_at > entry.due + LONGEST:
        return _("more than a year after its due day")
    return ""


@transaction.atomic
def grant(
    *,
    round_: Round,
    entries: Collection[RoundEntry],
    due_on: date,
    reason: str,
    by: User,
    now: datetime,
    public_words: str = "",
    answering: ExtensionRequest | None = None,
) -> Extension:
    """Gives one, several or all entries of a round until 23:59:59 in London on `due_on`.

    `reason` is for the record, `public_words` for everybody. Entries that cannot have it any more (received
    meanwhile, not required, with a later day already) are left out. Open requests of the others are answered by it.
    Raises ExtensionRefused when nobody is left, or the day has passed; AlreadyAnswered when a colleague has answered
    the request that this is `answering`.
    """
    check_can_tend(by=by)
    due_at = end_of(due_on)
    _check_is_no_history(round_)
    _check_the_day(due_at, now)
    if not reason.strip():
        raise ExtensionRefused(_("Say why, for the record."))
    held = hold_entries([entry.pk for entry in entries])
    if answering:
        _check_is_open(answering)
    given = [entry for entry in held if entry.round_id == round_.pk and not why_not(entry, due_at)]
    if not given:
        raise ExtensionRefused(_("Nobody was given more time: none of them needs it until that day."))
    extension = Extension.objects.create(
        round=round_,
        due_at=due_at,
        reason=reason.strip(),
        public_words=public_words.strip(),
        granted_by=by,
        granted_at=now,
    )
    _put_in_force(extension, given)
    return extension


def _check_is_no_history(round_: Round) -> None:
    if round_.is_past:
        raise ExtensionRefused(_("This round was entered as history: its deadlines have been. Nothing was changed."))


def _check_the_day(due_at: datetime, now: datetime) -> None:
    if due_at < now:
        raise ExtensionRefused(_("Choose a day that is not in the past."))


def _check_is_open(request: ExtensionRequest) -> None:
    request.refresh_from_db()
    if request.answered_at:
        raise AlreadyAnswered(_("A colleague has answered this request. Nothing was changed."))


def _put_in_force(extension: Extension, entries: list[RoundEntry]) -> None:
    extension.entries.set(entries)
    keys = [entry.pk for entry in entries]
    RoundEntry.objects.filter(pk__in=keys).update(extended_to=extension.due_at, extension=extension)
    ExtensionRequest.objects.filter(entry__in=keys, answered_at=None).update(
        answered_by=extension.granted_by, answered_at=extension.granted_at, granted=extension
    )
    audit.record_changes(
        action="entry.extended",
        by=extension.granted_by,
        now=extension.granted_at,
        changes=[(entry, {"extended_to": entry.extended_to and entry.extended_to.isoformat()}) for entry in entries],
        after={"extended_to": extension.due_at.isoformat()},
        extension=extension.pk,
        due_at=extension.due_at.isoformat(),
    )
    entry_emails.more_time_given(extension, entries)


@transaction.atomic
def ask(*, entry: RoundEntry, wanted_on: date, reason: str, by: User, now: datetime) -> ExtensionRequest:
    """A leader or coordinator asks for more time. One request is open at a time; a second press finds the first."""
    check_can_speak_for(entry=entry, by=by)
    held = hold_entry(entry)
    if standing := held.extension_requests.filter(answered_at=None).first():
        return standing
    _check_can_be_asked(held, end_of(wanted_on), now)
    if not reason.strip():
        raise ExtensionRefused(_("Say why you need more time."))
    request = ExtensionRequest.objects.create(
        entry=held, wanted_on=wanted_on, reason=reason.strip(), asked_by=by, asked_at=now
    )
    audit.record(action="entry.more_time_asked", by=by, about=held, now=now, wanted_on=wanted_on.isoformat())
    entry_emails.more_time_asked(request)
    return request


def why_not_ask(entry: RoundEntry) -> str:
    """Why there is nothing to ask more time for, in a sentence; empty when there is."""
    if entry.round.is_past:
        return _("This round was entered as history, so there is no deadline to move.")
    if not entry.required:
        return _("No update is asked of you in this round, so there is no deadline to move.")
    if entry.received_at:
        return _("Your update was received, so there is no deadline to move.")
    return ""


def _check_can_be_asked(entry: RoundEntry, wanted: datetime, now: datetime) -> None:
    if words := why_not_ask(entry):
        raise ExtensionRefused(words)
    _check_the_day(wanted, now)
    if wanted <= entry.due:
        raise ExtensionRefused(_("Choose a day after your due day."))
    if wanted > entry.due + LONGEST:
        raise ExtensionRefused(_("Choose a day within a year of your due day."))


@transaction.atomic
def refuse(*, request: ExtensionRequest, words: str, by: User, now: datetime) -> None:
    """Says no, with words that the Pledge Maker reads. Raises AlreadyAnswered when a colleague was faster."""
    check_can_tend(by=by)
    if not words.strip():
        raise ExtensionRefused(_("Say why not, so that they know."))
    hold_entry(request.entry)
    answered = ExtensionRequest.objects.filter(pk=request.pk, answered_at=None).update(
        answered_by=by, answered_at=now, refusal=words.strip()
    )
    request.refresh_from_db()
    if not answered:
        raise AlreadyAnswered(_("A colleague has answered this request. Nothing was changed."))
    audit.record(action="entry.more_time_refused", by=by, about=request.entry, now=now, request=request.pk)
    entry_emails.more_time_refused(request)


def open_requests() -> list[ExtensionRequest]:
    """Requests that wait for an answer, oldest first. One query."""
    waiting = ExtensionRequest.objects.filter(answered_at=None)
    return list(waiting.select_related("entry__pledge_maker", "entry__round", "asked_by").order_by("asked_at", "pk"))
