"""The guard of reminder messages: just before one leaves, is it still owed, and is it the hour?"""

from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery

from mail import outbox
from mail.guards import Later
from mail.models import Message
from reminders import emails
from reminders.ladder import next_sending_time
from reminders.models import Reminder
from reminders.owed import Owed, owed_to
from signatories.models import Membership

NO_LONGER_OWED = "no_longer_owed"


def still_wanted(message: Message, now: datetime) -> bool:
    """False when nothing in it is owed any more. When part of it is, the message gets new words.

    Raises Later outside the hours in which mail may leave. One query, unless something has changed."""
    if (leaves := next_sending_time(now)) > now:
        raise Later(leaves)
    reminders = list(_with_role(Reminder.objects.filter(message=message, skipped="")))
    owed = {reminder.pk: found for reminder in reminders if (found := _owed(reminder, now))}
    gone = [reminder.pk for reminder in reminders if reminder.pk not in owed]
    if gone:
        Reminder.objects.filter(pk__in=gone).update(skipped=NO_LONGER_OWED)
    if gone and owed:
        items = list(owed.values())
        outbox.rewrite(message, template=emails.template(items), context=emails.context(items))
    return bool(owed)


def _with_role(reminders: QuerySet[Reminder]) -> QuerySet[Reminder]:
    """Each with the role that its person has now for its Pledge Maker, if any."""
    memberships = Membership.objects.filter(
        user=OuterRef("user"), pledge_maker=OuterRef("entry__pledge_maker"), ended_at=None
    )
    return reminders.select_related("user", "entry__round", "entry__pledge_maker").annotate(
        role=Subquery(memberships.values("role")[:1])
    )


def _owed(reminder: Reminder, now: datetime) -> Owed | None:
    """What the person is owed now, if it is what the reminder says."""
    role = getattr(reminder, "role", None) or ""
    found = owed_to(user=reminder.user, role=role, entry=reminder.entry, now=now)
    same = found and (found.step.name, found.due_on) == (reminder.step, reminder.due_on)
    return found if same else None
