"""Messages of the outbox, made by queueing and sending them."""

from datetime import UTC, datetime
from typing import Any

from mail.models import Message
from mail.outbox import queue

NOW = datetime(2026, 9, 28, 9, 0, tzinfo=UTC)


def make_message(
    *,
    to: str = "ada@trust.example",
    kind: str = "greeting",
    name: str = "Northtown",
    note: str = "Thank you.",
    now: datetime = NOW,
    **more: Any,
) -> Message:
    """A message that waits. Needs the templates of tests/mail."""
    context = {"name": name, "note": note}
    return queue(to=to, kind=kind, template="greeting", context=context, now=now, **more)
