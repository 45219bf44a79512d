"""Planning: claim what is owed and not yet told, and put one message for each person into the outbox.

Runs every minute and by hand, in any number at the same time: unique rows decide who tells whom.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import transaction
from django.db.models import Case, CharField, OuterRef, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, Concat

from jobs.crashpoints import reached
from mail.models import Message
from mail.outbox import is_address, queue_many
from reminders import emails
from reminders.ladder import LADDER, NOBODY_REACHABLE, falls_at
from reminders.models import Reminder
from reminders.owed import Owed, dates_of, owed

Key = tuple[int, int, str, date]
STEPS_FOR_STAFF = [step.name for step in (*LADDER, NOBODY_REACHABLE) if step.is_for_staff]


@dataclass(frozen=True)
class PlanResult:
    """What a run claimed: how many reminders, in how many messages, one a person; and who has no usable address."""

    reminders: int = 0
    messages: int = 0
    unreachable: int = 0

    def __str__(self) -> str:
        return f"{self.reminders} reminders in {self.messages} messages, {self.unreachable} people unreachable"


def plan(*, now: datetime) -> PlanResult:
    """Queues a message for everybody who is owed a reminder and has none. A second run finds nothing to do.

    A constant number of queries for any number of people: three to look, and nine more when there is something."""
    everything = owed(now)
    reached("reminders.looked")
    new = _not_told(everything)
    reachable = [each for each in new if is_address(each.user.email)]
    unreachable = {each.user.pk for each in new} - {each.user.pk for each in reachable}
    result = _claim_and_queue(reachable, now) if reachable else PlanResult()
    reached("reminders.committed")
    return replace(result, unreachable=len(unreachable))


def _not_told(everything: Sequence[Owed]) -> list[Owed]:
    """What is news to its person. One query.

    A new due day makes earlier steps fall anew: a member who has been told anything since such a step fell has had
    the words already. What was skipped (sent in, then recalled) was not told."""
    keys: set[Key] = set()
    once: set[tuple[int, int, str]] = set()
    last: dict[tuple[int, int], datetime] = {}
    for user, entry, step, due_on, at in _told({each.entry.pk for each in everything}) if everything else ():
        keys.add((user, entry, step, due_on))
        once.add((user, entry, step))
        if step not in STEPS_FOR_STAFF:
            last[user, entry] = max(at, last.get((user, entry), at))
    return [each for each in everything if not _knows(each, keys, once, last)]


def _told(entries: Iterable[int]) -> Iterable[tuple[int, int, str, date, datetime]]:
    """What the team sends is told when it leaves, a few minutes after it was planned."""
    rows = Reminder.objects.filter(entry__in=entries, skipped="").exclude(chase__cancelled_at__isnull=False)
    told_at = Coalesce("chase__goes_at", "planned_at")
    return rows.values_list("user_id", "entry_id", "step", "due_on", told_at)


def _knows(each: Owed, keys: set[Key], once: set[tuple[int, int, str]], last: dict[tuple[int, int], datetime]) -> bool:
    user, entry, step, _due_on = each.key
    if each.key in keys or (each.step.once and (user, entry, step) in once):
        return True
    told_at = None if each.step.is_for_staff else last.get((user, entry))
    return told_at is not None and told_at >= falls_at(each.step, dates_of(each.entry))


@transaction.atomic
def _claim_and_queue(new: list[Owed], now: datetime) -> PlanResult:
    run = uuid.uuid4()
    mine = _claim(new, run, now)
    reached("reminders.claimed")
    envelopes: dict[tuple[int, bool], list[Owed]] = defaultdict(list)
    for each in mine:
        envelopes[each.envelope].append(each)
    drafts = [emails.draft(items, now=now, unique_key=_key(run, *whom)) for whom, items in envelopes.items()]
    queue_many(drafts, now=now)
    reached("reminders.queued")
    _link(run)
    reached("reminders.linked")
    return PlanResult(reminders=len(mine), messages=len(drafts))


def _claim(new: list[Owed], run: uuid.UUID, now: datetime) -> list[Owed]:
    """Those whose row is ours; rows that another planner was faster with are left to it."""
    rows = [
        Reminder(user=o.user, entry=o.entry, step=o.step.name, due_on=o.due_on, run=run, planned_at=now) for o in new
    ]
    Reminder.objects.bulk_create(rows, ignore_conflicts=True)
    ours = set(Reminder.objects.filter(run=run).values_list("user_id", "entry_id", "step", "due_on"))
    return [each for each in new if each.key in ours]


def _key(run: uuid.UUID, user_id: int, for_staff: bool) -> str:
    return f"reminders-{run}-{'team-' if for_staff else ''}{user_id}"


def _link(run: uuid.UUID) -> None:
    """Tells each reminder of this run its message."""
    group = Case(When(step__in=STEPS_FOR_STAFF, then=Value("team-")), default=Value(""))
    mine = Reminder.objects.filter(run=run).annotate(
        message_key=Concat(Value(f"reminders-{run}-"), group, Cast("user_id", CharField()), output_field=CharField())
    )
    message = Message.objects.filter(unique_key=OuterRef("message_key")).values("pk")[:1]
    mine.update(message=Subquery(message))
