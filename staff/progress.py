"""How a round goes: one row a Pledge Maker, one query for all rows."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext as _

from progress_updates.lateness import KINDS, PublicStatus, lateness_expression, public_status
from progress_updates.models import Answer, ProgressUpdate, Round, RoundEntry, State, StatusChange
from progress_updates.statistics import RoundSummary, entries_with_status


@dataclass(frozen=True)
class Row:
    """A Pledge Maker in a round. `state` is what its update says of itself, `status` what the public reads."""

    entry: RoundEntry
    status: PublicStatus
    state: str
    update_pk: int | None
    last_activity: datetime | None


def rows_of(round_: Round, now: datetime, *, kind: str = "") -> list[Row]:
    """All Pledge Makers of a round by name; with `kind`, those with this public status."""
    entries: QuerySet[Any] = _with_activity(entries_with_status(round_, now))
    if kind:
        entries = entries.filter(lateness=kind)
    return [
        Row(entry, public_status(entry, now), _state_words(entry), entry.update_pk, entry.last_activity)
        for entry in entries
    ]


def _state_words(entry: Any) -> str:
    state = entry.update_state
    if state:
        return str(State(state).label)
    return _("No draft yet") if entry.required else ""


def _with_activity(entries: QuerySet[RoundEntry]) -> QuerySet[Any]:
    newest = ProgressUpdate.objects.filter(entry=OuterRef("pk")).order_by("-version")
    saved = _latest(Answer.objects.filter(update__entry=OuterRef("pk")), "update__entry", "saved_at")
    moved = _latest(StatusChange.objects.filter(update__entry=OuterRef("pk")), "update__entry", "at")
    # SQLite's greatest is NULL when one part is, PostgreSQL's is not: each stands in for the other.
    last = Greatest(Coalesce(saved, moved), Coalesce(moved, saved))
    return entries.annotate(
        update_pk=Subquery(newest.values("pk")[:1]),
        update_state=Subquery(newest.values("state")[:1]),
        last_activity=last,
    )


def _latest(rows: QuerySet, by: str, field: str) -> Subquery:  # type: ignore[type-arg]
    return Subquery(rows.order_by().values(by).annotate(last=Max(field)).values("last"))


def summaries_of(rounds: Iterable[Round], now: datetime) -> list[RoundSummary]:
    """The summary of each round, newest first: two queries for all."""
    found: dict[int, Counter[str]] = {}
    entries = RoundEntry.objects.annotate(lateness=lateness_expression(now)).order_by()
    for row in entries.values("round_id", "lateness").annotate(count=Count("pk")):
        found.setdefault(row["round_id"], Counter())[row["lateness"]] = row["count"]
    return [
        RoundSummary(round_, now, {kind: found.get(round_.pk, Counter())[kind] for kind in KINDS}) for round_ in rounds
    ]
