"""The forms of the workspace. The form of a section is made from its question, and never loses a word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from design.forms import GovDateField, LongTextField, PledgeForm, let_everything_be_typed
from progress_updates.completeness import Missing, missing_in
from progress_updates.drafting import AnswerInput, OutcomeInput, StepInput, tidy
from progress_updates.last_round import OpenStep
from progress_updates.models import Outcome, Question, QuestionKind, Rating
from progress_updates.questions import has_steps, parts_of

MOST_STEPS = 30
WHO_LENGTH = 200
RATING_HINTS = {
    Rating.NOT_STARTED: _("We have not begun work on this objective."),
    Rating.RESPONDED_TO: _("We have taken first actions."),
    Rating.PRIORITISED: _("It has people, time or money of its own."),
    Rating.DELIVERED: _("It is in place, and we can show what changed."),
}


@dataclass(frozen=True)
class StepRow:
    number: int
    what: Any
    who: Any
    by_when: Any


@dataclass(frozen=True)
class OutcomeRow:
    open_step: OpenStep
    outcome: Any
    new_date: Any
    why: Any


class SectionForm(PledgeForm):
    """One section as typed. `content()` gives all of it that can be kept, whether or not it is valid."""

    submit = ""
    form_tag = False
    edit = forms.IntegerField(widget=forms.HiddenInput)
    looks = {"rating": {"item_hints": RATING_HINTS, "label_size": "m"}, "completed": {"label_size": "m"}}

    def __init__(
        self,
        question: Question,
        *,
        before: Sequence[OpenStep],
        content: AnswerInput | None = None,
        edit: int = 0,
        data: Mapping[str, Any] | None = None,
        more_steps: int = 0,
        as_sent: bool = False,
    ) -> None:
        self.question, self.before, self.as_sent = question, before, as_sent
        content = content or AnswerInput()
        self.step_count = self._count_steps(content, data, more_steps)
        super().__init__(data, initial=_initial(content, edit))
        self._add_fields()
        let_everything_be_typed(self)
        # Small boxes show no count; their limit is the same.
        small = [name for name in self.fields if name.endswith(("_what", "_why"))]
        self.looks = {**self.looks, **{name: {"max_words": None} for name in small}}  # type: ignore[misc]

    def _count_steps(self, content: AnswerInput, data: Mapping[str, Any] | None, more: int) -> int:
        if not has_steps(self.question):
            return 0
        typed = str(data.get("steps", "")) if data is not None else str(len(content.steps))
        count = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0
        return min(max(count + more, 1), MOST_STEPS)

    @property
    def may_add_steps(self) -> bool:
        return self.step_count < MOST_STEPS

    def _add_fields(self) -> None:
        for open_step in self.before:
            self._add_outcome(open_step)
        if self.question.kind == QuestionKind.OBJECTIVE:
            self.fields["rating"] = forms.ChoiceField(
                label=_("Rating, if the document gives one")
                if self.as_sent
                else _("How far you are with this objective"),
                choices=Rating.choices,
                widget=forms.RadioSelect,
                required=False,
            )
        for part in parts_of(self.question):
            label = part.label if part.required else _("%(label)s (optional)") % {"label": part.label}
            self.fields[part.name] = LongTextField(
                label=label,
                help_text=part.hint,
                max_words=self.question.word_limit,
                rows=part.rows,
                required=False,
            )
        for number in range(1, self.step_count + 1):
            self._add_step(number)
        self.fields["completed"] = forms.ChoiceField(
            label=_("Have you completed this section?"),
            choices=[("yes", _("Yes, I have completed it")), ("no", _("No, I will come back to it later"))],
            widget=forms.RadioSelect,
            required=False,
        )

    def _add_outcome(self, open_step: OpenStep) -> None:
        name = f"outcome_{open_step.step.pk}"
        self.fields[name] = forms.ChoiceField(
            label=open_step.step.what, choices=Outcome.choices, widget=forms.RadioSelect, required=False
        )
        self.fields[f"{name}_date"] = GovDateField(label=_("New date"), required=False)
        self.fields[f"{name}_why"] = LongTextField(
            label=_("Why it is going on or was dropped"), rows=2, max_words=self.question.word_limit, required=False
        )

    def _add_step(self, number: int) -> None:
        count = {"number": number}
        self.fields[f"step_{number}_what"] = LongTextField(
            label=_("What you will do"), rows=2, max_words=self.question.word_limit, required=False
        )
        self.fields[f"step_{number}_who"] = forms.CharField(
            label=_("Who will do it"),
            max_length=WHO_LENGTH,
            required=False,
            error_messages={"max_length": _("Who will do step %(number)s must be 200 characters or fewer.") % count},
        )
        self.fields[f"step_{number}_by"] = GovDateField(label=_("By when, step %(number)s") % count, required=False)

    @property
    def outcome_rows(self) -> list[OutcomeRow]:
        names = [(each, f"outcome_{each.step.pk}") for each in self.before]
        return [OutcomeRow(each, self[name], self[f"{name}_date"], self[f"{name}_why"]) for each, name in names]

    @property
    def step_rows(self) -> list[StepRow]:
        return [
            StepRow(number, self[f"step_{number}_what"], self[f"step_{number}_who"], self[f"step_{number}_by"])
            for number in range(1, self.step_count + 1)
        ]

    @property
    def says_completed(self) -> bool:
        return self.data.get("completed") == "yes"

    @property
    def edit_seen(self) -> int:
        """The version that was on the page; -1, which never fits, when it did not come back whole."""
        self.errors  # noqa: B018  cleans
        value = self.cleaned_data.get("edit")
        return -1 if value is None else value

    def content(self, stored: AnswerInput | None = None) -> AnswerInput:
        """All that was typed and can be kept, words over the limit too. For a date that is none, or a name
        that is too long, what is `stored` stays."""
        stored = stored or AnswerInput()
        texts: dict[str, Any] = {part.name: self._typed(part.name) for part in parts_of(self.question)}
        typed = AnswerInput(
            rating=self._clean("rating", stored.rating) or "",
            steps=tuple(self._step(n, self._same_step(n, stored)) for n in range(1, self.step_count + 1)),
            outcomes=tuple(self._outcome(each, stored) for each in self.before),
            **texts,
        )
        content = tidy(typed)
        whole = not self.errors and not missing_in(self.question, content, self.before, as_sent=self.as_sent)
        return replace(content, completed=self.says_completed and whole)

    def explain(self) -> bool:
        """Adds what is missing to the fields, if the person says the section is complete. True when all is well."""
        if self.says_completed:
            for missing in missing_in(self.question, self.content(), self.before, as_sent=self.as_sent):
                self._say(missing)
        self._sort_errors()
        return not self.errors

    def _sort_errors(self) -> None:
        """The summary of errors follows the page."""
        found = dict(self.errors)
        self.errors.clear()
        self.errors.update({name: found[name] for name in self.fields if name in found})

    def _say(self, missing: Missing) -> None:
        field = self._field_of(missing)
        if field not in self.errors:
            self.add_error(field, missing.words)

    def _field_of(self, missing: Missing) -> str:
        """Sentences about several steps go to the first that they are about."""
        if missing.field == "steps":
            rows = [n for n in range(1, self.step_count + 1) if (step := self._step(n)).what.strip()
                    and not (step.who.strip() and step.by_when)]  # fmt: skip
            number = rows[0] if rows else 1
            return f"step_{number}_by" if self._step(number).who.strip() else f"step_{number}_who"
        if missing.field == "outcomes":
            return self._outcome_field()
        return missing.field

    def _outcome_field(self) -> str:
        for each in self.before:
            said, name = self._outcome(each), f"outcome_{each.step.pk}"
            if not said.outcome and name not in self.errors:
                return name
            if said.outcome == Outcome.GOING_ON and not said.new_date and f"{name}_date" not in self.errors:
                return f"{name}_date"
            if said.outcome in (Outcome.GOING_ON, Outcome.DROPPED) and not said.why.strip():
                return f"{name}_why"
        return f"outcome_{self.before[0].step.pk}"

    def _step(self, number: int, stored: StepInput | None = None) -> StepInput:
        name, stored = f"step_{number}", stored or StepInput("")
        return StepInput(
            what=self._typed(f"{name}_what"),
            who=self._clean(f"{name}_who", stored.who) or "",
            by_when=self._clean(f"{name}_by", stored.by_when),
        )

    def _same_step(self, number: int, stored: AnswerInput) -> StepInput | None:
        """The stored step of this row: the one with the same words, else the one in the same place."""
        rows = [self._typed(f"step_{n}_what") for n in range(1, self.step_count + 1)]
        here, place = rows[number - 1], sum(bool(what.strip()) for what in rows[: number - 1])
        same = [step for step in stored.steps if step.what == here]
        in_place = [step for step in stored.steps[place : place + 1] if step.what not in rows]
        return next(iter(same + in_place), None)

    def _outcome(self, each: OpenStep, stored: AnswerInput | None = None) -> OutcomeInput:
        name, before = f"outcome_{each.step.pk}", OutcomeInput(each.step.pk, "")
        if stored:
            before = next((said for said in stored.outcomes if said.step == each.step.pk), before)
        said = self._clean(name, before.outcome) or ""
        new_date: date | None = self._clean(f"{name}_date", before.new_date)
        return OutcomeInput(each.step.pk, said, new_date, self._typed(f"{name}_why"))

    def not_kept(self) -> list[str]:
        """What is wrong with the small boxes, in words. Words over the limit are kept, so they are not here."""
        return [
            str(words)
            for name, found in self.errors.as_data().items()
            if name != "edit"
            for error in found
            if error.code != "too_many_words"
            for words in error.messages
        ]

    def _typed(self, name: str) -> str:
        """As typed, over the limit too; a database cannot hold the null character."""
        return str(self[name].value() or "").replace("\x00", "")

    def _clean(self, name: str, stored: Any = None) -> Any:
        return stored if name in self.errors else self.cleaned_data.get(name)


def _initial(content: AnswerInput, edit: int) -> dict[str, Any]:
    initial: dict[str, Any] = {
        "edit": edit,
        "rating": content.rating,
        "text": content.text,
        "involved": content.involved,
        "evidence": content.evidence,
        "barriers": content.barriers,
        "completed": "yes" if content.completed else "no" if edit else "",
    }
    for number, step in enumerate(content.steps, start=1):
        initial |= {f"step_{number}_what": step.what, f"step_{number}_who": step.who, f"step_{number}_by": step.by_when}
    for said in content.outcomes:
        name = f"outcome_{said.step}"
        initial |= {name: said.outcome, f"{name}_date": said.new_date, f"{name}_why": said.why}
    return initial


def typed_anew(data: QueryDict, **changed: Any) -> QueryDict:
    """What was typed, to be shown once more, with a few hidden fields that are new."""
    again = data.copy()
    for name, value in changed.items():
        again[name] = str(value)
    return again


class NoChangeForm(PledgeForm):
    """Nothing has changed since last round, and why."""

    submit = _("Save: no change since last round")
    edit = forms.IntegerField(widget=forms.HiddenInput)
    reason = LongTextField(
        label=_("Why nothing has changed"),
        help_text=_("A sentence or two. It is published with your update."),
        rows=4,
        error_messages={"required": _("Say why nothing has changed since last round.")},
    )
    looks = {"reason": {"label_size": "m"}}

    def __init__(self, *args: Any, word_limit: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].max_words = word_limit  # type: ignore[attr-defined]


class ReasonForm(PledgeForm):
    """Why an update goes back to its writers."""

    submit = _("Return it to the writers")
    reason = LongTextField(
        label=_("What should be changed"),
        help_text=_("The writers see your words at the top of their task list. They are never published."),
        rows=5,
        error_messages={"required": _("Say why, so that they know what to change.")},
    )
    looks = {"reason": {"label_size": "m"}}


class SignForm(PledgeForm):
    """The leader's declaration. `read` is the fingerprint of what the page showed."""

    submit = _("Sign and submit")
    read = forms.CharField(widget=forms.HiddenInput)
    declared = forms.BooleanField(
        label=_("I have read this update. I sign it for my organisation and submit it to the Synergi team."),
        error_messages={"required": _("Tick the box to say that you have read the update and sign it.")},
    )
