"""What the public may read: which versions of an update are published, and the signed record behind each."""

from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery

from progress_updates.models import ProgressUpdate, Snapshot, State
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


def records_by_entry(maker: PledgeMaker) -> dict[int, list[Snapshot]]:
    """What was signed last of each published version (`.update`), newest first, by entry. One query."""
    last = Snapshot.objects.filter(update=OuterRef("update")).order_by("-made_at", "-pk").values("pk")[:1]
    rows = Snapshot.objects.filter(
        pk=Subquery(last), update__state=State.PUBLISHED, update__entry__pledge_maker=maker
    ).select_related("update")
    found: dict[int, list[Snapshot]] = {}
    for snapshot in rows.order_by("-update__version"):
        found.setdefault(snapshot.update.entry_id, []).append(snapshot)
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
