"""Rounds: made, their questions changed, opened, and then one row for each Pledge Maker."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import synergi_required
from accounts.kept import saves_words, sent_or_kept
from progress_updates import rounds
from progress_updates.models import Round
from progress_updates.statistics import summaries_of
from signatories.models import PledgeMaker
from staff.forms import QuestionForm, RoundForm, suggestion
from staff.views import dashboard


@synergi_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    return render(request, "staff/rounds.html", {"rows": summaries_of(Round.objects.all(), now), "now": now})


@synergi_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The boxes hold a suggestion at first; staff choose every date."""
    form = RoundForm(sent_or_kept(request), initial=_suggested(request))
    if request.method == "POST" and form.is_valid() and (round_ := _create(request, form)):
        said = _("%(round)s is saved. Look through its questions, then open it.")
        messages.success(request, said % {"round": round_.label})
        return redirect("staff:round", round_.slug)
    return render(request, "staff/round_new.html", {"form": form, "last": Round.objects.newest_first().first()})


def _suggested(request: HttpRequest) -> dict[str, Any]:
    if request.method == "POST":
        return {}
    return suggestion(Round.objects.newest_first().first(), timezone.localdate())


def _create(request: HttpRequest, form: RoundForm) -> Round | None:
    try:
        return rounds.create_round(by=request.user, now=timezone.now(), **form.cleaned_data)  # type: ignore[arg-type]
    except rounds.RoundRefused as refusal:
        form.add_error("label", str(refusal))
        return None


@synergi_required
@require_safe
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    round_ = get_object_or_404(Round.objects.select_related("wording", "opened_by"), slug=slug)
    if round_.is_past and not round_.opened_at:
        return redirect("staff:open_past_round", slug)
    return dashboard.page(request, round_) if round_.opened_at else _planned(request, round_)


def _planned(request: HttpRequest, round_: Round) -> HttpResponse:
    """What it will ask, and of how many, before it is opened."""
    makers = PledgeMaker.objects.published()
    context = {
        "round": round_,
        "questions": round_.questions.all(),
        "entries": makers.current().count(),
        "withdrawn": makers.exclude(withdrawn_on=None).count(),
    }
    return render(request, "staff/round_planned.html", context)


@synergi_required
@require_POST
def open_(request: HttpRequest, slug: str) -> HttpResponse:
    round_ = get_object_or_404(Round, slug=slug)
    was_open = round_.opened_at is not None
    try:
        count = rounds.open_round(round_=round_, by=request.user, now=timezone.now())  # type: ignore[arg-type]
    except rounds.RoundRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("staff:round", slug)
    if was_open:
        messages.info(request, _("This round is open already. Nothing was changed."))
    else:
        said = ngettext(
            "The round is open. %(count)s Pledge Maker has an entry.",
            "The round is open. %(count)s Pledge Makers have an entry.",
            count,
        )
        messages.success(request, said % {"count": count})
    return redirect("staff:round", slug)


@saves_words(gettext_lazy("A question of a round"))
@synergi_required
@require_http_methods(["GET", "POST"])
def question(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    round_ = get_object_or_404(Round, slug=slug)
    found = get_object_or_404(round_.questions, key=key)
    known = {"title": found.title, "hint": found.hint, "word_limit": found.word_limit}
    form = QuestionForm(request.POST if request.method == "POST" else None, initial=known)
    if request.method == "POST" and form.is_valid():
        try:
            rounds.change_question(question=found, by=request.user, now=timezone.now(), **form.cleaned_data)  # type: ignore[arg-type]
        except rounds.RoundRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("“%(title)s” is saved.") % {"title": form.cleaned_data["title"]})
            return redirect("staff:round", slug)
    if request.method == "GET" and round_.opened_at:
        return redirect("staff:round", slug)
    return render(request, "staff/question.html", {"form": form, "round": round_, "question": found})
