"""Who is owed which reminder at a moment: looked up when planning, and again just before a message leaves."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import User
from progress_updates.models import RoundEntry
from reminders.ladder import ROLES, Step, london_day, step_owed, window
from signatories.models import Membership


@dataclass(frozen=True)
class Owed:
    """One person, in one role, is owed one step for one entry."""

    user: User
    role: str
    entry: RoundEntry
    step: Step
    due_on: date

    @property
    def key(self) -> tuple[int, int, str, date]:
        """What is unique about it."""
        return self.user.pk, self.entry.pk, self.step.name, self.due_on


def owed(now: datetime) -> list[Owed]:
    """Everything owed at `now`, told or not, ordered by key. Two queries."""
    entries = list(entries_that_may_owe(now))
    members: dict[int, list[Membership]] = defaultdict(list)
    for member in members_to_remind(entries):
        members[member.pledge_maker_id].append(member)
    found = (
        owed_to(user=member.user, role=member.role, entry=entry, now=now)
        for entry in entries
        for member in members[entry.pledge_maker_id]
    )
    return sorted((each for each in found if each), key=lambda each: each.key)


def owed_to(*, user: User, role: str, entry: RoundEntry, now: datetime) -> Owed | None:
    """What one person in one role is owed for one entry; the one rule for planning and for looking again."""
    if not entry.required or entry.received_at or entry.round.opened_at is None or not user.is_active:
        return None
    step = step_owed(due=entry.due, role=role, now=now)
    return Owed(user, role, entry, step, london_day(entry.due)) if step else None


def entries_that_may_owe(now: datetime) -> QuerySet[RoundEntry]:
    first, last = window(now)
    return (
        RoundEntry.objects.filter(why_not_required="", received_at=None, round__opened_at__isnull=False)
        .annotate(due_instant=Coalesce("extended_to", "due_at"))
        .filter(due_instant__range=(first, last))
        .select_related("round", "pledge_maker")
    )


def members_to_remind(entries: Iterable[RoundEntry]) -> QuerySet[Membership]:
    makers = {entry.pledge_maker_id for entry in entries}
    current = Q(ended_at=None, role__in=ROLES, user__is_active=True, pledge_maker__in=makers)
    return Membership.objects.filter(current).select_related("user")
