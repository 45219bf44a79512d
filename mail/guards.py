"""Is a message still wanted? Rooms above register a question for their kind, asked just before sending."""

from collections.abc import Callable
from datetime import datetime

from mail.models import Message

StillWanted = Callable[[Message, datetime], bool]
_guards: dict[str, StillWanted] = {}


class Later(Exception):
    """Raised by a guard: the message is wanted, but must not leave before `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until


def register(kind: str, still_wanted: StillWanted) -> None:
    """Messages of this kind are sent only while `still_wanted(message, now)`; registering again replaces."""
    _guards[kind] = still_wanted


def still_wanted(message: Message, now: datetime) -> bool:
    """Kinds without a guard are always wanted."""
    guard = _guards.get(message.kind)
    return guard is None or guard(message, now)


def unregister(kind: str) -> None:
    """Messages of this kind are always wanted again."""
    _guards.pop(kind, None)
