"""Rounds that were before Pledge Tracker: made, opened with the Pledge Makers of then, imported from a file."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.access import synergi_required
from accounts.kept import sent_or_kept
from progress_updates import past_round_import, past_rounds
from progress_updates.models import Round
from progress_updates.rounds import RoundRefused
from signatories import leaders
from signatories.models import PledgeMaker
from signatories.organisation_file import BadFile
from staff.behalf_forms import ImportForm, MakersOfThenForm, PastLeaderForm, PastRoundForm


@synergi_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    form = PastRoundForm(sent_or_kept(request))
    if request.method == "POST" and form.is_valid() and (round_ := _create(request, form)):
        messages.success(request, _("%(round)s is saved. Choose who was a Pledge Maker then.") % {"round": round_})
        return redirect("staff:open_past_round", round_.slug)
    return render(request, "staff/past_round_new.html", {"form": form})


def _create(request: HttpRequest, form: PastRoundForm) -> Round | None:
    try:
        return past_rounds.create_past_round(by=request.user, now=timezone.now(), **form.cleaned_data)  # type: ignore[arg-type]
    except RoundRefused as refusal:
        form.add_error("label", str(refusal))
        return None


@synergi_required
@require_http_methods(["GET", "POST"])
def open_(request: HttpRequest, slug: str) -> HttpResponse:
    """Who had signed by then; from here on the round is part of the history."""
    round_ = get_object_or_404(Round.objects.select_related("wording", "opened_by"), slug=slug, is_past=True)
    if round_.opened_at:
        return redirect("staff:on_behalf", slug)
    there = past_rounds.makers_of_then(round_)
    form = MakersOfThenForm(sent_or_kept(request), makers=there)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["makers"]
        count = past_rounds.open_past_round(round_=round_, makers=chosen, by=request.user, now=timezone.now())  # type: ignore[arg-type]
        said = ngettext(
            "The round is part of the history, with %(count)s Pledge Maker.",
            "The round is part of the history, with %(count)s Pledge Makers.",
            count,
        )
        messages.success(request, said % {"count": count})
        return redirect("staff:on_behalf", slug)
    return render(request, "staff/past_round_open.html", {"round": round_, "form": form, "makers": there})


@synergi_required
@require_http_methods(["GET", "POST"])
def import_(request: HttpRequest, slug: str) -> HttpResponse:
    """A whole round from one table; a bad line changes nothing."""
    round_ = get_object_or_404(Round, slug=slug, is_past=True)
    form, problems = ImportForm(sent_or_kept(request), request.FILES or None), []
    if request.method == "POST" and form.is_valid():
        try:
            outcome = _import(request, round_, form)
        except BadFile as bad:
            problems = bad.problems
            form.add_error("table", _("Nothing was entered. The table below says what is wrong."))
        else:
            said = _("%(entered)s entered, %(submitted)s of them submitted with a signed document.")
            messages.success(request, said % {"entered": outcome.entered, "submitted": outcome.submitted})
            return redirect("staff:on_behalf", slug)
    context = {"round": round_, "form": form, "problems": problems, "questions": round_.questions.all()}
    return render(request, "staff/past_round_import.html", context)


def _import(request: HttpRequest, round_: Round, form: ImportForm) -> past_round_import.Outcome:
    table = form.cleaned_data["table"]
    files: dict[str, bytes] = {file.name: file.read() for file in form.cleaned_data["documents"]}
    about: dict[str, Any] = {"by": request.user, "now": timezone.now()}
    return past_round_import.import_file(round_=round_, content=table.read(), name=table.name, files=files, **about)


@synergi_required
@require_http_methods(["GET", "POST"])
def new_leader(request: HttpRequest, slug: str) -> HttpResponse:
    """Somebody who led before Pledge Tracker, and has no account in it."""
    maker = get_object_or_404(PledgeMaker, slug=slug)
    form = PastLeaderForm(sent_or_kept(request), pledge_maker=maker)
    if request.method == "POST" and form.is_valid():
        about: dict[str, Any] = {"by": request.user, "now": timezone.now()}
        try:
            leader = past_rounds.add_leader_of_then(pledge_maker=maker, **form.cleaned_data, **about)
        except leaders.LeaderRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%(name)s is now listed as an earlier leader.") % {"name": leader.name})
            return redirect("staff:pledge_maker", slug)
    return render(request, "staff/past_leader.html", {"pledge_maker": maker, "form": form})
