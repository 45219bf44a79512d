"""Who is owed which reminder at a moment: looked up when planning, and again just before a message leaves."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from progress_updates.models import ProgressUpdate, RoundEntry, State
from reminders.ladder import AUDIENCES, NOBODY_REACHABLE, Audience, Dates, Step, london_day, oldest_due, step_owed
from signatories.reachable import somebody_reachable


@dataclass(frozen=True)
class Owed:
    """One person is owed one step for one entry. `role` is what they are for the Pledge Maker; empty for staff."""

    user: User
    role: str
    audience: Audience
    entry: RoundEntry
    step: Step
    due_on: date

    @property
    def key(self) -> tuple[int, int, str, date]:
        """What is unique about it."""
        return self.user.pk, self.entry.pk, self.step.name, self.due_on

    @property
    def envelope(self) -> tuple[int, bool]:
        """What goes into one message: everything for one person, but what they hear as staff apart."""
        return self.user.pk, self.step.is_for_staff


def owed(now: datetime) -> list[Owed]:
    """Everything owed at `now`, told or not, ordered by key. Two queries."""
    entries = list(entries_that_may_owe(now))
    if not entries:
        return []
    members, staff = _people(entries)
    return sorted((each for entry in entries for each in _owed_for(entry, members, staff, now)), key=lambda o: o.key)


def _owed_for(entry: RoundEntry, members: Any, staff: Sequence[User], now: datetime) -> Iterator[Owed]:
    for user in members[entry.pledge_maker_id]:
        if found := owed_to(user=user, role=user.role, entry=entry, now=now):
            yield found
    for user in responsible(entry, staff):
        yield from owed_to_staff(user=user, entry=entry, now=now)


def owed_to(*, user: User, role: str, entry: RoundEntry, now: datetime) -> Owed | None:
    """What one member in one role is owed for one entry; the one rule for planning and for looking again."""
    audience = AUDIENCES.get(role)
    if not audience or not user.is_active or not is_outstanding(entry):
        return None
    step = step_owed(audience=audience, dates=dates_of(entry), now=now)
    return Owed(user, role, audience, entry, step, london_day(entry.due)) if step else None


def owed_to_staff(*, user: User, entry: Any, now: datetime) -> list[Owed]:
    """What one member of the team is owed for one entry; likewise. `entry` is one of `as_we_ask`."""
    if not (user.is_active and user.is_synergi and is_outstanding(entry)):
        return []
    late = step_owed(audience=Audience.STAFF, dates=dates_of(entry), now=now)
    alarm = NOBODY_REACHABLE if not entry.reaches_somebody and now <= dates_of(entry).open_until else None
    return [Owed(user, "", Audience.STAFF, entry, step, london_day(entry.due)) for step in (late, alarm) if step]


def responsible(entry: RoundEntry, staff: Sequence[User]) -> Sequence[User]:
    """Who of the team hears of an entry: whoever looks after the Pledge Maker, else all who review."""
    own = [user for user in staff if user.pk == entry.pledge_maker.caseworker_id]
    return own or staff


def is_outstanding(entry: RoundEntry) -> bool:
    """An update is asked for, and none was received."""
    asked = entry.round.opened_at is not None and not entry.round.is_past
    return asked and entry.required and entry.received_at is None


def dates_of(entry: RoundEntry) -> Dates:
    """Of an entry whose round has opened. No query for entries of `as_we_ask`."""
    opened_at, closes_at = entry.round.opened_at, entry.round.closes_at
    assert opened_at is not None
    granted_at = entry.extension.granted_at if entry.extension else None
    return Dates(opened_at, entry.due, max(closes_at, entry.extended_to or closes_at), granted_at)


def outstanding() -> QuerySet[RoundEntry]:
    """The same as `is_outstanding`, for many rows."""
    asked = Q(round__opened_at__isnull=False, round__is_past=False)
    return RoundEntry.objects.filter(asked, why_not_required="", received_at=None)


def as_we_ask(entries: QuerySet[RoundEntry]) -> QuerySet[Any]:
    """With all that the rules and the words need: the Pledge Maker, dates, where its update stands, who is reached."""
    newest = ProgressUpdate.objects.filter(entry=OuterRef("pk")).order_by("-version")
    return entries.select_related("round", "pledge_maker", "extension").annotate(
        update_state=Subquery(newest.values("state")[:1]), reaches_somebody=somebody_reachable("pledge_maker")
    )


def waits_for_signature(entry: Any) -> bool:
    return bool(entry.update_state == State.AWAITING_SIGN_OFF)


def entries_that_may_owe(now: datetime) -> QuerySet[Any]:
    due = Coalesce("extended_to", "due_at")
    return as_we_ask(outstanding().alias(due_instant=due).filter(due_instant__gte=oldest_due(now)))


def _people(entries: Iterable[RoundEntry]) -> tuple[dict[int, list[User]], list[User]]:
    """Members by Pledge Maker, each with a `role`, and the whole team, in one query."""
    members: dict[int, list[User]] = defaultdict(list)
    staff: dict[int, User] = {}
    for user in members_and_staff({entry.pledge_maker_id for entry in entries}):
        if user.maker:
            members[user.maker].append(user)
        if user.is_synergi:
            staff[user.pk] = user
    return members, list(staff.values())


def members_and_staff(makers: Iterable[int]) -> QuerySet[Any]:
    """A row for each membership of today that is reminded, and at least one for each member of the team."""
    current = Q(memberships__ended_at=None, memberships__role__in=list(AUDIENCES), memberships__pledge_maker__in=makers)
    rows = User.objects.filter(is_active=True).annotate(today=FilteredRelation("memberships", condition=current))
    rows = rows.filter(Q(today__isnull=False) | ~Q(synergi_role=""))
    return rows.annotate(maker=F("today__pledge_maker"), role=F("today__role")).order_by("pk")
