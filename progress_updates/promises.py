"""Next steps and what became of them, read from the signed records of a Pledge Maker, oldest first.

A step is followed from update to update by its section and its words: once signed they never change.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from progress_updates.models import Outcome


@dataclass(frozen=True)
class Told:
    """What one later update says of a step."""

    round: str
    outcome: str
    new_date: str | None
    why: str


@dataclass
class Promise:
    """A next step as it was signed. `by_when` is the date in force; `round` is empty when its update is not public."""

    section: str
    what: str
    who: str
    by_when: str
    round: str
    told: list[Told] = field(default_factory=list)
    # Made in a record that is withheld: a later one that repeats its words does not bring them back.
    is_withheld: bool = False

    @property
    def outcome(self) -> str:
        """The last that was said of it; empty when nobody has said anything yet."""
        return next((told.outcome for told in reversed(self.told) if told.outcome), "")

    @property
    def is_open(self) -> bool:
        return self.outcome not in (Outcome.DONE, Outcome.DROPPED)

    @property
    def last_told(self) -> Told | None:
        return next((told for told in reversed(self.told) if told.outcome), None)


@dataclass(frozen=True)
class Followed:
    """All promises of a Pledge Maker, as a page shows them."""

    promises: list[Promise]

    @cached_property
    def promises_finding(self) -> str:
        return finding(self.promises)

    @cached_property
    def next_steps(self) -> list[Promise]:
        """What is still to be done: new steps and those that go on, the nearest date first."""
        still_open = [promise for promise in self.promises if promise.is_open]
        return sorted(still_open, key=lambda promise: promise.by_when or "9999")

    @cached_property
    def done(self) -> list[Promise]:
        return self._ended(Outcome.DONE)

    @cached_property
    def dropped(self) -> list[Promise]:
        return self._ended(Outcome.DROPPED)

    def _ended(self, outcome: str) -> list[Promise]:
        """The latest first."""
        return [promise for promise in reversed(self.promises) if promise.outcome == outcome]


Key = tuple[str, str, str]


def follow(records: Iterable[dict[str, Any]]) -> list[Promise]:
    """Every promise in the signed records, which come oldest first, in the order in which they were made.

    A record marked `withheld` tells nothing; what is known first from it stays out.
    """
    made: list[Promise] = []
    still_open: dict[Key, list[Promise]] = defaultdict(list)
    for record in records:
        if record.get("withheld"):
            _hide(record, still_open)
            continue
        for section in record["sections"]:
            for step in section["steps_before"]:
                promise = _taken_up(still_open[_key(section, step)], step) or _unseen(section, step, made)
                _tell(promise, step, record["round"]["label"])
                if promise.is_open:
                    still_open[_key(section, step)].append(promise)
            for step in section["next_steps"]:
                promise = _promise(section, step, record["round"]["label"])
                made.append(promise)
                still_open[_key(section, step)].append(promise)
    return [promise for promise in made if not promise.is_withheld]


def _hide(record: dict[str, Any], still_open: dict[Key, list[Promise]]) -> None:
    """Steps that nothing public has spoken of yet are followed, so that a later record does not show them."""
    for section in record["sections"]:
        for step in [*section["steps_before"], *section["next_steps"]]:
            if not still_open[_key(section, step)]:
                hidden = _promise(section, step, "")
                hidden.is_withheld = True
                still_open[_key(section, step)].append(hidden)


def _key(section: dict[str, Any], step: dict[str, Any]) -> Key:
    return section["key"], step["what"], step["who"]


def _taken_up(candidates: list[Promise], step: dict[str, Any]) -> Promise | None:
    """The open promise that a later update speaks of: of two in the same words, the one with its date."""
    same = next((each for each in candidates if each.by_when == (step["by_when"] or "")), None)
    found = same or next(iter(candidates), None)
    if found:
        candidates.remove(found)
    return found


def _promise(section: dict[str, Any], step: dict[str, Any], label: str) -> Promise:
    return Promise(section["title"], step["what"], step["who"], step["by_when"] or "", label)


def _unseen(section: dict[str, Any], step: dict[str, Any], made: list[Promise]) -> Promise:
    """Made in an update that the public cannot read."""
    made.append(promise := _promise(section, step, ""))
    return promise


def _tell(promise: Promise, step: dict[str, Any], label: str) -> None:
    promise.told.append(Told(label, step["outcome"], step["new_date"], step["why"]))
    if step["outcome"] == Outcome.GOING_ON and step["new_date"]:
        promise.by_when = step["new_date"]


def finding(promises: Sequence[Promise]) -> str:
    """What became of the steps that a later update has spoken of, in a sentence; empty when there is none."""
    spoken = Counter(promise.outcome for promise in promises if promise.told)
    if not (total := spoken.total()):
        return ""
    parts = [
        _if_any(spoken[Outcome.DONE], ngettext("%(n)s is done", "%(n)s are done", spoken[Outcome.DONE])),
        _if_any(spoken[Outcome.GOING_ON], ngettext("%(n)s goes on", "%(n)s go on", spoken[Outcome.GOING_ON])),
        _if_any(spoken[Outcome.DROPPED], ngettext("%(n)s was dropped", "%(n)s were dropped", spoken[Outcome.DROPPED])),
        _if_any(spoken[""], ngettext("of %(n)s nothing is said", "of %(n)s nothing is said", spoken[""])),
    ]
    said = [part for part in parts if part]
    listed = _(" and ").join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)
    of_all = ngettext(
        "Of %(total)s earlier next step, %(listed)s.", "Of %(total)s earlier next steps, %(listed)s.", total
    )
    return of_all % {"total": total, "listed": listed}


def _if_any(count: int, words: str) -> str:
    return words % {"n": count} if count else ""
