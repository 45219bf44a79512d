"""What the public may read: which versions of an update are published, and the signed record behind each."""

from dataclasses import dataclass
from typing import Any

from progress_updates.models import ProgressUpdate, Snapshot, State
from progress_updates.snapshots import read
from signatories.models import PledgeMaker


def versions(*, slug: str, round_slug: str) -> list[ProgressUpdate]:
    """Every version that was published, withheld ones too, newest first. One query."""
    found = ProgressUpdate.objects.filter(
        state=State.PUBLISHED,
        entry__round__slug=round_slug,
        entry__pledge_maker__slug=slug,
        entry__pledge_maker__in=PledgeMaker.objects.published(),
    )
    return list(found.select_related("entry__pledge_maker", "entry__round").order_by("-version"))


def readable(updates: list[ProgressUpdate]) -> ProgressUpdate | None:
    """The one to show: the newest that is not withheld."""
    return next((update for update in updates if update.withheld_at is None), None)


def record_of(update: ProgressUpdate) -> Snapshot:
    """What was signed last, which is what was published."""
    return update.snapshots.latest()


def updates_by_entry(maker: PledgeMaker) -> dict[int, list[ProgressUpdate]]:
    """Published versions of each entry, newest first. One query."""
    found: dict[int, list[ProgressUpdate]] = {}
    rows = ProgressUpdate.objects.filter(state=State.PUBLISHED, entry__pledge_maker=maker)
    for update in rows.order_by("-version"):
        found.setdefault(update.entry_id, []).append(update)
    return found


@dataclass(frozen=True)
class Promise:
    """A next step as it was signed, with the section that it belongs to."""

    section: str
    what: str
    who: str
    by_when: str


def promises(content: dict[str, Any]) -> list[Promise]:
    """The next steps of a signed record, in its order; steps that go on come with their new date."""
    return [promise for section in content["sections"] for promise in _promises_of(section)]


def _promises_of(section: dict[str, Any]) -> list[Promise]:
    going_on = [
        Promise(section["title"], step["what"], step["who"], step["new_date"] or "")
        for step in section["steps_before"]
        if step["outcome"] == "going_on"
    ]
    return going_on + [
        Promise(section["title"], step["what"], step["who"], step["by_when"] or "") for step in section["next_steps"]
    ]


def latest_promises(maker: PledgeMaker) -> tuple[ProgressUpdate | None, list[Promise]]:
    """What a Pledge Maker last promised in public, and in which update. Two queries."""
    updates = ProgressUpdate.objects.published().filter(entry__pledge_maker=maker)
    update = updates.select_related("entry__round").order_by("-entry__round__due_at", "-version").first()
    return update, promises(read(record_of(update))) if update else []
