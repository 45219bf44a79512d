"""Sending what is due: claim a message, look again whether it is wanted, send it, mark it.

Each step is a compare-and-set, so any number of senders may run at the same time. A sender that dies leaves
a lease that runs out, and another sends the message again with the same Message-ID. Never call `send_due`
inside a transaction: the claim must be visible to other senders before anything leaves.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet

from jobs.clock import Clock
from jobs.crashpoints import reached
from jobs.waking import wake
from mail import guards, holding, tasks
from mail.delivery import NotDelivered, Postman
from mail.erasing import REMOVED
from mail.models import ErrorClass, Message, State

logger = logging.getLogger(__name__)

# How long to wait after the first, second, ... failed attempt; after the last one the message has failed.
BACKOFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 4 * 60, 8 * 60, 12 * 60, 24 * 60))
MAX_ATTEMPTS = len(BACKOFF) + 1
# Far longer than the mail server may take for one message.
LEASE = timedelta(minutes=5)
# A run ends after that many seconds; the next one goes on. Rows are read in pages of that many.
LONGEST_RUN = 120.0
PAGE = 50

# However soon a guard wants to be asked again.
PUT_OFF_AT_LEAST = timedelta(minutes=1)

TOO_LATE = "Too late to be of use."
NOT_WANTED = "No longer needed."
DIED = "The sender stopped in the middle of every attempt."


class CannotRetry(Exception):
    """The message is not one that failed, or its words are gone."""


def send_due(*, now: datetime) -> int:
    """Sends every message that is due; returns how many were sent. Stops early when the server is away."""
    clock, sent = Clock(now), 0
    with Postman() as postman:
        for message in _claimed(clock):
            sent += _handle(message, postman, clock) == State.SENT
            if postman.server_is_away:
                break
    return sent


def retry(*, message: Message, by: AbstractBaseUser, now: datetime) -> None:
    """Queues a failed message again, from the first attempt. Raises CannotRetry."""
    changed = (
        _can_be_retried()
        .filter(pk=message.pk)
        .update(state=State.QUEUED, attempts=0, next_attempt_at=now, retried_by=by, retried_at=now)
    )
    if not changed:
        raise CannotRetry
    wake(tasks.send_due)


def retry_all(*, error_class: str, by: AbstractBaseUser, now: datetime) -> int:
    """Queues every failed message of one kind of failure again, from the first attempt; returns how many.

    Those whose words are gone stay as they are."""
    failed = _can_be_retried().filter(error_class=error_class)
    count = failed.update(state=State.QUEUED, attempts=0, next_attempt_at=now, retried_by=by, retried_at=now)
    wake(tasks.send_due)
    return count


def _can_be_retried() -> QuerySet[Message]:
    """Failed, and its words are still there."""
    return Message.objects.filter(state=State.FAILED, secret=False).exclude(to=REMOVED)


def _claimed(clock: Clock) -> Iterator[Message]:
    while True:
        page = list(Message.objects.due(clock.now()).filter(holding.may_leave())[:PAGE])
        for message in page:
            if clock.elapsed() > LONGEST_RUN:
                return
            if _claim(message, clock.now()):
                reached("mail.claimed")
                yield message
        if len(page) < PAGE:
            return


def _claim(message: Message, now: datetime) -> bool:
    """Makes the message ours until the lease ends. False: somebody was faster."""
    return _change(message, state=State.SENDING, lease_until=now + LEASE, attempts=message.attempts + 1)


def _handle(message: Message, postman: Postman, clock: Clock) -> str:
    """Brings a claimed message to its next state, and returns that."""
    try:
        if message.attempts > MAX_ATTEMPTS:
            raise NotDelivered(ErrorClass.INTERNAL, DIED)
        if reason := _reason_to_skip(message, clock.now()):
            return _finish(message, State.SKIPPED, error=reason, error_class=ErrorClass.NONE)
        reached("mail.sending")
        postman.deliver(message)
        reached("mail.sent")
    except guards.Later as later:
        return _put_off(message, max(later.until, clock.now() + PUT_OFF_AT_LEAST))
    except NotDelivered as answer:
        return _not_delivered(message, answer, clock.now())
    state = _finish(message, State.SENT, sent_at=clock.now(), error_class=ErrorClass.NONE, error="")
    reached("mail.marked")
    return state


def _reason_to_skip(message: Message, now: datetime) -> str:
    if message.useful_until and now > message.useful_until:
        return TOO_LATE
    try:
        return "" if guards.still_wanted(message, now) else NOT_WANTED
    except guards.Later:
        raise
    except Exception as error:  # one room's mistake must not stop everybody's mail
        raise NotDelivered(ErrorClass.INTERNAL, f"{type(error).__name__}: {error}") from error


def _put_off(message: Message, until: datetime) -> str:
    """Back into the queue; nothing was tried, so nothing is counted."""
    _change(message, state=State.QUEUED, lease_until=None, next_attempt_at=until, attempts=message.attempts - 1)
    return State.QUEUED


def _not_delivered(message: Message, answer: NotDelivered, now: datetime) -> str:
    logger.warning("mail_not_delivered message=%s class=%s", message.pk, answer.error_class)
    seen = {"error_class": answer.error_class, "error": answer.error}
    if answer.error_class == ErrorClass.PERMANENT or message.attempts >= MAX_ATTEMPTS:
        return _finish(message, State.FAILED, **seen)
    again = now + BACKOFF[message.attempts - 1]
    _change(message, state=State.QUEUED, lease_until=None, next_attempt_at=again, **seen)
    return State.QUEUED


def _finish(message: Message, state: State, **changes: Any) -> str:
    """The end of a message's way; the words of a secret one go."""
    if message.secret:
        changes |= {"text": "", "html": ""}
    if not _change(message, state=state, lease_until=None, **changes):
        logger.warning("mail_lease_lost message=%s", message.pk)
    return state


def _change(message: Message, **changes: Any) -> bool:
    """Compare-and-set on what was read: address, state, attempts and lease. False: the row has moved on."""
    as_read = Message.objects.filter(
        pk=message.pk,
        to=message.to,
        state=message.state,
        attempts=message.attempts,
        lease_until=message.lease_until,
    )
    if not as_read.update(**changes):
        return False
    for name, value in changes.items():
        setattr(message, name, value)
    return True
