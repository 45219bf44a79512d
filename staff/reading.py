"""What the team may read of an update. A draft is the Pledge Maker's own: we see where it stands, not its words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max

from progress_updates.last_round import last_update
from progress_updates.models import ProgressUpdate, Snapshot, StatusChange
from progress_updates.snapshots import read
from progress_updates.workflow import SIGNED
from staff.word_changes import Change, changes_of


@dataclass(frozen=True)
class Section:
    """One section as signed, and the same section as signed last round."""

    now: dict[str, Any]
    before: dict[str, Any] | None

    @property
    def changes(self) -> list[Change]:
        """What differs in the words; nothing where there is nothing to compare with."""
        return changes_of(self.before, self.now) if self.before else []


@dataclass(frozen=True)
class Reading:
    """All that the review page shows. `snapshot` is what was signed last and not recalled; None while nothing was."""

    changes: list[StatusChange]
    snapshot: Snapshot | None
    content: dict[str, Any]
    sections: list[Section]
    before: dict[str, Any] | None

    @property
    def seen(self) -> int:
        """The last thing that happened: what is decided on this page is decided about that."""
        return self.changes[-1].pk if self.changes else 0


def reading_of(update: ProgressUpdate) -> Reading:
    changes = list(update.changes.select_related("by"))
    snapshot = signed_and_kept(changes, list(update.snapshots.all()))
    if snapshot is None:
        return Reading(changes, None, {}, [], None)
    content, before = read(snapshot), _last_round(update)
    said = {section["key"]: section for section in before["sections"]} if before else {}
    sections = [Section(section, said.get(section["key"])) for section in content["sections"]]
    return Reading(changes, snapshot, content, sections, before)


def signed_and_kept(changes: Iterable[StatusChange], snapshots: list[Snapshot]) -> Snapshot | None:
    """The newest snapshot whose signature was not recalled. Each signature made one, in the same order."""
    kept: list[int] = []
    signed = 0
    for change in changes:
        if change.action in SIGNED:
            kept.append(signed)
            signed += 1
        elif change.action == "recall":
            kept.pop()
    return snapshots[kept[-1]] if kept else None


def _last_round(update: ProgressUpdate) -> dict[str, Any] | None:
    last = last_update(update.entry.pledge_maker, before=update)
    snapshot = last.snapshots.last() if last else None
    return read(snapshot) if snapshot else None


def last_activity(update: ProgressUpdate, changes: list[StatusChange]) -> datetime:
    """When something was last saved or decided."""
    saved = update.answers.aggregate(last=Max("saved_at"))["last"]
    return max(filter(None, [saved, changes[-1].at if changes else None, update.created_at]))
