"""Planning: claim what is owed and not yet told, and put one message for each person into the outbox.

Runs every minute and by hand, in any number at the same time: unique rows decide who tells whom.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import CharField, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat

from jobs.crashpoints import reached
from mail.models import Message
from mail.outbox import is_address, queue_many
from reminders import emails
from reminders.models import Reminder
from reminders.owed import Owed, owed


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

    A constant number of queries for any number of people: three to look, and eight when there is something."""
    everything = owed(now)
    reached("reminders.looked")
    told = set(keys_told(everything))
    new = [each for each in everything if each.key not in told]
    reachable = [each for each in new if is_address(each.user.email)]
    unreachable = {each.user.pk for each in new} - {each.user.pk for each in reachable}
    result = _claim_and_queue(reachable, now) if reachable else PlanResult()
    reached("reminders.committed")
    return replace(result, unreachable=len(unreachable))


def keys_told(everything: Iterable[Owed]) -> Iterable[tuple]:
    entries = {each.entry.pk for each in everything}
    return Reminder.objects.filter(entry__in=entries).values_list("user_id", "entry_id", "step", "due_on")


@transaction.atomic
def _claim_and_queue(new: list[Owed], now: datetime) -> PlanResult:
    run = uuid.uuid4()
    mine = _claim(new, run, now)
    reached("reminders.claimed")
    people: dict[int, list[Owed]] = defaultdict(list)
    for each in mine:
        people[each.user.pk].append(each)
    queue_many([emails.draft(items, now=now, unique_key=_key(run, pk)) for pk, items in people.items()], now=now)
    reached("reminders.queued")
    _link(run)
    reached("reminders.linked")
    return PlanResult(reminders=len(mine), messages=len(people))


def _claim(new: list[Owed], run: uuid.UUID, now: datetime) -> list[Owed]:
    """Those whose row is ours; rows that another planner was faster with are left to it."""
    rows = [
        Reminder(user=o.user, entry=o.entry, step=o.step.name, due_on=o.due_on, run=run, planned_at=now) for o in new
    ]
    Reminder.objects.bulk_create(rows, ignore_conflicts=True)
    ours = set(Reminder.objects.filter(run=run).values_list("user_id", "entry_id", "step", "due_on"))
    return [each for each in new if each.key in ours]


def _key(run: uuid.UUID, user_id: int) -> str:
    return f"reminders-{run}-{user_id}"


def _link(run: uuid.UUID) -> None:
    """Tells each reminder of this run its message."""
    key = Concat(Value(f"reminders-{run}-"), Cast(OuterRef("user_id"), CharField()))
    message = Message.objects.filter(unique_key=key).values("pk")[:1]
    Reminder.objects.filter(run=run).update(message=Subquery(message))
