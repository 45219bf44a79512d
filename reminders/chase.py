"""Reminding in bulk: staff choose Pledge Makers, see who would be mailed, and have five minutes to cancel.

What is mailed is what was looked at: `start` refuses when the people are no longer those of the preview. Just before a
message leaves, the outbox asks whether the chase was cancelled, and whether the update is still owed.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from mail import outbox
from mail.models import Message
from mail.models import State as MailState
from mail.outbox import Draft, is_address, queue_many
from mail.wording import Words, words
from progress_updates.models import Round, RoundEntry
from reminders import emails
from reminders.ladder import AUDIENCES, CHASE, london_day, next_sending_time
from reminders.looking_again import reminders_of, skip, wait_for_the_hour
from reminders.models import Chase, Reminder
from reminders.owed import Owed, as_we_ask, dates_of, is_outstanding, outstanding
from reminders.permissions import check_can_chase
from signatories.models import Membership
from signatories.reachable import members_to_ask, reachable_members

KIND = "chase"
TIME_TO_CANCEL = timedelta(minutes=5)
# Who was reminded since then is left in peace.
IN_PEACE = timedelta(hours=48)


class ChaseRefused(Exception):
    """Nobody is reminded; the message is a sentence for people."""


class ListChanged(ChaseRefused):
    """Since the preview somebody sent, left, or was reminded."""


@dataclass(frozen=True)
class Preview:
    """Who would be mailed, and who not and why. People and Pledge Makers are counted apart."""

    owed: Sequence[Owed]
    # People who were reminded within 48 hours, and people whose address refused mail.
    in_peace: Sequence[Membership]
    refused: Sequence[Membership]
    # Pledge Makers of which nobody can be reached.
    unreachable: Sequence[RoundEntry]

    @cached_property
    def people(self) -> dict[int, list[Owed]]:
        """What each person would read about, by person: one mail each."""
        found: dict[int, list[Owed]] = defaultdict(list)
        for each in self.owed:
            found[each.user.pk].append(each)
        return dict(found)

    @cached_property
    def makers(self) -> int:
        return len({each.entry.pk for each in self.owed})

    @property
    def fingerprint(self) -> str:
        """Of who would be mailed about what; the page carries it from the preview to the button."""
        keys = sorted((each.user.pk, each.entry.pk) for each in self.owed)
        return sha256(repr(keys).encode()).hexdigest()[:32]


def candidates(round_: Round, now: datetime) -> QuerySet[Any]:
    """Entries of a round that owe an update which can still be sent, by name."""
    entries = as_we_ask(outstanding().filter(round=round_))
    if now.replace(microsecond=0) > round_.closes_at:
        entries = entries.filter(extended_to__gte=now.replace(microsecond=0))
    return entries.order_by("pledge_maker__name", "pk")


def preview(*, round_: Round, entries: Collection[int], now: datetime) -> Preview:
    """Who would be mailed if staff reminded these entries now. Three queries."""
    chosen = {entry.pledge_maker_id: entry for entry in candidates(round_, now).filter(pk__in=entries)}
    last = _lately_told(now)
    asked = members_to_ask().filter(pledge_maker__in=chosen).select_related("user").order_by("pledge_maker", "pk")
    reached = set(reachable_members().filter(pledge_maker__in=chosen).values_list("pk", flat=True))
    owed, in_peace, refused = [], [], []
    for member in asked.annotate(lately=Subquery(last.filter(entry__round=round_).values("pk")[:1])):
        if member.pk not in reached or not is_address(member.user.email):
            refused.append(member)
        elif member.lately:
            in_peace.append(member)
        else:
            owed.append(_owed(member.user, member.role, chosen[member.pledge_maker_id]))
    unreachable = [entry for entry in chosen.values() if not entry.reaches_somebody]
    return Preview(owed, in_peace, refused, unreachable)


def _lately_told(now: datetime) -> QuerySet[Reminder]:
    """Reminders about this Pledge Maker that the person got within 48 hours, or is about to get."""
    waits = Q(message__state__in=[MailState.QUEUED, MailState.SENDING, MailState.HELD])
    told = Q(message__state=MailState.SENT, message__sent_at__gt=now - IN_PEACE)
    about = Reminder.objects.filter(
        user=OuterRef("user"), entry__pledge_maker=OuterRef("pledge_maker"), skipped="", chase__cancelled_at=None
    )
    return about.filter(waits | told)


def _owed(user: User, role: str, entry: RoundEntry) -> Owed:
    return Owed(user, role, AUDIENCES[role], entry, CHASE, london_day(entry.due))


def words_for(items: Sequence[Owed], *, sentence: str, by: User, now: datetime) -> Words:
    """The mail as this person would read it."""
    return words("chase", _context(items, sentence, by, now))


def _context(items: Sequence[Owed], sentence: str, by: User, now: datetime) -> dict[str, Any]:
    return {**emails.for_members(items, now), "sentence": sentence, "sender": by.name}


def goes_at(now: datetime) -> datetime:
    """When the mails of a chase started now leave."""
    return next_sending_time(now + TIME_TO_CANCEL)


@transaction.atomic
def start(*, round_: Round, entries: Collection[int], sentence: str, seen: str, by: User, now: datetime) -> Chase:
    """Queues one mail for each person of the preview whose fingerprint is `seen`; nothing leaves for five minutes.

    Raises ListChanged when the people are others by now, and ChaseRefused when there is nobody to remind."""
    check_can_chase(by)
    # Two members of the team at once: the second finds everybody reminded already.
    Round.objects.select_for_update().get(pk=round_.pk)
    found = preview(round_=round_, entries=entries, now=now)
    if not found.owed:
        raise ChaseRefused(_("There is nobody to remind."))
    if found.fingerprint != seen:
        raise ListChanged(_("The list has changed since you looked. Look at it again."))
    chase = Chase.objects.create(round=round_, sentence=sentence, started_by=by, started_at=now, goes_at=goes_at(now))
    _queue(chase, found, now)
    about: dict[str, Any] = {"chase": chase.pk, "people": len(found.people), "pledge_makers": found.makers}
    audit.record(action="reminders.chase_started", by=by, about=round_, now=now, **about)
    return chase


def _queue(chase: Chase, found: Preview, now: datetime) -> None:
    drafts = [_draft(chase, items) for items in found.people.values()]
    messages = dict(zip(found.people, queue_many(drafts, now=now), strict=True))
    run = uuid.uuid4()
    Reminder.objects.bulk_create(
        Reminder(
            user=each.user,
            entry=each.entry,
            step=CHASE.name,
            chase=chase,
            due_on=each.due_on,
            run=run,
            planned_at=now,
            message=messages[each.user.pk],
        )
        for each in found.owed
    )


def _draft(chase: Chase, items: Sequence[Owed]) -> Draft:
    user = items[0].user
    return Draft(
        to=user.email,
        to_name=user.name,
        kind=KIND,
        template="chase",
        context=_context(items, chase.sentence, chase.started_by, chase.goes_at),
        not_before=chase.goes_at,
        unique_key=f"chase-{chase.pk}-{user.pk}",
    )


@transaction.atomic
def cancel(*, chase: Chase, by: User, now: datetime) -> bool:
    """Takes a chase back while nothing has left. False: it is too late, or a colleague was faster."""
    check_can_chase(by)
    rows = Chase.objects.filter(pk=chase.pk, cancelled_at=None, goes_at__gt=now)
    if not rows.update(cancelled_at=now, cancelled_by=by):
        return False
    audit.record(action="reminders.chase_cancelled", by=by, about=chase.round, now=now, chase=chase.pk)
    return True


def still_wanted(message: Message, now: datetime) -> bool:
    """The guard: False when it was cancelled or nothing in it is owed any more. Two queries, unless it has changed."""
    wait_for_the_hour(now)
    reminders = list(reminders_of(message))
    if not reminders or reminders[0].chase.cancelled_at:
        return False
    owed = {each.pk: found for each in reminders if (found := _still_owed(each, now))}
    if skip(each.pk for each in reminders if each.pk not in owed) and owed:
        chase = reminders[0].chase
        outbox.rewrite(
            message, template="chase", context=_context(list(owed.values()), chase.sentence, chase.started_by, now)
        )
    return bool(owed)


def _still_owed(reminder: Any, now: datetime) -> Owed | None:
    entry, user, role = reminder.entry, reminder.user, reminder.role or ""
    if not (is_outstanding(entry) and user.is_active and role in AUDIENCES and now <= dates_of(entry).open_until):
        return None
    return _owed(user, role, entry)


def chases_of(round_: Round) -> QuerySet[Any]:
    """Newest first, each with how many people were to be mailed. One query."""
    people = Count("reminders__user", distinct=True)
    return round_.chases.select_related("started_by", "cancelled_by").annotate(people=people)
