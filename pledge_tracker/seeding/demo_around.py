"""The demonstration around its updates: more time, words beside a status, a correction, other dates."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from pledge_tracker.seeding.dates import RoundDates, at
from pledge_tracker.seeding.demo_makers import Past
from progress_updates import beside, changed_dates, corrections, extensions, not_required, withholding, workflow
from progress_updates.models import ProgressUpdate, Round, RoundEntry
from progress_updates.snapshots import fingerprint
from signatories.models import PledgeMaker, Role

if TYPE_CHECKING:
    from accounts.models import User
    from pledge_tracker.seeding.demo import Team

PUBLIC_WORDS = "A flood closed its offices for two weeks."
# One whose published update is corrected, and whose first version held a name.
CORRECTED = "NHS Fenholme Integrated Care Board"
# In the open round: one reports for another, one has more time, one asks for it.
COVERED, COVERING = "Wexcombe Healthcare NHS Foundation Trust", "Stonebeck Mental Health Alliance"
EXTENDED, ASKING = "Saltby and Fen Partnership NHS Trust", "Thornwick Coast NHS Trust"


def give_time(entry: RoundEntry, days: int, team: Team) -> None:
    """Granted three days before the due day."""
    due_on = timezone.localdate(entry.due_at)
    extensions.grant(
        round_=entry.round,
        entries=[entry],
        due_on=due_on + timedelta(days=days),
        reason="Asked for by telephone: their offices are flooded.",
        public_words=PUBLIC_WORDS,
        by=team.caseworker,
        now=at(due_on - timedelta(days=3), 15, 20),
    )
    entry.refresh_from_db()


def say_beside(entry: RoundEntry, past: Past) -> None:
    """What the coordinator wrote once the update was late, or missing."""
    if not (past.late_reason or past.right_of_reply):
        return
    late_on = timezone.localdate(entry.due_at) + timedelta(days=max(past.days, 5) + 1)
    beside.say(
        entry=entry,
        late_reason=past.late_reason,
        right_of_reply=past.right_of_reply,
        seen=beside.mark_of(entry),
        by=_coordinator(entry.pledge_maker),
        now=at(late_on, 11, 10),
    )


def correct_one(round_: Round, team: Team) -> None:
    """Corrected three weeks after its publication; the first version is withheld, for it named somebody."""
    first = ProgressUpdate.objects.get(entry__round=round_, entry__pledge_maker__name=CORRECTED)
    day = timezone.localdate(round_.publishes_at) + timedelta(days=21)
    entry, coordinator = first.entry, _coordinator(first.entry.pledge_maker)
    leader = entry.pledge_maker.memberships.get(role=Role.LEADER, ended_at=None).user
    withholding.withhold(
        update=first,
        note="This version named a person who had not agreed to it. Version 2 says the same without the name.",
        by=team.publisher,
        now=at(day, 9, 5),
    )
    note = "We have taken out the name of a person. Nothing else has changed."
    new = corrections.start_correction(entry=entry, note=note, by=coordinator, now=at(day, 10, 30))
    workflow.ask_for_signature(update=new, by=coordinator, now=at(day, 11, 15))
    new.refresh_from_db()
    workflow.sign(update=new, by=leader, now=at(day, 14, 40), read=fingerprint(new))
    workflow.start_review(update=new, by=team.caseworker, now=_at(day, 1, 9))
    workflow.accept(update=new, by=team.caseworker, now=_at(day, 1, 10))
    workflow.publish(update=new, by=team.publisher, now=_at(day, 1, 12))


def move_the_close(round_: Round, dates: RoundDates, team: Team) -> None:
    """A round that was first to close and publish a week earlier."""
    changed_dates.change_dates(
        round_=round_,
        opens_on=dates.opens,
        due_on=dates.due,
        closes_on=dates.closes,
        publishes_on=dates.publishes,
        by=team.caseworker,
        now=at(dates.opens + timedelta(days=4), 16),
    )


def cover_one(round_: Round, team: Team) -> None:
    """Said soon after the opening, so that the signed record will name both."""
    entries = {name: round_.entries.get(pledge_maker__name=name) for name in (COVERED, COVERING)}
    now = at(timezone.localdate(round_.opens_at) + timedelta(days=2), 13)
    not_required.cover(entry=entries[COVERED], by_entry=entries[COVERING], by=team.caseworker, now=now)


def ask_and_give(round_: Round, team: Team, now: datetime) -> None:
    """One has more time, answering its request; another waits for its answer."""
    due_on = timezone.localdate(round_.due_at)
    given = round_.entries.get(pledge_maker__name=EXTENDED)
    _ask(given, due_on + timedelta(days=14), "Our lead writer has left, and her successor starts next week.", now, 6)
    extensions.grant(
        round_=round_,
        entries=[given],
        due_on=due_on + timedelta(days=10),
        reason="A new lead writer. Ten days are enough; told them by telephone.",
        public_words="It has a new lead for this work.",
        by=team.caseworker,
        now=now - timedelta(days=5, hours=2),
    )
    waiting = round_.entries.get(pledge_maker__name=ASKING)
    _ask(
        waiting,
        due_on + timedelta(days=21),
        "Our board meets only after the due day, and it wants to read the update.",
        now,
        2,
    )


def _ask(entry: RoundEntry, wanted_on: date, reason: str, now: datetime, days_ago: int) -> None:
    by = _coordinator(entry.pledge_maker)
    extensions.ask(entry=entry, wanted_on=wanted_on, reason=reason, by=by, now=now - timedelta(days=days_ago))


def _coordinator(maker: PledgeMaker) -> User:
    return maker.memberships.get(role=Role.COORDINATOR, ended_at=None).user


def _at(day: date, later: int, hour: int) -> datetime:
    return at(day + timedelta(days=later), hour)
