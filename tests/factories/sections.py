"""What stands in the sections of an update, for tests."""

from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from accounts.models import User
from progress_updates import drafting
from progress_updates.drafting import COLUMNS, AnswerInput, OutcomeInput, StepInput
from progress_updates.last_round import last_update, open_steps
from progress_updates.models import (
    Answer,
    AnswerVersion,
    NextStep,
    Outcome,
    ProgressUpdate,
    Question,
    QuestionKind,
    Rating,
    StepOutcome,
)

Contents = list[tuple[Answer, AnswerInput]]


def complete_answer(question: Question, text: str = "We met local people and changed the rota.") -> AnswerInput:
    """An answer that lacks nothing, with one next step where the section has them."""
    if question.kind == QuestionKind.OBJECTIVE:
        return AnswerInput(
            rating=Rating.PRIORITISED,
            text=text,
            involved="Northtown Carers decided the opening hours.",
            evidence="https://northtown.example/board",
            barriers="Two posts are empty.",
            completed=True,
            steps=(StepInput("Publish the figures", "Director of nursing", date(2027, 3, 31)),),
        )
    if question.kind == QuestionKind.NEXT_STEPS:
        return AnswerInput(completed=True, steps=(StepInput("Meet the network", "Chair", date(2027, 2, 1)),))
    return AnswerInput(text=text, completed=True)


def fill(update: ProgressUpdate, *, by: User, now: datetime, text: str | None = None) -> None:
    """Completes every section: through the real drafting, or, where nothing was saved yet, with the rows it leaves."""
    contents = complete(update, text)
    if all(answer.version == 0 for answer, _ in contents):
        write_at_once(contents, by=by, now=now)
    else:
        save_each(contents, by=by, now=now)


def complete(update: ProgressUpdate, text: str | None) -> Contents:
    before = open_steps(last_update(update.entry.pledge_maker, before=update))
    words = {"text": text} if text else {}
    return [
        (answer, replace(complete_answer(answer.question, **words), outcomes=_all_done(before, answer.question.key)))
        for answer in update.answers.select_related("question", "update")
    ]


def _all_done(before: dict[str, Any], key: str) -> tuple[OutcomeInput, ...]:
    return tuple(OutcomeInput(open_step.step.pk, Outcome.DONE) for open_step in before.get(key, []))


def save_each(contents: Contents, *, by: User, now: datetime) -> None:
    for answer, content in contents:
        drafting.save_answer(
            update=answer.update, question=answer.question, content=content, version=answer.version, by=by, now=now
        )


def write_at_once(contents: Contents, *, by: User, now: datetime) -> None:
    """In four queries the rows of which drafting makes in two hundred; a test holds them equal."""
    Answer.objects.bulk_update(
        (_set(answer, version=1, saved_by=by, saved_at=now, **_columns(content)) for answer, content in contents),
        ["version", "saved_by", "saved_at", *COLUMNS],
    )
    AnswerVersion.objects.bulk_create(
        AnswerVersion(answer=answer, version=1, saved_by=by, saved_at=now, next_steps=_plain(content.steps),
                      outcomes=_plain(content.outcomes), **_columns(content))
        for answer, content in contents
    )  # fmt: skip
    NextStep.objects.bulk_create(
        NextStep(update=answer.update, question=answer.question, position=position, **asdict(step))
        for answer, content in contents
        for position, step in enumerate(content.steps)
    )
    StepOutcome.objects.bulk_create(
        StepOutcome(update=answer.update, step_id=said.step, outcome=said.outcome, new_date=said.new_date, why=said.why)
        for answer, content in contents
        for said in content.outcomes
    )


def _set(row: Answer, **values: Any) -> Answer:
    for name, value in values.items():
        setattr(row, name, value)
    return row


def _columns(content: AnswerInput) -> dict[str, Any]:
    return {name: getattr(content, name) for name in COLUMNS}


def _plain(rows: tuple[StepInput, ...] | tuple[OutcomeInput, ...]) -> list[dict[str, Any]]:
    return [{k: v.isoformat() if isinstance(v, date) else v for k, v in asdict(row).items()} for row in rows]
