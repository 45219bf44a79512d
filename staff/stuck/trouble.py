"""One way of being stuck: what it is, what to do about it, and the things themselves. Lists are bounded."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

SHOWN = 20
# One more is read, to know whether there are more.
READ = SHOWN + 1


@dataclass(frozen=True)
class Item:
    """One thing. `url` leads to where it is dealt with, `retry` is pressed to try again; both may be empty."""

    title: str
    detail: str = ""
    reason: str = ""
    url: str = ""
    retry: str = ""


@dataclass(frozen=True)
class Trouble:
    """Things that are stuck in one way, and what to do about it. With `error_class` all can be tried again at once."""

    key: str
    heading: str
    what_to_do: str
    items: list[Item]
    count: int
    error_class: str = ""
    # Whether `count` is all of them, or only says that there are more.
    is_counted: bool = False

    @property
    def more(self) -> int:
        return self.count - len(self.items)


def listed(key: str, heading: str, what_to_do: str, rows: Iterable[Any], make: Callable[[Any], Item]) -> Trouble:
    """From the first READ rows."""
    found = list(rows)
    return Trouble(key, heading, what_to_do, [make(row) for row in found[:SHOWN]], len(found))
