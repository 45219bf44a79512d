"""The guard of reminder messages: just before one leaves, is it still owed, and is it the hour?"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from mail import outbox
from mail.guards import Later
from mail.models import Message
from progress_updates.models import RoundEntry
from reminders import emails
from reminders.ladder import next_sending_time
from reminders.models import Reminder
from reminders.owed import Owed, as_we_ask, owed_to, owed_to_staff
from signatories.models import Membership

NO_LONGER_OWED = "no_longer_owed"


def still_wanted(message: Message, now: datetime) -> bool:
    """False when nothing in it is owed any more. When part of it is, the message gets new words.

    Raises Later outside the hours in which mail may leave. Two queries, unless something has changed."""
    wait_for_the_hour(now)
    reminders = list(reminders_of(message))
    owed = {reminder.pk: found for reminder in reminders if (found := _owed(reminder, now))}
    if skip(reminder.pk for reminder in reminders if reminder.pk not in owed) and owed:
        items = list(owed.values())
        outbox.rewrite(message, template=emails.template(items), context=emails.context(items, now))
    return bool(owed)


def wait_for_the_hour(now: datetime) -> None:
    if (leaves := next_sending_time(now)) > now:
        raise Later(leaves)


def reminders_of(message: Message) -> QuerySet[Any]:
    """Each with its entry as it stands now, and the role that its person has now for its Pledge Maker, if any."""
    memberships = Membership.objects.filter(
        user=OuterRef("user"), pledge_maker=OuterRef("entry__pledge_maker"), ended_at=None
    )
    entries = Prefetch("entry", queryset=as_we_ask(RoundEntry.objects.all()))
    rows = Reminder.objects.filter(message=message, skipped="").select_related("user", "chase__started_by")
    return rows.prefetch_related(entries).annotate(role=Subquery(memberships.values("role")[:1])).order_by("pk")


def skip(reminders: Iterable[int]) -> int:
    """Says in the ledger that these were not sent after all; returns how many."""
    gone = list(reminders)
    return Reminder.objects.filter(pk__in=gone).update(skipped=NO_LONGER_OWED) if gone else 0


def _owed(reminder: Any, now: datetime) -> Owed | None:
    """What the person is owed now, if it is what the reminder says."""
    found = [
        owed_to(user=reminder.user, role=reminder.role or "", entry=reminder.entry, now=now),
        *owed_to_staff(user=reminder.user, entry=reminder.entry, now=now),
    ]
    wanted = reminder.step, reminder.due_on
    return next((each for each in found if each and (each.step.name, each.due_on) == wanted), None)
