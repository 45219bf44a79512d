"""One page for each section: write, save while writing, say that nothing has changed. Nothing typed is lost."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.kept import saves_words
from design.templatetags.furniture import clock
from progress_updates import drafting
from progress_updates.drafting import AnswerInput, Conflict, NotEditable
from progress_updates.forms import NoChangeForm, SectionForm, typed_anew
from progress_updates.last_round import OpenStep, answers_by_key, last_update, open_steps
from progress_updates.models import Answer, Outcome, ProgressUpdate, Question, QuestionKind, Rating
from progress_updates.permissions import NotAllowed
from progress_updates.questions import parts_of
from progress_updates.snapshots import sections_of
from progress_updates.views.workspace import check_can_start
from progress_updates.views.workspace_place import Place, question_or_404, workspace_page
from progress_updates.views.workspace_words import return_in_force
from signatories.models import Plan, StatementState


class Section:
    """What one page needs to know: the answer as it stands, and what was said last round."""

    def __init__(self, place: Place, question: Question) -> None:
        self.place, self.question = place, question
        self.last: ProgressUpdate | None = last_update(place.maker, before=place.update)
        self.before: list[OpenStep] = open_steps(self.last).get(question.key, [])
        self.last_answer: Answer | None = answers_by_key(self.last).get(question.key)

    @property
    def may_be_unchanged(self) -> bool:
        """Offered for objectives that were rated last round: the rating is what has not changed."""
        rated = self.last_answer is not None and self.last_answer.rating != ""
        return self.question.kind == QuestionKind.OBJECTIVE and rated

    def stands(self) -> tuple[AnswerInput, Answer | None]:
        """The answer as it stands; before the draft is made, as it would begin."""
        if self.place.started:
            answer = self.place.update.answers.select_related("question", "saved_by").get(question=self.question)
            answer.update = self.place.update
            return drafting.as_input(answer), answer
        why = drafting.why_to_start_with(self.place.update) if self.question.kind == QuestionKind.WHY else ""
        return AnswerInput(text=why), None

    def form(self, **typed: Any) -> SectionForm:
        return SectionForm(self.question, before=self.before, as_sent=self.place.as_sent, **typed)

    def save(self, content: AnswerInput, *, edit: int) -> Answer:
        """Starts the draft with the first save."""
        with transaction.atomic():
            check_can_start(self.place)
            update = drafting.start_update(entry=self.place.entry, by=self.place.by, now=self.place.now)
            if self.place.started:
                update = self.place.update
            return drafting.save_answer(
                update=update,
                question=self.question,
                content=content,
                version=edit,
                by=self.place.by,
                now=self.place.now,
            )

    def after(self) -> str:
        """The address of the next section; after the last one, the check."""
        keys = [question.key for question in self.place.questions]
        position = keys.index(self.question.key) + 1
        return self.place.url("section", keys[position]) if position < len(keys) else self.place.url("check")


def write_section(request: HttpRequest, place: Place, section: str) -> HttpResponse:
    """Wherever somebody stands: the Pledge Maker's own people, or the team that enters for it."""
    page = Section(place, question_or_404(place, section))
    if request.method == "POST":
        return _save(request, page)
    if not place.can_write_in(page.question):
        return _only_read(request, page)
    content, answer = page.stands()
    if content.no_change:
        return render(request, "progress_updates/section_unchanged.html", _context(page) | {"content": content})
    form = page.form(content=content, edit=answer.version if answer else 0)
    return _show(request, page, form, answer=answer)


def _save(request: HttpRequest, page: Section) -> HttpResponse:
    form = page.form(data=request.POST)
    quietly = request.headers.get("X-Requested-With") == "autosave"
    stored = page.stands()[0] if form.errors else None
    try:
        answer = page.save(form.content(stored), edit=form.edit_seen)
    except Conflict as conflict:
        return _quiet_conflict(conflict) if quietly else _conflict(request, page, conflict)
    except (NotEditable, NotAllowed) as refusal:
        if quietly:
            return JsonResponse({"message": str(refusal)}, status=400)
        return _show(request, page, form, status=_status_of(refusal), refusal=str(refusal))
    return _quietly_saved(form, answer) if quietly else _saved(request, page, form, answer)


def _status_of(refusal: NotEditable | NotAllowed) -> int:
    return 409 if isinstance(refusal, NotEditable) else 403


def _quietly_saved(form: SectionForm, answer: Answer) -> HttpResponse:
    """Only what is all stored is called saved: the browser then forgets its copy."""
    if problems := form.not_kept():
        words = _("%(problems)s Everything else is saved.") % {"problems": " ".join(problems)}
        return JsonResponse({"message": words, "edit": answer.version}, status=400)
    return JsonResponse({"status": "saved", "edit": answer.version, "saved_at": clock(answer.saved_at)})


def _saved(request: HttpRequest, page: Section, form: SectionForm, answer: Answer) -> HttpResponse:
    if "add_step" in request.POST:
        data = typed_anew(request.POST, edit=answer.version, steps=form.step_count)
        longer = page.form(data=data, more_steps=1)
        return _show(request, page, longer, answer=answer, new_step=longer.step_count)
    if not form.explain():
        again = page.form(data=typed_anew(request.POST, edit=answer.version))
        again.explain()
        return _show(request, page, again, answer=answer)
    if "list" in request.POST:
        messages.success(request, _("“%(section)s” is saved.") % {"section": page.question.title})
        return redirect(page.place.url("task_list"))
    return redirect(page.after())


def _quiet_conflict(conflict: Conflict) -> HttpResponse:
    words = _(
        "%(name)s saved this section at %(time)s while you were writing. Your words are still on this page. "
        "Press “Save and continue” to see both and choose."
    )
    return JsonResponse({"status": "conflict", "message": words % _who_saved(conflict.theirs)}, status=409)


def _who_saved(answer: Answer) -> dict[str, str]:
    return {"name": answer.saved_by.name if answer.saved_by else "", "time": clock(answer.saved_at)}


def _conflict(request: HttpRequest, page: Section, conflict: Conflict) -> HttpResponse:
    """Mine in the boxes, theirs beside them; the next save is against theirs."""
    again = typed_anew(request.POST, edit=conflict.theirs.version)
    form = page.form(data=again)
    theirs = drafting.as_input(conflict.theirs)
    more = {
        "theirs": theirs,
        "theirs_rating": Rating(theirs.rating).label if theirs.rating else _("no rating"),
        "their_outcomes": _in_words(theirs, page.before),
        "who": _who_saved(conflict.theirs),
        "differing": _differing(form.content(), theirs),
    }
    return _show(request, page, form, status=409, answer=conflict.theirs, **more)


def _in_words(content: AnswerInput, before: list[OpenStep]) -> list[dict[str, str]]:
    """What somebody said became of earlier steps."""
    what = {each.step.pk: each.step.what for each in before}
    return [
        {"what": what.get(said.step, ""), "words": str(Outcome(said.outcome).label), "why": said.why}
        for said in content.outcomes
    ]


def _differing(mine: AnswerInput, theirs: AnswerInput) -> set[str]:
    mine = drafting.tidy(mine)
    return {name for name in AnswerInput.__dataclass_fields__ if getattr(mine, name) != getattr(theirs, name)}


def _show(request: HttpRequest, page: Section, form: SectionForm, *, status: int = 200, **more: Any) -> HttpResponse:
    theirs = more.get("theirs")
    parts = [
        {"part": part, "field": form[part.name], "theirs": getattr(theirs, part.name, "")}
        for part in parts_of(page.question)
    ]
    context = _context(page) | {"form": form, "parts": parts, "plan": _plan(page)} | more
    return render(request, "progress_updates/section.html", context, status=status)


def _context(page: Section) -> dict[str, Any]:
    return {
        "place": page.place,
        "question": page.question,
        "last": page.last,
        "last_answer": page.last_answer,
        "may_be_unchanged": page.may_be_unchanged,
        "returned": return_in_force(page.place.update),
    }


def _plan(page: Section) -> str:
    """What the Statement of Intent says of this objective."""
    if page.question.number is None:
        return ""
    plans = Plan.objects.filter(
        statement__pledge_maker=page.place.maker,
        statement__state=StatementState.PUBLISHED,
        number=page.question.number,
    )
    return plans.values_list("text", flat=True).first() or ""


def _only_read(request: HttpRequest, page: Section) -> HttpResponse:
    found = sections_of(page.place.update) if page.place.started else []
    content = next((each for each in found if each["key"] == page.question.key), None)
    outside = page.place.can_write_now and not page.place.can_write_in(page.question)
    context = _context(page) | {"section": content, "is_outside_limit": outside}
    return render(request, "progress_updates/section_read.html", context)


def answer_no_change(request: HttpRequest, place: Place, section: str) -> HttpResponse:
    """No change since last round: two clicks and a reason. Not there where there is no last round."""
    page = Section(place, question_or_404(place, section))
    if not page.may_be_unchanged or page.last_answer is None:
        raise Http404
    if not place.can_write_in(page.question) and request.method == "GET":
        return _only_read(request, page)
    content, answer = page.stands()
    initial = {"edit": answer.version if answer else 0, "reason": content.no_change_reason}
    typed = request.POST if request.method == "POST" else None
    form = NoChangeForm(typed, initial=initial, word_limit=page.question.word_limit)
    if request.method == "POST" and form.is_valid():
        return _save_no_change(request, page, page.last_answer, content, form)
    return _no_change_page(request, page, content, form)


def _save_no_change(
    request: HttpRequest, page: Section, last: Answer, content: AnswerInput, form: NoChangeForm
) -> HttpResponse:
    try:
        page.save(_unchanged(page, last, form.cleaned_data["reason"]), edit=form.cleaned_data["edit"])
    except Conflict as conflict:
        again = typed_anew(request.POST, edit=conflict.theirs.version)
        form = NoChangeForm(again, word_limit=page.question.word_limit)
        more = {"who": _who_saved(conflict.theirs), "theirs": drafting.as_input(conflict.theirs)}
        return _no_change_page(request, page, content, form, status=409, **more)
    except (NotEditable, NotAllowed) as refusal:
        return _no_change_page(request, page, content, form, status=_status_of(refusal), refusal=str(refusal))
    return redirect(page.after())


def _no_change_page(
    request: HttpRequest, page: Section, content: AnswerInput, form: NoChangeForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = _context(page) | {"form": form, "open_steps": page.before, "content": content} | more
    return render(request, "progress_updates/no_change.html", context, status=status)


def _unchanged(page: Section, last: Answer, reason: str) -> AnswerInput:
    return drafting.no_change(last=last, reason=reason, open_steps=page.before, completed=True)


def answer_in_full(request: HttpRequest, place: Place, section: str) -> HttpResponse:
    """Takes "no change" back: what had been written before it stands in the boxes again."""
    page = Section(place, question_or_404(place, section))
    content, answer = page.stands()
    if answer is not None and content.no_change:
        try:
            page.save(drafting.before_no_change(answer), edit=answer.version)
        except (Conflict, NotEditable) as refusal:
            messages.error(request, str(refusal))
    return redirect(place.url("section", page.question.key))


YOUR_ANSWER = gettext_lazy("Your answer in the progress update")
section = saves_words(YOUR_ANSWER)(require_http_methods(["GET", "POST"])(workspace_page(write_section)))
no_change = saves_words(YOUR_ANSWER)(require_http_methods(["GET", "POST"])(workspace_page(answer_no_change)))
in_full = require_POST(workspace_page(answer_in_full))
