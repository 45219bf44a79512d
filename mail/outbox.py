"""Putting messages into the outbox. Nothing is sent here: a row is written, and a worker is woken."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q

from jobs.waking import wake
from mail import tasks
from mail.models import ErrorClass, Message, State
from mail.wording import one_line, words


@dataclass(frozen=True)
class Draft:
    """A message to be: whose words are templates/mail/<template>.txt rendered with `context`."""

    to: str
    kind: str
    template: str
    context: dict[str, Any]
    to_name: str = ""
    not_before: datetime | None = None
    # After that instant it is skipped instead of sent.
    useful_until: datetime | None = None
    # Asking twice with the same key gives the first message.
    unique_key: str | None = None
    # Its words are blanked once it is sent or given up.
    secret: bool = False


def queue(
    *,
    to: str,
    kind: str,
    template: str,
    context: dict[str, Any],
    now: datetime,
    not_before: datetime | None = None,
    unique_key: str | None = None,
    to_name: str = "",
    useful_until: datetime | None = None,
    secret: bool = False,
) -> Message:
    """Writes one message, or returns the one that is already there under `unique_key`.

    Raises ValidationError when `to` is not one address."""
    draft = Draft(to, kind, template, context, to_name, not_before, useful_until, unique_key, secret)
    return queue_many([draft], now=now)[0]


@transaction.atomic
def queue_many(drafts: Sequence[Draft], *, now: datetime) -> list[Message]:
    """Writes many messages in two queries; returns them in the order of the drafts."""
    messages = [_message(draft, now) for draft in drafts]
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    if any(message.next_attempt_at <= now for message in messages):
        wake(tasks.send_due)
    return _as_stored(messages)


def rewrite(message: Message, *, template: str, context: dict[str, Any]) -> None:
    """Gives a message that has not been sent new words: for a guard that finds part of it out of date."""
    fresh = words(template, context)
    message.subject, message.text, message.html = fresh.subject, fresh.text, fresh.html
    message.save(update_fields=["subject", "text", "html"])


@transaction.atomic
def readdress(*, old: str, new: str, now: datetime) -> int:
    """What waits for a person goes to their new address from now on. Returns how many messages.

    Secret ones stay: they were meant for that mailbox. What failed stays too: moved, it would say of the new address
    that it refuses mail."""
    waiting = Message.objects.filter(to=old, state__in=(State.QUEUED, State.HELD), secret=False)
    waiting.filter(attempts__gt=0).update(attempts=0, next_attempt_at=now, error_class=ErrorClass.NONE, error="")
    moved = waiting.update(to=new)
    if moved:
        wake(tasks.send_due)
    return moved


def is_address(text: str) -> bool:
    """Whether `queue` would take it as a recipient."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _message(draft: Draft, now: datetime) -> Message:
    validate_email(draft.to)
    rendered = words(draft.template, draft.context)
    return Message(
        to=draft.to,
        to_name=one_line(draft.to_name)[:200],
        kind=draft.kind,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        message_id=_message_id(),
        unique_key=draft.unique_key,
        secret=draft.secret,
        created_at=now,
        not_before=draft.not_before,
        useful_until=draft.useful_until,
        next_attempt_at=max(now, draft.not_before or now),
    )


def _message_id() -> str:
    return f"<{uuid.uuid4().hex}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}>"


def _as_stored(messages: list[Message]) -> list[Message]:
    keys = [message.unique_key for message in messages if message.unique_key]
    ids = [message.message_id for message in messages if not message.unique_key]
    stored = Message.objects.filter(Q(unique_key__in=keys) | Q(message_id__in=ids))
    by_name = {message.unique_key or message.message_id: message for message in stored}
    return [by_name[message.unique_key or message.message_id] for message in messages]
