"""Around an update: more time, words beside the status, and the correction of what was published."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.kept import sent_or_kept, take_typed
from progress_updates import beside, corrections, extensions
from progress_updates.entries import check_can_speak_for
from progress_updates.entry_forms import CorrectionForm, MoreTimeForm, OwnWordsForm
from progress_updates.forms import typed_anew
from progress_updates.lateness import public_status
from progress_updates.models import State
from progress_updates.permissions import NotAllowed
from progress_updates.views.workspace_place import Place, workspace_page


@require_http_methods(["GET", "POST"])
@workspace_page
def more_time(request: HttpRequest, place: Place) -> HttpResponse:
    """The request, and what became of it."""
    form = MoreTimeForm(sent_or_kept(request))
    if request.method == "POST":
        return _ask(request, place, form)
    return _more_time_page(request, place, form)


def _ask(request: HttpRequest, place: Place, form: MoreTimeForm) -> HttpResponse:
    """Where it is refused, what was typed stays on the page."""
    try:
        check_can_speak_for(entry=place.entry, by=place.by)
        if not form.is_valid():
            return _more_time_page(request, place, form)
        extensions.ask(entry=place.entry, by=place.by, now=place.now, **form.cleaned_data)
    except (NotAllowed, extensions.ExtensionRefused) as refusal:
        form.add_error(None, str(refusal))
        return _more_time_page(request, place, form, status=403 if isinstance(refusal, NotAllowed) else 409)
    messages.success(request, _("Your request is with the Synergi team. We write to you when it is answered."))
    return redirect(place.url("more_time"))


def _more_time_page(request: HttpRequest, place: Place, form: MoreTimeForm, status: int = 200) -> HttpResponse:
    requests = place.entry.extension_requests.select_related("asked_by", "granted").order_by("-asked_at", "-pk")
    asked = list(requests)
    waiting = bool(asked) and asked[0].answered_at is None
    context = {
        "place": place,
        "status": public_status(place.entry, place.now),
        "form": form,
        "requests": asked,
        "why_not": extensions.why_not_ask(place.entry),
        "may_ask": place.may_speak and not waiting,
        "show_form": form.is_bound or (place.may_speak and not waiting and not extensions.why_not_ask(place.entry)),
    }
    return render(request, "progress_updates/more_time.html", context, status=status)


@require_http_methods(["GET", "POST"])
@workspace_page
def own_words(request: HttpRequest, place: Place) -> HttpResponse:
    """Why it is late, and the right of reply: shown to everybody once saved."""
    if request.method == "POST":
        return _say(request, place, OwnWordsForm(request.POST))
    check_can_speak_for(entry=place.entry, by=place.by)
    if not place.may_explain:
        messages.info(request, _("There is nothing to explain: your update is neither late nor missing."))
        return redirect(place.url("task_list"))
    return _own_words_page(request, place, OwnWordsForm(take_typed(request), initial=words_of(place)))


def words_of(place: Place) -> dict[str, str]:
    said = {name: getattr(place.entry, name) for name in beside.PARTS}
    return {**said, "seen": beside.mark_of(place.entry)}


def _say(request: HttpRequest, place: Place, form: OwnWordsForm) -> HttpResponse:
    try:
        check_can_speak_for(entry=place.entry, by=place.by)
        if not form.is_valid():
            return _own_words_page(request, place, form)
        beside.say(entry=place.entry, by=place.by, now=place.now, **form.cleaned_data)
    except beside.ChangedMeanwhile as changed:
        form.data = typed_anew(request.POST, seen=beside.mark_of(changed.entry))
        form.add_error(None, str(changed))
        return _own_words_page(request, place.again(), form, stands=changed.entry, status=409)
    except (NotAllowed, beside.WordsRefused) as refusal:
        form.add_error(None, str(refusal))
        return _own_words_page(request, place, form, status=403 if isinstance(refusal, NotAllowed) else 409)
    messages.success(request, _("Saved. Everybody can read it beside your status now."))
    return redirect(place.url("task_list"))


def _own_words_page(
    request: HttpRequest, place: Place, form: OwnWordsForm, stands: Any = None, status: int = 200
) -> HttpResponse:
    context = {"place": place, "form": form, "status": public_status(place.entry, place.now), "stands": stands}
    return render(request, "progress_updates/own_words.html", context, status=status)


@require_http_methods(["GET", "POST"])
@workspace_page
def correct(request: HttpRequest, place: Place) -> HttpResponse:
    """Begins a correction; while one is written, its public note can be changed here."""
    known = {"note": place.update.correction_note if _begun(place) else ""}
    form = CorrectionForm(sent_or_kept(request), initial=known)
    if _begun(place):
        form.submit = gettext_lazy("Save the note")
    if request.method == "POST":
        return _correct(request, place, form)
    corrections.check_can_correct(entry=place.entry, by=place.by, now=place.now)
    if not (_begun(place) or place.may_correct):
        messages.info(request, _("There is nothing to correct here now."))
        return redirect(place.url("task_list"))
    return _correction_page(request, place, form)


def _begun(place: Place) -> bool:
    return place.started and place.update.version > 1 and place.update.is_editable


def _correct(request: HttpRequest, place: Place, form: CorrectionForm) -> HttpResponse:
    try:
        corrections.check_can_correct(entry=place.entry, by=place.by, now=place.now)
        if not form.is_valid():
            return _correction_page(request, place, form)
        said = _take(place, form.cleaned_data["note"])
    except (NotAllowed, corrections.CorrectionRefused) as refusal:
        form.add_error(None, str(refusal))
        return _correction_page(request, place, form, status=403 if isinstance(refusal, NotAllowed) else 409)
    messages.success(request, said)
    return redirect(place.url("task_list"))


def _take(place: Place, note: str) -> str:
    if _begun(place):
        corrections.change_note(update=place.update, note=note, by=place.by, now=place.now)
        return _("The note is saved.")
    corrections.start_correction(entry=place.entry, note=note, by=place.by, now=place.now)
    return _("The correction has begun with all that was published. Change what is wrong, then ask for the signature.")


def _correction_page(request: HttpRequest, place: Place, form: CorrectionForm, status: int = 200) -> HttpResponse:
    public = place.entry.updates.filter(state=State.PUBLISHED).order_by("-version").first()
    context = {"place": place, "form": form, "begun": _begun(place), "public": public}
    return render(request, "progress_updates/correct.html", context, status=status)
