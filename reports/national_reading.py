"""The national report as page and PDF print it: one context for both, from the stored bytes alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from design import charts
from design.charts import Row
from progress_updates import findings
from progress_updates.lateness import KINDS
from progress_updates.models import Rating

RATINGS = ("delivered", "prioritised", "responded_to", "not_started")
DIRECTIONS = ("further", "same", "back")
OUTCOMES = ("done", "going_on", "dropped", "not_published", "nothing_said")
Key = list[tuple[str, str]]


@dataclass(frozen=True)
class Part:
    """One part of the report, for its list of contents."""

    key: str
    title: str


@dataclass(frozen=True)
class Drawn:
    """A finding, its chart, what its colours mean, and the table after it."""

    finding: str
    chart: SafeString
    key: Key
    rows: list[dict[str, Any]]


@dataclass(frozen=True)
class Reading:
    """Everything that is printed. `makers` are those of this page, `first` to `last` of all."""

    content: dict[str, Any]
    parts: list[Part]
    as_at: datetime
    period_from: date
    period_to: date
    statuses: Drawn
    ratings: Drawn
    changes: Drawn | None
    steps: Drawn
    makers: list[dict[str, Any]]
    first: int

    @property
    def last(self) -> int:
        return self.first + len(self.makers) - 1

    @property
    def is_whole(self) -> bool:
        return len(self.makers) == self.content["makers"]


def reading_of(content: dict[str, Any], *, makers: Sequence[dict[str, Any]] | None = None, first: int = 1) -> Reading:
    """`makers` are those shown on this page, the first of them being number `first`; without, all."""
    return Reading(
        content=content,
        parts=_parts(content),
        as_at=datetime.fromisoformat(content["as_at"]),
        period_from=date.fromisoformat(content["round"]["period_from"]),
        period_to=date.fromisoformat(content["round"]["period_to"]),
        statuses=_statuses(content),
        ratings=_ratings(content),
        changes=_changes(content),
        steps=_steps(content),
        makers=list(content["pledge_makers"] if makers is None else makers),
        first=first,
    )


def _parts(content: dict[str, Any]) -> list[Part]:
    change = _("Change since %(round)s") % {"round": content["before"]["label"]} if content["before"] else ""
    titles = [
        ("in-short", _("In short")),
        ("who", _("Who signed, and who reported")),
        ("statuses", _("On time, late, not received")),
        ("ratings", _("How far the seven objectives are")),
        ("change", change or _("Change since the last round")),
        ("promises", _("Promises kept and not kept")),
        ("good-practice", _("Good practice to share")),
        ("challenges", _("Challenges")),
        ("every-step", _("Every promise, by Pledge Maker")),
        ("pledge-makers", _("Every Pledge Maker and its status")),
        ("method", _("How this was counted")),
    ]
    return [Part(key, title) for key, title in titles]


def _statuses(content: dict[str, Any]) -> Drawn:
    found = [(kind, count) for kind in KINDS if (count := content["statuses"][kind])]
    rows = [{"kind": kind, "words": _capital(findings.KEY_WORDS[kind](count)), "count": count} for kind, count in found]
    bars = [Row(row["words"], [(row["kind"], row["count"])]) for row in rows]
    finding = content["findings"]["round"]
    return Drawn(finding, charts.bars(finding=finding, rows=bars), [], rows)


def _ratings(content: dict[str, Any]) -> Drawn:
    rows = [{**each, "total": sum(each["counts"].values())} for each in content["ratings"]]
    bars = [Row(_numbered(each), [(kind, each["counts"][kind]) for kind in RATINGS]) for each in rows]
    finding = content["findings"]["ratings"] or content["findings"]["published"]
    key = [(kind, str(Rating(kind).label)) for kind in RATINGS]
    return Drawn(finding, charts.bars(finding=finding, rows=bars), key, rows if content["published"] else [])


def _changes(content: dict[str, Any]) -> Drawn | None:
    if not content["changes"] or not content["changes"]["pledge_makers"]:
        return None
    rows = [
        {**change, "short": rating["short"]}
        for change, rating in zip(content["changes"]["objectives"], content["ratings"], strict=True)
    ]
    bars = [Row(_numbered(each), [(kind, each[kind]) for kind in DIRECTIONS]) for each in rows]
    finding = content["findings"]["changes"]
    key = [("further", _("Further")), ("same", _("The same")), ("back", _("Back"))]
    return Drawn(finding, charts.bars(finding=finding, rows=bars), key, rows)


def _steps(content: dict[str, Any]) -> Drawn:
    words = {
        "done": _("Done"),
        "going_on": _("Going on, with a new date"),
        "dropped": _("Dropped"),
        "not_published": _("Answer not published"),
        "nothing_said": _("Nothing said"),
    }
    # Versions built before answers that cannot be read were counted apart have no such count.
    counts = {"not_published": 0, **content["steps"]}
    rows = [{"kind": kind, "words": words[kind], "count": counts[kind]} for kind in OUTCOMES]
    finding = content["findings"]["steps"]
    chart = charts.bars(finding=finding, rows=[Row("", [(kind, counts[kind]) for kind in OUTCOMES])])
    return Drawn(finding, chart, list(words.items()), rows if any(counts[kind] for kind in OUTCOMES) else [])


def _numbered(each: dict[str, Any]) -> str:
    return f"{each['number']}. {each['short']}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
