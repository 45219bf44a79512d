"""What a section, and a whole update, still lacks before it can be signed."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from design.words import count_words
from progress_updates import on_behalf
from progress_updates.drafting import AnswerInput, inputs_of
from progress_updates.last_round import OpenStep, last_update, open_steps
from progress_updates.models import Outcome, ProgressUpdate, Question, QuestionKind, Rating
from progress_updates.questions import parts_of


@dataclass(frozen=True)
class Missing:
    """Something to put right: which section, which field of its form, and the sentence to show."""

    key: str
    title: str
    field: str
    words: str


def what_is_missing(update: ProgressUpdate) -> list[Missing]:
    """All that keeps an update from being signed, in the order of its sections; empty when complete."""
    if is_as_sent(update):
        return what_is_missing_as_sent(update)
    before = open_steps(last_update(update.entry.pledge_maker, before=update))
    found: list[Missing] = []
    any_step = update.next_steps.exists() or bool(before)
    for answer, content in inputs_of(update):
        question = answer.question
        found += missing_in(question, content, before.get(question.key, ()))
        if question.kind == QuestionKind.NEXT_STEPS and not any_step:
            found.append(_missing(question, "steps", _("Add at least one next step, here or in an objective.")))
        elif not content.completed:
            found.append(_missing(question, "completed", _("Say that you have completed this section.")))
    return found


def is_as_sent(update: ProgressUpdate) -> bool:
    """Whether it is complete as it came: from a document, a correction of that, or of a round of the past."""
    return on_behalf.entered_version(update) is not None or update.entry.round.is_past


def what_is_missing_as_sent(update: ProgressUpdate) -> list[Missing]:
    """The same for what came as a document: nobody rates or promises for a Pledge Maker, so gaps stay gaps."""
    sections = inputs_of(update)
    found = [missing for answer, content in sections for missing in too_long(answer.question, content)]
    if not found and all(is_empty(content) for _answer, content in sections):
        first = sections[0][0].question
        found.append(_missing(first, "text", _("Enter what the document says, in at least one section.")))
    return found


def is_empty(content: AnswerInput) -> bool:
    words = (content.text, content.involved, content.evidence, content.barriers, content.no_change_reason)
    return not (content.rating or content.steps or any(text.strip() for text in words))


def missing_in(
    question: Question, content: AnswerInput, before: Iterable[OpenStep], *, as_sent: bool = False
) -> list[Missing]:
    """What one section lacks to be completed; `as_sent`: what came as a document is complete as it came."""
    if as_sent:
        return too_long(question, content)
    if content.no_change:
        return [*_missing_rating(question, content), *_missing_reason(question, content)]
    return [
        *_missing_rating(question, content),
        *_missing_or_long_parts(question, content),
        *_missing_outcomes(question, content, before),
        *_missing_in_steps(question, content),
    ]


def too_long(question: Question, content: AnswerInput) -> list[Missing]:
    """Boxes over the word limit. They are refused, never cut."""
    found = []
    for part in parts_of(question):
        words = count_words(getattr(content, part.name))
        if words > question.word_limit:
            found.append(
                _missing(
                    question,
                    part.name,
                    _("%(box)s must be %(limit)s words or fewer. You have written %(words)s.")
                    % {"box": part.label, "limit": f"{question.word_limit:,}", "words": f"{words:,}"},
                )
            )
    return found


def _missing(question: Question, field: str, words: str) -> Missing:
    return Missing(question.key, question.title, field, words)


def _missing_reason(question: Question, content: AnswerInput) -> list[Missing]:
    if content.no_change_reason.strip():
        return []
    return [_missing(question, "no_change_reason", _("Say why nothing has changed since last round."))]


def _missing_rating(question: Question, content: AnswerInput) -> list[Missing]:
    if question.kind != QuestionKind.OBJECTIVE or content.rating in Rating.values:
        return []
    return [_missing(question, "rating", _("Choose how far you are with this objective."))]


def _missing_or_long_parts(question: Question, content: AnswerInput) -> list[Missing]:
    empty = [
        _missing(question, part.name, _("Write your answer: “%(box)s”.") % {"box": part.label})
        for part in parts_of(question)
        if part.required and not getattr(content, part.name).strip()
    ]
    return empty + too_long(question, content)


def _missing_outcomes(question: Question, content: AnswerInput, before: Iterable[OpenStep]) -> list[Missing]:
    said = {outcome.step: outcome for outcome in content.outcomes}
    silent = sum(1 for open_step in before if open_step.step.pk not in said)
    found = []
    if silent:
        words = ngettext(
            "Say what became of the next step that you promised last time.",
            "Say what became of the %(count)s next steps that you promised last time.",
            silent,
        )
        found.append(_missing(question, "outcomes", words % {"count": silent}))
    for outcome in said.values():
        if outcome.outcome == Outcome.GOING_ON and not outcome.new_date:
            found.append(_missing(question, "outcomes", _("Give the new date of each step that is going on.")))
        if outcome.outcome in (Outcome.GOING_ON, Outcome.DROPPED) and not outcome.why.strip():
            found.append(_missing(question, "outcomes", _("Say why a step is going on or was dropped.")))
    return list(dict.fromkeys(found))


def _missing_in_steps(question: Question, content: AnswerInput) -> list[Missing]:
    if all(step.who.strip() and step.by_when for step in content.steps):
        return []
    return [_missing(question, "steps", _("Say who will do each next step, and by when."))]
