"""What was signed, as bytes that never change. Public page and PDF are made from them.

Schema 1. `source` is there only when the Synergi team entered the update from a document. Names are those of
the day of signing. Lateness, replies, comments, contributors and addresses are never in it.
"""

import hashlib
import json
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from progress_updates.drafting import AnswerInput, OutcomeInput, inputs_of
from progress_updates.last_round import OpenStep, last_update, open_steps
from progress_updates.models import ProgressUpdate, Question, RoundEntry, Snapshot
from progress_updates.on_behalf import source_of
from signatories.models import Leader, PledgeMakerOrganisation

SCHEMA = 1


def canonical(content: dict[str, Any]) -> bytes:
    """One spelling for equal content: sorted keys, no spaces, UTF-8."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def take_snapshot(*, update: ProgressUpdate, now: datetime) -> Snapshot:
    """Stores what is being signed. The caller has set leader and time of the signature."""
    body = canonical(content_of(update))
    return Snapshot.objects.create(
        update=update, schema=SCHEMA, body=body, sha256=hashlib.sha256(body).hexdigest(), made_at=now
    )


def fingerprint(update: ProgressUpdate) -> str:
    """Changes whenever an answer changes: shows that the leader signs what the page showed."""
    read = {"correction_note": update.correction_note, "sections": sections_of(update)}
    return hashlib.sha256(canonical(read)).hexdigest()


def read(snapshot: Snapshot) -> dict[str, Any]:
    return json.loads(bytes(snapshot.body))


def content_of(update: ProgressUpdate) -> dict[str, Any]:
    """The whole update as data, of a draft too: there the signature is empty."""
    entry = update.entry
    covers = {"organisations": _organisations(entry), "leaders": _leaders(entry)}
    content = document(update, covers=covers, sections=sections_of(update))
    source = source_of(update)
    return {**content, "source": source} if source else content


def document(
    update: ProgressUpdate, *, covers: dict[str, list[dict[str, str]]], sections: list[dict[str, Any]]
) -> dict[str, Any]:
    """Puts the parts of a snapshot together."""
    entry, round_ = update.entry, update.entry.round
    return {
        "schema": SCHEMA,
        "pledge_maker": {"name": entry.pledge_maker.name, "slug": entry.pledge_maker.slug},
        "round": {
            "label": round_.label,
            "slug": round_.slug,
            "period_from": round_.period_from.isoformat(),
            "period_to": round_.period_to.isoformat(),
            "wording": round_.wording.label,
        },
        "version": update.version,
        "correction_note": update.correction_note,
        "covers": covers,
        "signed": _signature(update),
        "sections": sections,
    }


def sections_of(update: ProgressUpdate) -> list[dict[str, Any]]:
    before = open_steps(last_update(update.entry.pledge_maker, before=update))
    return [
        section(answer.question, content, before.get(answer.question.key, [])) for answer, content in inputs_of(update)
    ]


def section(question: Question, content: AnswerInput, before: list[OpenStep]) -> dict[str, Any]:
    """One section as it stands in a snapshot."""
    said = {outcome.step: outcome for outcome in content.outcomes}
    return {
        "key": question.key,
        "kind": question.kind,
        "number": question.number,
        "title": question.title,
        "wording": question.wording,
        "rating": content.rating,
        "no_change": content.no_change,
        "no_change_reason": content.no_change_reason,
        "text": content.text,
        "involved": content.involved,
        "evidence": [line.strip() for line in content.evidence.splitlines() if line.strip()],
        "barriers": content.barriers,
        "steps_before": [_step_before(open_step, said.get(open_step.step.pk)) for open_step in before],
        "next_steps": [{"what": step.what, "who": step.who, "by_when": _iso(step.by_when)} for step in content.steps],
    }


def _step_before(open_step: OpenStep, outcome: OutcomeInput | None) -> dict[str, Any]:
    return {
        "what": open_step.step.what,
        "who": open_step.step.who,
        "by_when": _iso(open_step.by_when),
        "outcome": outcome.outcome if outcome else "",
        "new_date": _iso(outcome.new_date) if outcome else None,
        "why": outcome.why if outcome else "",
    }


def _iso(value: Any) -> str | None:
    return value.isoformat() if value else None


def _covered(entry: RoundEntry) -> Q:
    return Q(pledge_maker=entry.pledge_maker_id) | Q(pledge_maker__entries__covered_by=entry)


def _there(entry: RoundEntry, until: str) -> Q:
    """Those of today; in a past round those of its due day. When an organisation joined is not asked there: what
    we know of that is when it was entered here."""
    still = Q(**{until: None})
    return still | Q(**{f"{until}__gte": _due_day(entry)}) if entry.round.is_past else still


def _due_day(entry: RoundEntry) -> date:
    return timezone.localdate(entry.round.due_at)


def _organisations(entry: RoundEntry) -> list[dict[str, str]]:
    parts = PledgeMakerOrganisation.objects.filter(_covered(entry), _there(entry, "left_on")).distinct()
    return [
        {"name": part.organisation.name, "ods_code": part.organisation.ods_code or ""}
        for part in parts.select_related("organisation").order_by("organisation__name", "pk")
    ]


def _leaders(entry: RoundEntry) -> list[dict[str, str]]:
    leaders = Leader.objects.filter(_covered(entry), _there(entry, "until_on")).distinct()
    if entry.round.is_past:
        leaders = leaders.filter(from_on__lte=_due_day(entry))
    return [
        {
            "name": leader.name,
            "role_title": leader.role_title,
            "organisation": leader.organisation.name if leader.organisation else "",
        }
        for leader in leaders.select_related("organisation").order_by("from_on", "pk")
    ]


def _signature(update: ProgressUpdate) -> dict[str, str] | None:
    leader = update.signed_by
    if leader is None or update.signed_at is None:
        return None
    return {
        "name": leader.name,
        "role_title": leader.role_title,
        "organisation": leader.organisation.name if leader.organisation else "",
        "at": update.signed_at.astimezone().isoformat(),
    }
