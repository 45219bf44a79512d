"""Updates written in bulk: the rows that drafting and the workflow would have left."""

import hashlib
from collections import defaultdict
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from accounts.models import AuditEvent, User
from pledge_tracker.seeding.answers import Writer
from pledge_tracker.seeding.corpus import brief as first_sentences
from pledge_tracker.seeding.dates import LONDON, at
from progress_updates import snapshots
from progress_updates.drafting import COLUMNS, AnswerInput
from progress_updates.last_round import OpenStep
from progress_updates.models import (
    Answer,
    AnswerVersion,
    NextStep,
    Outcome,
    ProgressUpdate,
    Question,
    Round,
    RoundEntry,
    Snapshot,
    State,
    StatusChange,
    StepOutcome,
)
from progress_updates.workflow import STEPS
from signatories.models import Leader, Membership, PledgeMaker, Role

# How the open round stands: state and its share of 20 Pledge Makers; empty: nobody has begun.
OPEN_STATES = ("", "", "", "", "", "", "draft", "draft", "draft", "draft", "draft", "awaiting_sign_off",
               "submitted", "submitted", "in_review", "returned", "accepted", "published", "published",
               "published")  # fmt: skip
# The steps on the way to each state, and how many days after the signature each was taken.
WAY: dict[str, tuple[tuple[str, int], ...]] = {"draft": (), "awaiting_sign_off": (("ask_for_signature", -1),)}
WAY["submitted"] = (*WAY["awaiting_sign_off"], ("sign", 0))
WAY["in_review"] = (*WAY["submitted"], ("start_review", 2))
WAY["returned"] = (*WAY["in_review"], ("return_by_staff", 4))
WAY["accepted"] = (*WAY["in_review"], ("accept", 5))
WAY["published"] = (*WAY["accepted"], ("publish", 6))
DRAFTED = 5  # sections that a draft of the open round holds


@dataclass
class Maker:
    """A Pledge Maker while it reports round after round."""

    row: PledgeMaker
    leader: Leader
    coordinator: User
    writer: Writer
    covers: dict[str, list[dict[str, str]]]
    said: dict[str, Answer] = field(default_factory=dict)
    open: dict[str, list[OpenStep]] = field(default_factory=dict)


@dataclass
class Told:
    """One update with what its sections hold."""

    update: ProgressUpdate
    maker: Maker
    day: date
    contents: list[tuple[Question, AnswerInput]]


def report(
    makers: list[PledgeMaker],
    rounds: list[Round],
    caseworker: User,
    publisher: User,
    *,
    now: datetime,
    seed: int,
    brief: bool,
) -> None:
    """All rounds of some Pledge Makers; the last round is open, the others are over."""
    chunk = _with_people(makers, seed)
    staff = {"start_review": caseworker, "return_by_staff": caseworker, "accept": caseworker, "publish": publisher}
    for turn, round_ in enumerate(rounds):
        questions = list(round_.questions.order_by("order"))
        entries = {entry.pledge_maker_id: entry for entry in round_.entries.filter(pledge_maker__in=makers)}
        told = []
        for maker in chunk:
            entry = entries[maker.row.pk]
            entry.round, entry.pledge_maker = round_, maker.row
            if one := _tell(maker, entry, questions, turn, is_open=turn == len(rounds) - 1, now=now, brief=brief):
                told.append(one)
        _write(told, staff)


def _with_people(makers: list[PledgeMaker], seed: int) -> list[Maker]:
    rows = Leader.objects.filter(pledge_maker__in=makers).select_related("organisation", "user")
    leaders = {one.pledge_maker_id: one for one in rows}
    members = Membership.objects.filter(pledge_maker__in=makers, role=Role.COORDINATOR).select_related("user")
    coordinators = {one.pledge_maker_id: one.user for one in members}
    return [_maker(row, leaders[row.pk], coordinators[row.pk], seed) for row in makers]


def _maker(row: PledgeMaker, leader: Leader, coordinator: User, seed: int) -> Maker:
    organisation = leader.organisation
    assert organisation
    covers = {
        "organisations": [{"name": organisation.name, "ods_code": organisation.ods_code or ""}],
        "leaders": [{"name": leader.name, "role_title": leader.role_title, "organisation": organisation.name}],
    }
    place = organisation.town
    writer = Writer(Random(f"{seed} {row.slug}"), place, f"{place.lower()}.example")
    return Maker(row, leader, coordinator, writer, covers)


def _tell(
    maker: Maker, entry: RoundEntry, questions: list[Question], turn: int, *, is_open: bool, now: datetime, brief: bool
) -> Told | None:
    rng = maker.writer.rng
    if is_open:
        state, day = rng.choice(OPEN_STATES), now.astimezone(LONDON).date() - timedelta(days=rng.randint(7, 12))
    else:
        state = "" if rng.random() < 0.04 else "published"
        late = rng.randint(1, 20) if rng.random() < 0.08 else -rng.randint(0, 12)
        day = entry.due_at.astimezone(LONDON).date() + timedelta(days=late)
    if not state:
        return None
    update = ProgressUpdate(entry=entry, state=state, created_at=at(day - timedelta(days=14), 9))
    told = questions[:DRAFTED] if state == "draft" else questions
    return Told(update, maker, day, [(question, _content(maker, question, turn, day, brief)) for question in told])


def _content(maker: Maker, question: Question, turn: int, day: date, brief: bool) -> AnswerInput:
    content = maker.writer.answer(
        question,
        turn=turn,
        day=day - timedelta(days=5),
        before=maker.open.get(question.key, []),
        last=maker.said.get(question.key),
    )
    return replace(content, text=first_sentences(content.text)) if brief else content


def _write(told: list[Told], staff: dict[str, User]) -> None:
    for one in told:
        _set_signature(one)
    ProgressUpdate.objects.bulk_create(one.update for one in told)
    answers = {one.update.pk: _answers(one) for one in told}
    Answer.objects.bulk_create(answer for rows in answers.values() for answer in rows)
    AnswerVersion.objects.bulk_create(
        _version(answer, content)
        for one in told
        for answer, (_, content) in zip(answers[one.update.pk], one.contents, strict=False)
    )
    steps = {one.update.pk: _steps(one) for one in told}
    NextStep.objects.bulk_create(step for rows in steps.values() for step in rows)
    StepOutcome.objects.bulk_create(outcome for one in told for outcome in _outcomes(one))
    _write_history(told, staff)
    received = [one.update.entry for one in told if one.update.entry.received_at]
    RoundEntry.objects.bulk_update(received, ["received_at"], batch_size=500)
    for one in told:
        if one.update.state in (State.SUBMITTED, State.IN_REVIEW, State.ACCEPTED, State.PUBLISHED):
            _remember(one, answers[one.update.pk], steps[one.update.pk])


def _set_signature(one: Told) -> None:
    update, taken = one.update, {name for name, _ in WAY[one.update.state]}
    if "ask_for_signature" in taken:
        update.asked_by = one.maker.coordinator
    if "sign" in taken:
        update.signed_by, update.signed_at = one.maker.leader, _taken_at(one, "sign", 0)
        update.entry.received_at = update.signed_at
    if "publish" in taken:
        update.published_at = _taken_at(one, "publish", 6)


def _taken_at(one: Told, name: str, days: int) -> datetime:
    return at(one.day + timedelta(days=days), 9 + list(STEPS).index(name) % 8, 15)


def _answers(one: Told) -> list[Answer]:
    """A row for each question, as every draft has it; unwritten ones stay at version 0."""
    written = {question.pk: content for question, content in one.contents}
    by, when = one.maker.coordinator, at(one.day - timedelta(days=5), 11)
    rows = [
        Answer(update=one.update, question=question, version=1, saved_by=by, saved_at=when, **_columns(content))
        for question, content in one.contents
    ]
    questions = one.update.entry.round.questions.all() if one.update.state == State.DRAFT else ()
    others = [question for question in questions if question.pk not in written]
    return [*rows, *(Answer(update=one.update, question=question) for question in others)]


def _columns(content: AnswerInput) -> dict[str, Any]:
    return {name: getattr(content, name) for name in COLUMNS}


def _version(answer: Answer, content: AnswerInput) -> AnswerVersion:
    assert answer.saved_by_id
    assert answer.saved_at
    return AnswerVersion(
        answer=answer,
        version=1,
        saved_by_id=answer.saved_by_id,
        saved_at=answer.saved_at,
        next_steps=[_as_json(step) for step in content.steps],
        outcomes=[_as_json(outcome) for outcome in content.outcomes],
        **_columns(content),
    )


def _as_json(row: Any) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(row).items()}


def _steps(one: Told) -> list[NextStep]:
    return [
        NextStep(update=one.update, question=question, position=position, **asdict(step))
        for question, content in one.contents
        for position, step in enumerate(content.steps)
    ]


def _outcomes(one: Told) -> list[StepOutcome]:
    return [
        StepOutcome(update=one.update, step_id=said.step, outcome=said.outcome, new_date=said.new_date, why=said.why)
        for _, content in one.contents
        for said in content.outcomes
    ]


def _write_history(told: list[Told], staff: dict[str, User]) -> None:
    changes = StatusChange.objects.bulk_create(change for one in told for change in _changes(one, staff))
    AuditEvent.objects.bulk_create(_audit(change) for change in changes)
    Snapshot.objects.bulk_create(_snapshot(one) for one in told if one.update.signed_by)


def _changes(one: Told, staff: dict[str, User]) -> list[StatusChange]:
    people = {"ask_for_signature": one.maker.coordinator, "sign": one.maker.leader.user, **staff}
    state, rows = str(State.DRAFT), []
    for name, days in WAY[one.update.state]:
        step = STEPS[name]
        rows.append(
            StatusChange(
                update=one.update,
                action=name,
                from_state=state,
                to_state=step.target,
                by=people[name],
                at=_taken_at(one, name, days),
                note="Please say which population your figures are measured against." if step.needs_reason else "",
            )
        )
        state = str(step.target)
    return rows


def _audit(change: StatusChange) -> AuditEvent:
    return AuditEvent(
        at=change.at,
        by_id=change.by_id,
        action=f"update.{change.action}",
        about_kind=ProgressUpdate._meta.label_lower,
        about_id=change.update_id,
        before={"state": change.from_state},
        after={"state": str(change.to_state)},
    )


def _snapshot(one: Told) -> Snapshot:
    assert one.update.signed_at
    sections = [
        snapshots.section(question, content, one.maker.open.get(question.key, [])) for question, content in one.contents
    ]
    body = snapshots.canonical(snapshots.document(one.update, covers=one.maker.covers, sections=sections))
    return Snapshot(
        update=one.update,
        schema=snapshots.SCHEMA,
        body=body,
        sha256=hashlib.sha256(body).hexdigest(),
        made_at=one.update.signed_at,
    )


def _remember(one: Told, answers: list[Answer], steps: list[NextStep]) -> None:
    """What the next round is asked about: steps that go on, then the new ones."""
    earlier = {open_step.step.pk: open_step for rows in one.maker.open.values() for open_step in rows}
    found: dict[str, list[OpenStep]] = defaultdict(list)
    for question, content in one.contents:
        for said in content.outcomes:
            if said.outcome == Outcome.GOING_ON:
                found[question.key].append(OpenStep(earlier[said.step].step, said.new_date))
    for step in steps:
        found[step.question.key].append(OpenStep(step, step.by_when))
    one.maker.open = dict(found)
    one.maker.said = {answer.question.key: answer for answer in answers}
