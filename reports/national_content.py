"""What a version of the national report holds, as data: figures, findings, and one row for each Pledge Maker.

Schema 1. It is put together once, when the version is built, and stored; page, PDF and CSV only print it.
"""

from collections import defaultdict
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from progress_updates import findings, national, statistics
from progress_updates.beside import PARTS
from progress_updates.lateness import public_status
from progress_updates.models import Round, RoundEntry, Snapshot
from reports import sentences

SCHEMA = 1


@dataclass
class Told:
    """What one Pledge Maker says in the round, from the signed record of its newest published update."""

    record: Snapshot | None = None
    ratings: dict[str, str] = field(default_factory=dict)
    good_practice: str = ""
    challenges: str = ""
    steps: list[national.KeptStep] = field(default_factory=list)
    # Where the steps come from: the update itself, or the earlier one of which nothing has been read since.
    steps_from: int | None = None


def content_of(round_: Round, *, version: int, now: datetime) -> tuple[dict[str, Any], set[int]]:
    """The whole report, and the ids of the updates whose words stand in it. The same number of queries always."""
    entries = list(statistics.entries_with_status(round_, now).select_related("extension"))
    told = _told(round_)
    before = national.round_before(round_)
    changes = national.changes_since(round_, before) if before else None
    summary = statistics.round_summary(round_, now)
    ratings = statistics.ratings_by_objective(round_)
    kept = national.steps_kept(*_answered_and_not(told))
    signed, reported = national.who_signed(now), national.who_reported(round_, now)
    published = sum(1 for each in told.values() if each.record)
    content = {
        "schema": SCHEMA,
        "version": version,
        "as_at": now.isoformat(),
        "round": _round(round_),
        "before": _round(before) if before else None,
        "signed": asdict(signed),
        "reported": asdict(reported),
        "statuses": summary.counts,
        "required": summary.required,
        "published": published,
        "ratings": _ratings(round_, ratings),
        "changes": _changes(changes),
        "steps": asdict(kept),
        "findings": {
            "round": findings.of_round(summary),
            "signed": sentences.of_signatories(signed),
            "reported": sentences.of_reporters(reported),
            "published": sentences.of_ratings(published),
            "ratings": findings.of_objectives(ratings),
            "changes": sentences.of_changes(changes),
            "steps": sentences.of_steps(kept),
        },
    }
    makers = [_maker(entry, told[entry.pledge_maker_id], now) for entry in entries]
    return {**content, "words_beside": words_beside(makers), "pledge_makers": makers}, _updates_in(told)


def _round(round_: Round) -> dict[str, str]:
    moments = ("period_from", "period_to", "opened_at", "due_at", "closes_at", "publishes_at")
    return {
        "label": round_.label,
        "slug": round_.slug,
        **{name: value.isoformat() if (value := getattr(round_, name)) else "" for name in moments},
    }


def _ratings(round_: Round, ratings: list[statistics.ObjectiveRatings]) -> list[dict[str, Any]]:
    objectives = {each.number: each for each in round_.wording.objectives.all()}
    return [
        {
            "number": each.number,
            "short": objectives[each.number].short if each.number in objectives else "",
            "wording": objectives[each.number].text if each.number in objectives else "",
            "counts": each.counts,
        }
        for each in ratings
    ]


def _changes(changes: national.Changes | None) -> dict[str, Any] | None:
    if changes is None:
        return None
    objectives = [{**asdict(each), "compared": each.compared} for each in changes.objectives]
    return {"pledge_makers": changes.pledge_makers, "objectives": objectives}


def _told(round_: Round) -> dict[int, Told]:
    """By Pledge Maker; whoever has said nothing is there too."""
    found: dict[int, Told] = defaultdict(Told)
    for record, content in national.read_all(national.records_query(round_)):
        found[record.update.entry.pledge_maker_id] = _from_record(record, content)
    _tell_open(found, national.earlier_records_query(round_), "")
    _tell_open(found, national.unread_records_query(round_), national.NOT_PUBLISHED)
    return found


def _tell_open(found: dict[int, Told], records: QuerySet[Snapshot], outcome: str) -> None:
    for record, content in national.read_all(records):
        steps = national.unanswered_steps(content, outcome)
        found[record.update.entry.pledge_maker_id] = Told(steps=steps, steps_from=record.update_id)


def _from_record(record: Snapshot, content: dict[str, Any]) -> Told:
    texts = {section["key"]: section["text"] for section in content["sections"]}
    return Told(
        record=record,
        ratings={str(each["number"]): each["rating"] for each in content["sections"] if each["number"]},
        good_practice=texts.get("good-practice", ""),
        challenges=texts.get("challenges", ""),
        steps=national.said_of_steps(content),
        steps_from=record.update_id,
    )


def _answered_and_not(told: dict[int, Told]) -> tuple[list[national.KeptStep], list[national.KeptStep]]:
    answered = [step for each in told.values() if each.record for step in each.steps]
    return answered, [step for each in told.values() if not each.record for step in each.steps]


def _updates_in(told: dict[int, Told]) -> set[int]:
    return {each.steps_from for each in told.values() if each.steps_from}


def _maker(entry: RoundEntry, told: Told, now: datetime) -> dict[str, Any]:
    status = public_status(entry, now)
    return {
        "name": entry.pledge_maker.name,
        "slug": entry.pledge_maker.slug,
        "entry": entry.pk,
        "status": {"kind": status.kind, "words": status.words, "fact": status.fact},
        "extension": status.beside,
        "late_reason": entry.late_reason,
        "right_of_reply": entry.right_of_reply,
        "update": _update(told.record) if told.record else None,
        "ratings": told.ratings,
        "good_practice": told.good_practice,
        "challenges": told.challenges,
        "steps": [asdict(step) for step in told.steps],
        "steps_from": told.steps_from,
    }


def _update(record: Snapshot) -> dict[str, Any]:
    published_at = record.update.published_at
    return {
        "id": record.update_id,
        "version": record.update.version,
        "sha256": record.sha256,
        "published_at": published_at.isoformat() if published_at else "",
    }


def words_beside(makers: list[dict[str, Any]]) -> dict[str, str]:
    """The words beside each status, by a mark of their own that stays the same in this report."""
    return {_mark(maker, part): maker[part] for maker in makers for part in PARTS if maker[part]}


def _mark(maker: dict[str, Any], part: str) -> str:
    """By the entry: a Pledge Maker's address may change. Early reports know the address alone."""
    return f"{part}/{maker.get('entry') or maker['slug']}"


def without(content: dict[str, Any], withheld: set[int | str]) -> dict[str, Any]:
    """The same report less the words, ratings and steps of updates that the public may no longer read.

    Words beside a status are named by their marks (`words_beside`), updates by their ids.

    The totals stay: they name nobody. Where something was left out, `withheld` says so.
    """
    return {**content, "pledge_makers": [_less(maker, withheld) for maker in content["pledge_makers"]]}


def _less(maker: dict[str, Any], withheld: set[int | str]) -> dict[str, Any]:
    shown = {**maker, "withheld": bool(maker["update"]) and maker["update"]["id"] in withheld}
    if shown["withheld"]:
        shown |= {"ratings": {}, "good_practice": "", "challenges": ""}
    if maker["steps_from"] in withheld:
        shown["steps"] = []
    return shown | {part: "" for part in PARTS if _mark(maker, part) in withheld}
