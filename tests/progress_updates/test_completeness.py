"""What keeps an update from being signed, in sentences."""

from dataclasses import replace
from datetime import date

import pytest
from django.utils import timezone

from progress_updates import drafting, workflow
from progress_updates.completeness import missing_in, what_is_missing
from progress_updates.drafting import AnswerInput, OutcomeInput, StepInput
from progress_updates.last_round import OpenStep
from progress_updates.models import NextStep, Outcome, Question, State
from progress_updates.workflow import Incomplete
from tests.factories.progress_updates import make_update, writer_of
from tests.factories.sections import complete_answer

OBJECTIVE = Question(kind="objective", key="objective-1", number=1, title="Objective 1", word_limit=5)
WHY = Question(kind="why", key="why", title="Why we are a Pledge Maker", word_limit=5)
DONE = replace(complete_answer(OBJECTIVE), text="One two three four five", involved="", barriers="")
PROMISED = OpenStep(NextStep(pk=7, what="Publish"), date(2026, 9, 1))


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"rating": ""}, "rating", "Choose how far you are with this objective."),
        ({"text": " \n"}, "text", "Write your answer: “What changed”."),
        (
            {"text": "one two three four five six"},
            "text",
            "What changed must be 5 words or fewer. You have written 6.",
        ),
        (
            {"barriers": "a " * 1204},
            "barriers",
            "What gets in the way must be 5 words or fewer. You have written 1,204.",
        ),
        (
            {"steps": (StepInput("Publish", "", date(2027, 1, 1)),)},
            "steps",
            "Say who will do each next step, and by when.",
        ),
        ({"steps": (StepInput("Publish", "Ama"),)}, "steps", "Say who will do each next step, and by when."),
        ({"no_change": True}, "no_change_reason", "Say why nothing has changed since last round."),
        (
            {"no_change": True, "no_change_reason": "It runs.", "rating": ""},
            "rating",
            "Choose how far you are with this objective.",
        ),
    ],
)
def test_what_an_objective_lacks(change: dict, field: str, words: str) -> None:
    missing = missing_in(OBJECTIVE, replace(DONE, **change), ())
    assert [(m.field, m.words) for m in missing] == [(field, words)]


@pytest.mark.parametrize(
    ("outcomes", "words"),
    [
        ((), "Say what became of the next step that you promised last time."),
        (
            (OutcomeInput(7, Outcome.GOING_ON, None, "Slow."),),
            "Give the new date of each step that is going on.",
        ),
        (
            (OutcomeInput(7, Outcome.GOING_ON, date(2027, 1, 1)),),
            "Say why a step is going on or was dropped.",
        ),
        ((OutcomeInput(7, Outcome.DROPPED),), "Say why a step is going on or was dropped."),
    ],
)
def test_every_promise_of_last_round_is_answered(outcomes: tuple, words: str) -> None:
    missing = missing_in(OBJECTIVE, replace(DONE, outcomes=outcomes), [PROMISED])
    assert [(m.field, m.words) for m in missing] == [("outcomes", words)]


@pytest.mark.parametrize("outcome", [OutcomeInput(7, Outcome.DONE), OutcomeInput(7, Outcome.DROPPED, None, "No.")])
def test_an_answered_promise_is_enough(outcome: OutcomeInput) -> None:
    assert missing_in(OBJECTIVE, replace(DONE, outcomes=(outcome,)), [PROMISED]) == []


def test_five_words_of_five_are_enough_and_a_line_break_counts_once() -> None:
    assert missing_in(WHY, AnswerInput(text="one two\nthree\n\nfour five"), ()) == []


@pytest.mark.django_db
def test_an_untouched_update_lacks_every_section() -> None:
    update = make_update(complete=False)
    missing = what_is_missing(update)
    assert list(dict.fromkeys(m.key for m in missing)) == [
        "why",
        *(f"objective-{n}" for n in range(1, 8)),
        "good-practice",
        "challenges",
        "next-steps",
        "sign-off",
    ]
    with pytest.raises(Incomplete) as refused:
        workflow.ask_for_signature(update=update, by=writer_of(update.entry.pledge_maker), now=timezone.now())
    assert refused.value.missing == missing
    update.refresh_from_db()
    assert (update.state, update.changes.count()) == (State.DRAFT, 0)


@pytest.mark.django_db
def test_a_section_not_marked_completed_is_named() -> None:
    update = make_update()
    answer = update.answers.get(question__key="challenges")
    content = replace(drafting.as_input(answer), completed=False)
    drafting.save_answer(
        update=update,
        question=answer.question,
        content=content,
        version=answer.version,
        by=writer_of(update.entry.pledge_maker),
        now=timezone.now(),
    )
    assert [(m.key, m.field, m.words) for m in what_is_missing(update)] == [
        ("challenges", "completed", "Say that you have completed this section.")
    ]


@pytest.mark.django_db
def test_what_is_missing_takes_the_same_queries_however_much_is_written(django_assert_num_queries) -> None:
    for update in (make_update(complete=False), make_update()):
        update = type(update).objects.select_related("entry__round", "entry__pledge_maker").get(pk=update.pk)
        with django_assert_num_queries(5):
            what_is_missing(update)
