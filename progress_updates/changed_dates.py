"""Other dates for a round, before and after it has opened."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from progress_updates import entry_emails
from progress_updates.models import Extension, ProgressUpdate, Round, RoundEntry, State
from progress_updates.permissions import check_can_run_rounds
from progress_updates.rounds import end_of, hold_dates, start_of

NAMES = ("opens_at", "due_at", "closes_at", "publishes_at")


class DatesRefused(Exception):
    """A date cannot be that; `field` names the box."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


@transaction.atomic
def change_dates(
    *, round_: Round, opens_on: date, due_on: date, closes_on: date, publishes_on: date, by: User, now: datetime
) -> int:
    """Gives a round other dates, and its entries the new due day in the same transaction.

    Before the opening all four may move; afterwards the opening day stays, and nothing moves into the past. An entry
    with a later day of its own keeps it; one whose own day is no longer later follows the round. Publications planned
    for the old day move along. Returns how many Pledge Makers were told: those who still owe an update.
    """
    check_can_run_rounds(by=by)
    hold_dates(round_)
    if round_.is_past:
        raise DatesRefused("due_on", _("This round was entered as history. Its dates stay as they were."))
    before = {name: getattr(round_, name) for name in NAMES}
    after = {
        "opens_at": before["opens_at"] if round_.opened_at else start_of(opens_on),
        "due_at": end_of(due_on),
        "closes_at": end_of(closes_on),
        "publishes_at": start_of(publishes_on),
    }
    changed = [name for name in NAMES if before[name] != after[name]]
    if not changed:
        return 0
    _check_order(after)
    _check_not_past(round_, changed, after, now)
    Round.objects.filter(pk=round_.pk).update(**after)
    round_.refresh_from_db()
    was, is_now = _trace(changed, before), _trace(changed, after)
    audit.record(action="round.dates_changed", by=by, about=round_, now=now, before=was, after=is_now)
    _move_plans(round_, before["publishes_at"])
    return _move_entries(round_, by=by, now=now) if "due_at" in changed else 0


def _trace(changed: list[str], dates: dict[str, datetime]) -> dict[str, str]:
    return {name: dates[name].isoformat() for name in changed}


def _check_order(dates: dict[str, datetime]) -> None:
    if dates["due_at"] <= dates["opens_at"]:
        raise DatesRefused("due_on", _("The due day must not be before the opening day."))
    if dates["closes_at"] < dates["due_at"]:
        raise DatesRefused("closes_on", _("The closing day must not be before the due day."))
    if dates["publishes_at"] < dates["opens_at"]:
        raise DatesRefused("publishes_on", _("Publication must not be before the opening day."))


def _check_not_past(round_: Round, changed: list[str], after: dict[str, datetime], now: datetime) -> None:
    """Of a round that has opened. What stands may be past; what is new may not."""
    words = {
        "due_at": ("due_on", _("The due day of an open round can only move to today or later.")),
        "closes_at": ("closes_on", _("The closing day of an open round can only move to today or later.")),
        "publishes_at": ("publishes_on", _("Publication can only move to tomorrow or later.")),
    }
    for name in changed:
        if round_.opened_at and after[name] < now:
            raise DatesRefused(*words[name])


def _move_plans(round_: Round, old: datetime) -> None:
    planned = ProgressUpdate.objects.filter(entry__round=round_.pk, state=State.ACCEPTED, publish_at=old)
    ProgressUpdate.objects.filter(
        pk__in=list(planned.values_list("pk", flat=True)), state=State.ACCEPTED, publish_at=old
    ).update(publish_at=round_.publishes_at)


def _move_entries(round_: Round, *, by: User, now: datetime) -> int:
    """Every entry follows; whoever has a later day of their own, or had one before the round moved, goes on with it."""
    entries = RoundEntry.objects.filter(round=round_)
    held = list(entries.order_by("pk").select_for_update(of=("self",), no_key=True).select_related("pledge_maker"))
    passed = [entry for entry in held if entry.extended_to and entry.extended_to <= round_.due_at]
    follows = Q(extended_to=None) | Q(extended_to__lte=round_.due_at)
    entries.filter(follows).update(due_at=round_.due_at, extended_to=None, extension=None)
    entries.filter(extended_to__gt=round_.due_at).update(due_at=round_.due_at)
    audit.record_each(action="entry.extension_passed", about=passed, by=by, now=now, due_at=round_.due_at.isoformat())
    _restore_extensions(round_, held, by=by, now=now)
    told = [each for each in held if _is_told(each, round_)]
    for entry in told:
        entry.round = round_
    if round_.opened_at and not round_.is_past:
        entry_emails.due_day_changed(round_, told, now=now)
    return len(told)


def _restore_extensions(round_: Round, held: list[RoundEntry], *, by: User, now: datetime) -> None:
    """An extension that a later due day had overtaken is in force again once it is later than that of the round."""
    without = {entry.pk: entry for entry in held if entry.extended_to is None}
    pairs = Extension.entries.through.objects.filter(roundentry__in=without).select_related("extension")
    newest = {pair.roundentry_id: pair.extension for pair in pairs.order_by("extension__granted_at", "extension")}
    for extension in set(newest.values()):
        regained = [without[key] for key, found in newest.items() if found == extension]
        if extension.due_at <= round_.due_at:
            continue
        keys = [entry.pk for entry in regained]
        RoundEntry.objects.filter(pk__in=keys).update(extended_to=extension.due_at, extension=extension)
        day = extension.due_at.isoformat()
        audit.record_each(action="entry.extension_restored", about=regained, by=by, now=now, due_at=day)
        owing = [entry for entry in regained if entry.required and entry.received_at is None]
        entry_emails.due_day_changed(round_, owing, now=now, due=extension.due_at)
        for entry in regained:
            entry.extended_to = extension.due_at


def _is_told(entry: RoundEntry, round_: Round) -> bool:
    own = entry.extended_to is not None and entry.extended_to > round_.due_at
    return entry.required and entry.received_at is None and not own
