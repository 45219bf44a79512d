"""Invented answers for one section: rating, text, next steps, and what became of the earlier ones."""

from datetime import date, timedelta
from random import Random

from pledge_tracker.seeding.corpus import Teller
from progress_updates.drafting import AnswerInput, OutcomeInput, StepInput, no_change
from progress_updates.last_round import OpenStep
from progress_updates.models import Answer, Outcome, Question, QuestionKind, Rating

RATINGS = tuple(Rating)


class Writer:
    """Writes the sections of one Pledge Maker, round after round."""

    def __init__(self, rng: Random, place: str, domain: str) -> None:
        self.rng, self.tell, self._domain = rng, Teller(rng, place), domain
        # Where each objective stood before the first round, 0 to 2: progress is uneven.
        self._start = {number: rng.choice((0, 0, 1, 1, 2)) for number in range(1, 8)}

    def answer(
        self, question: Question, *, turn: int, day: date, before: list[OpenStep], last: Answer | None
    ) -> AnswerInput:
        """A complete answer, as written on `day` in the round number `turn` (from 0)."""
        if question.kind == QuestionKind.OBJECTIVE:
            return self._objective(question, turn, day, before, last)
        if question.kind == QuestionKind.NEXT_STEPS:
            return AnswerInput(
                completed=True, steps=self._steps(0, day, 2 if turn < 2 else 1), outcomes=self._outcomes(before, day)
            )
        if question.kind == QuestionKind.SIGN_OFF:
            return AnswerInput(text=self.tell.sign_off(day - timedelta(days=3)), completed=True)
        return AnswerInput(text=self.tell.text(question.key, 0 if question.key == "why" else turn), completed=True)

    def _objective(
        self, question: Question, turn: int, day: date, before: list[OpenStep], last: Answer | None
    ) -> AnswerInput:
        number, rng = question.number or 1, self.rng
        if last and not last.no_change and number in (4, 6, 7) and rng.random() < 0.15:
            return no_change(last=last, reason=self.tell.text("no-change", turn), open_steps=before, completed=True)
        return AnswerInput(
            rating=self._rating(number, turn),
            text=self.tell.text(f"objective-{number}", turn),
            involved=self.tell.text("involved", turn + number) if rng.random() < 0.75 else "",
            evidence=self._evidence(number, day) if rng.random() < 0.6 else "",
            barriers=self.tell.text("barriers", turn + number) if rng.random() < 0.6 else "",
            completed=True,
            steps=self._steps(number, day, rng.choice((1, 1, 2))),
            outcomes=self._outcomes(before, day),
        )

    def _rating(self, number: int, turn: int) -> str:
        return RATINGS[min(self._start[number] + turn, len(RATINGS) - 1 - (number + turn) % 2)]

    def _evidence(self, number: int, day: date) -> str:
        page = ("crisis", "data", "communities", "network", "people", "research", "pledge")[number - 1]
        lines = [f"https://{self._domain}/race-equality/{page}"]
        if self.rng.random() < 0.5:
            lines.append(f"https://{self._domain}/board/{day:%Y-%m}-paper-{self.rng.randint(4, 19)}")
        return "\n".join(lines)

    def _steps(self, number: int, day: date, count: int) -> tuple[StepInput, ...]:
        return tuple(
            StepInput(what, who, day + timedelta(days=self.rng.randrange(60, 210, 10)))
            for what, who in self.tell.steps(number, count)
        )

    def _outcomes(self, before: list[OpenStep], day: date) -> tuple[OutcomeInput, ...]:
        return tuple(self._outcome(open_step, day) for open_step in before)

    def _outcome(self, open_step: OpenStep, day: date) -> OutcomeInput:
        dice = self.rng.random()
        if dice < 0.6:
            return OutcomeInput(open_step.step.pk, Outcome.DONE)
        if dice < 0.88:
            later = day + timedelta(days=self.rng.randrange(60, 180, 15))
            return OutcomeInput(open_step.step.pk, Outcome.GOING_ON, later, self.tell.why_later())
        return OutcomeInput(open_step.step.pk, Outcome.DROPPED, None, self.tell.why_dropped())
