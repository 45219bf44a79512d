"""What we ask, as data: it drives form, check-answers page, review, public page, PDF and Word."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from progress_updates.models import Question, QuestionKind, Round
from signatories.models import PledgeWording

Words = str | Promise


@dataclass(frozen=True)
class Part:
    """One box of a section: a field of `AnswerContent`, and the words around it."""

    name: str
    label: Words
    # The heading over what was written, on every page that is read.
    heading: Words
    hint: Words = ""
    rows: int = 8
    required: bool = True


WHAT_CHANGED = Part(
    "text",
    _("What changed"),
    _("What changed"),
    _(
        "How have you and your institution responded to, prioritised or delivered on this objective? "
        "Name services, partners, counts and amounts where you can."
    ),
    rows=12,
)
INVOLVED = Part(
    "involved",
    _("Who was involved from communities"),
    _("Who was involved from communities"),
    _("Community organisations, people with lived experience, carers. Say what they decided or changed."),
    rows=5,
    required=False,
)
EVIDENCE = Part(
    "evidence",
    _("Evidence"),
    _("Evidence"),
    _("Web addresses of reports, board papers or data, one on each line. We never open them."),
    rows=3,
    required=False,
)
BARRIERS = Part(
    "barriers",
    _("What gets in the way"),
    _("What gets in the way"),
    _("What has slowed you down, and what would help."),
    rows=5,
    required=False,
)
ONLY_TEXT = Part("text", pgettext_lazy("one box", "Your answer"), "", rows=12)

PARTS: dict[str, tuple[Part, ...]] = {
    QuestionKind.WHY: (ONLY_TEXT,),
    QuestionKind.OBJECTIVE: (WHAT_CHANGED, INVOLVED, EVIDENCE, BARRIERS),
    QuestionKind.TEXT: (ONLY_TEXT,),
    QuestionKind.NEXT_STEPS: (),
    QuestionKind.SIGN_OFF: (ONLY_TEXT,),
}


def parts_of(question: Question) -> tuple[Part, ...]:
    return PARTS[question.kind]


def has_steps(question: Question) -> bool:
    """Sections that hold next steps: what, who, by when."""
    return question.kind in (QuestionKind.OBJECTIVE, QuestionKind.NEXT_STEPS)


def default_questions(round_: Round, wording: PledgeWording) -> Iterable[Question]:
    """The scheme's own form: why; seven objectives; good practice; challenges; next steps; sign-off."""

    def question(key: str, kind: str, title: object, **more: object) -> Question:
        return Question(round=round_, key=key, kind=kind, title=str(title), word_limit=round_.word_limit, **more)

    rows = [
        question(
            "why",
            QuestionKind.WHY,
            _("Why we are a Pledge Maker"),
            hint=str(_("What this pledge means to you and your institution. Last round’s words are copied.")),
        )
    ]
    rows += [
        question(
            f"objective-{objective.number}",
            QuestionKind.OBJECTIVE,
            f"Objective {objective.number}: {objective.short}",
            number=objective.number,
            wording=objective.text,
        )
        for objective in wording.objectives.all()
    ]
    rows += [
        question(
            "good-practice",
            QuestionKind.TEXT,
            _("Good practice to share"),
            hint=str(_("What worked that others could use: what you did, with whom, and how you know.")),
        ),
        question(
            "challenges",
            QuestionKind.TEXT,
            _("Challenges"),
            hint=str(_("What has been hard across your pledge. Saying so helps the network to help.")),
        ),
        question(
            "next-steps",
            QuestionKind.NEXT_STEPS,
            _("Next steps"),
            hint=str(_("What you will do in the next six months that no single objective covers.")),
        ),
        question(
            "sign-off",
            QuestionKind.SIGN_OFF,
            _("Sign-off details"),
            hint=str(_("Who agreed this update in your organisation, and when? For example, a board meeting.")),
        ),
    ]
    for order, row in enumerate(rows, start=1):
        row.order = order
    return rows
