"""Writing an update together: each save is against the version it was typed on, and loses nothing."""

import itertools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from progress_updates import permissions
from progress_updates.entries import check_is_taken, hold_entry
from progress_updates.last_round import OpenStep, answers_by_key, last_update
from progress_updates.models import (
    EDITABLE,
    Answer,
    AnswerVersion,
    NextStep,
    Outcome,
    ProgressUpdate,
    Question,
    RoundEntry,
    StepOutcome,
)
from signatories.models import Statement, StatementState


@dataclass(frozen=True)
class StepInput:
    """A next step as typed; rows without `what` are not kept."""

    what: str
    who: str = ""
    by_when: date | None = None


@dataclass(frozen=True)
class OutcomeInput:
    """What is said of an earlier step. `step` is its id."""

    step: int
    outcome: str
    new_date: date | None = None
    why: str = ""


@dataclass(frozen=True)
class AnswerInput:
    """All that one section's page holds."""

    rating: str = ""
    no_change: bool = False
    no_change_reason: str = ""
    text: str = ""
    involved: str = ""
    evidence: str = ""
    barriers: str = ""
    completed: bool = False
    steps: tuple[StepInput, ...] = field(default=())
    outcomes: tuple[OutcomeInput, ...] = field(default=())


COLUMNS = tuple(f.name for f in fields(AnswerInput) if f.name not in ("steps", "outcomes"))


class NotEditable(Exception):
    """The update has left its writers: signed, asked for, or in review."""


class Conflict(Exception):
    """Somebody saved this section in between. `theirs` is what stands now, `mine` what was typed."""

    def __init__(self, *, theirs: Answer, mine: AnswerInput) -> None:
        super().__init__(_("Somebody else saved this section while you were writing."))
        self.theirs = theirs
        self.mine = mine


@transaction.atomic
def start_update(*, entry: RoundEntry, by: User, now: datetime) -> ProgressUpdate:
    """The draft of an entry, made on first use. *Why* is copied from last round, else from the Statement.

    Raises NotAllowed where no update is taken: covered by another's, or withdrawn from the pledge."""
    if not entry.updates.exists():
        check_is_taken(hold_entry(entry))
    update, made = ProgressUpdate.objects.get_or_create(entry=entry, version=1, defaults={"created_at": now})
    if made:
        permissions.check_can_write(update=update, by=by, now=now)
        why = why_to_start_with(update)
        Answer.objects.bulk_create(
            Answer(update=update, question=question, text=why if question.key == "why" else "")
            for question in entry.round.questions.all()
        )
        audit.record(action="update.started", by=by, about=update, now=now)
    return update


def why_to_start_with(update: ProgressUpdate) -> str:
    """*Why* as the draft begins with it; the update may be one that is not stored yet."""
    maker = update.entry.pledge_maker
    before = answers_by_key(last_update(maker, before=update)).get("why")
    if before:
        return before.text
    statement = Statement.objects.filter(pledge_maker=maker, state=StatementState.PUBLISHED).first()
    return statement.why if statement else ""


@transaction.atomic
def save_answer(
    *, update: ProgressUpdate, question: Question, content: AnswerInput, version: int, by: User, now: datetime
) -> Answer:
    """Saves a section typed on `version`. Saving what already stands adds no version
    and is never a conflict.

    Raises `Conflict` when somebody saved in between, `NotEditable` when the update has left its writers.
    """
    permissions.check_can_write_section(update=update, question=question, by=by, now=now)
    state = hold(update)
    answer = Answer.objects.select_related("question").get(update=update, question=question)
    stands = as_input(answer)
    content = tidy(_with_outcomes_not_asked_for(content, stands))
    if stands == content:
        return answer
    saved = state in EDITABLE and Answer.objects.filter(pk=answer.pk, version=version).update(
        version=version + 1, saved_by=by, saved_at=now, **_columns(content)
    )
    answer.refresh_from_db()
    if not saved:
        return _as_it_stands(answer, content)
    _replace_steps(answer, content.steps)
    _replace_outcomes(answer, content.outcomes)
    AnswerVersion.objects.create(
        answer=answer,
        version=answer.version,
        saved_by=by,
        saved_at=now,
        next_steps=[_as_json(step) for step in content.steps],
        outcomes=[_as_json(outcome) for outcome in content.outcomes],
        **_columns(content),
    )
    return answer


def hold(update: ProgressUpdate) -> str:
    """The state of an update, which stays so until this transaction ends: nobody asks, signs or saves meanwhile.

    A row lock on PostgreSQL; on SQLite transactions begin IMMEDIATE, which is as much."""
    return ProgressUpdate.objects.select_for_update().values_list("state", flat=True).get(pk=update.pk)


def no_change(*, last: Answer, reason: str, open_steps: Iterable[OpenStep], completed: bool) -> AnswerInput:
    """The answer "no change since last round": last round's rating, and its open steps going on as they are."""
    return AnswerInput(
        rating=last.rating,
        no_change=True,
        no_change_reason=reason,
        completed=completed,
        outcomes=tuple(
            OutcomeInput(open_step.step.pk, Outcome.GOING_ON, open_step.by_when, reason) for open_step in open_steps
        ),
    )


def before_no_change(answer: Answer) -> AnswerInput:
    """The newest answer that was not "no change", not completed; empty when there is none."""
    row = answer.versions.filter(no_change=False).last()
    if row is None:
        return AnswerInput()
    return AnswerInput(
        **{name: getattr(row, name) for name in COLUMNS if name != "completed"},
        steps=tuple(StepInput(each["what"], each["who"], _date(each["by_when"])) for each in row.next_steps),
        outcomes=tuple(
            OutcomeInput(each["step"], each["outcome"], _date(each["new_date"]), each["why"]) for each in row.outcomes
        ),
    )


def _date(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def tidy(content: AnswerInput) -> AnswerInput:
    """Line breaks become one character; rows of steps without a *what* and empty outcomes are left out."""
    texts: dict[str, Any] = {
        name: value.replace("\r\n", "\n") for name, value in _columns(content).items() if isinstance(value, str)
    }
    return replace(
        content,
        **texts,
        steps=tuple(step for step in content.steps if step.what.strip()),
        outcomes=tuple(sorted((o for o in content.outcomes if o.outcome), key=lambda o: o.step)),
    )


def inputs_of(update: ProgressUpdate) -> list[tuple[Answer, AnswerInput]]:
    """All sections as they stand now, in order, in the shape in which they are typed. Three queries."""
    steps: dict[int, list[StepInput]] = defaultdict(list)
    for step in update.next_steps.order_by("question_id", "position"):
        steps[step.question_id].append(StepInput(step.what, step.who, step.by_when))
    outcomes: dict[str, list[OutcomeInput]] = defaultdict(list)
    for said in update.step_outcomes.select_related("step__question").order_by("step_id"):
        outcomes[said.step.question.key].append(OutcomeInput(said.step_id, said.outcome, said.new_date, said.why))
    return [
        (answer, _input(answer, steps[answer.question_id], outcomes[answer.question.key]))
        for answer in update.answers.select_related("question")
    ]


def as_input(answer: Answer) -> AnswerInput:
    """What one section holds now."""
    steps = answer.update.next_steps.filter(question=answer.question).order_by("position")
    outcomes = StepOutcome.objects.filter(update=answer.update, step__question__key=answer.question.key).order_by(
        "step_id"
    )
    return _input(
        answer,
        [StepInput(step.what, step.who, step.by_when) for step in steps],
        [OutcomeInput(said.step_id, said.outcome, said.new_date, said.why) for said in outcomes],
    )


def _input(answer: Answer, steps: list[StepInput], outcomes: list[OutcomeInput]) -> AnswerInput:
    columns = {name: getattr(answer, name) for name in COLUMNS}
    return AnswerInput(steps=tuple(steps), outcomes=tuple(outcomes), **columns)


def _with_outcomes_not_asked_for(content: AnswerInput, stands: AnswerInput) -> AnswerInput:
    """What was said of steps that the page did not offer (their update was recalled meanwhile) stays."""
    asked = {outcome.step for outcome in content.outcomes}
    return replace(content, outcomes=content.outcomes + tuple(o for o in stands.outcomes if o.step not in asked))


def _columns(content: AnswerInput) -> dict[str, Any]:
    return {name: getattr(content, name) for name in COLUMNS}


def _as_json(row: StepInput | OutcomeInput) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in asdict(row).items()}


def _as_it_stands(answer: Answer, content: AnswerInput) -> Answer:
    """The same words, saved a moment ago (by the page itself, perhaps), are no conflict; others are."""
    answer.update.refresh_from_db()
    if as_input(answer) == content:
        return answer
    if not answer.update.is_editable:
        raise NotEditable(_("This update is no longer a draft, so it was not changed. Your words are below."))
    raise Conflict(theirs=answer, mine=content)


def _replace_steps(answer: Answer, steps: tuple[StepInput, ...]) -> None:
    """Steps of which a later update has said what became of them are corrected in place and never removed."""
    rows = NextStep.objects.filter(update=answer.update, question=answer.question)
    answered = list(rows.filter(outcomes__isnull=False).distinct())
    rows.exclude(pk__in=[row.pk for row in answered]).delete()
    left = dict(enumerate(steps))
    for row in answered:
        _correct(row, left.pop(_place_of(row, left), None))
    taken = {row.position for row in answered}
    free = (position for position in itertools.count() if position not in taken)
    NextStep.objects.bulk_create(
        NextStep(update=answer.update, question=answer.question, position=next(free), **step.__dict__)
        for step in left.values()
    )


def _place_of(row: NextStep, steps: dict[int, StepInput]) -> int:
    """Which typed step is this row: the one with its words, else the one in its place."""
    return next((place for place, step in steps.items() if step.what == row.what), row.position)


def _correct(row: NextStep, step: StepInput | None) -> None:
    if step:
        NextStep.objects.filter(pk=row.pk).update(what=step.what, who=step.who, by_when=step.by_when)


def _replace_outcomes(answer: Answer, outcomes: tuple[OutcomeInput, ...]) -> None:
    """Only steps of this Pledge Maker's same section can be answered; others are ignored."""
    mine = NextStep.objects.filter(
        pk__in=[o.step for o in outcomes],
        question__key=answer.question.key,
        update__entry__pledge_maker=answer.update.entry.pledge_maker,
    ).exclude(update=answer.update)
    known = set(mine.values_list("pk", flat=True))
    StepOutcome.objects.filter(update=answer.update, step__question__key=answer.question.key).delete()
    StepOutcome.objects.bulk_create(
        StepOutcome(step_id=o.step, update=answer.update, outcome=o.outcome, new_date=o.new_date, why=o.why)
        for o in outcomes
        if o.step in known
    )
