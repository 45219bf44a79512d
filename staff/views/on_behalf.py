"""Entering an update that a trust sent as a document: begin, write, check, sign by the document or ask the leader."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import synergi_required
from accounts.fresh import fresh_sign_in_required, take_typed
from accounts.kept import saves_words, sent_or_kept
from progress_updates import documents, on_behalf, past_rounds, snapshots, workflow
from progress_updates.completeness import what_is_missing
from progress_updates.lateness import public_status
from progress_updates.models import ProgressUpdate, Round, RoundEntry
from progress_updates.permissions import NotAllowed
from progress_updates.views.workspace_section import answer_in_full, answer_no_change, write_section
from progress_updates.views.workspace_words import COMPLETED, return_in_force, tasks_of
from signatories.models import PledgeMaker
from staff.behalf import EnteredPlace, on_behalf_page
from staff.behalf_forms import BeginForm, DocumentForm, SignatureForm

REFUSALS = (on_behalf.Refused, documents.NotKept, NotAllowed)


@synergi_required
@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest, slug: str) -> HttpResponse:
    """Which Pledge Maker, the document, and when it arrived. Below: what is being entered in this round."""
    round_ = get_object_or_404(Round.objects.opened(), slug=slug)
    form = BeginForm(sent_or_kept(request), request.FILES or None, makers=_makers(round_))
    if request.method == "POST" and form.is_valid() and (update := _begin(request, round_, form)):
        messages.success(request, _("The document is kept. Now enter what it says."))
        return redirect("staff:write", update.pk)
    entered = ProgressUpdate.objects.filter(entry__round=round_).exclude(entered_by=None)
    rows = entered.select_related("entry__pledge_maker", "entered_by").order_by("entry__pledge_maker__name", "pk")
    return render(request, "staff/on_behalf.html", {"round": round_, "form": form, "rows": rows})


def _makers(round_: Round) -> list[PledgeMaker]:
    if round_.is_past:
        return past_rounds.makers_of_then(round_)
    return list(PledgeMaker.objects.filter(entries__round=round_))


@transaction.atomic
def _start(round_: Round, form: BeginForm, by: Any, now: Any) -> ProgressUpdate:
    entry = _entry(round_, form.cleaned_data["pledge_maker"], by, now)
    return on_behalf.start(entry=entry, sent=form.sent(), by=by, now=now)


def _begin(request: HttpRequest, round_: Round, form: BeginForm) -> ProgressUpdate | None:
    try:
        return _start(round_, form, request.user, timezone.now())
    except documents.NotKept as refusal:
        form.add_error("file", str(refusal))
    except REFUSALS as refusal:
        form.add_error("pledge_maker", str(refusal))
    return None


def _entry(round_: Round, maker: PledgeMaker, by: Any, now: Any) -> RoundEntry:
    if round_.is_past:
        return past_rounds.add_to_past_round(round_=round_, maker=maker, by=by, now=now)
    return RoundEntry.objects.select_related("round", "pledge_maker").get(round=round_, pledge_maker=maker)


@on_behalf_page
@require_safe
def write(request: HttpRequest, place: EnteredPlace) -> HttpResponse:
    """The sections, the documents, and what comes next."""
    tasks = tasks_of(place)
    context = {
        "place": place,
        "tasks": tasks,
        "done": sum(task.status == COMPLETED for task in tasks),
        "returned": return_in_force(place.update),
        "status": public_status(place.entry, place.now),
    }
    return render(request, "staff/write.html", context)


THEIR_ANSWER = gettext_lazy("An answer that you enter for a Pledge Maker")
section = saves_words(THEIR_ANSWER)(on_behalf_page(require_http_methods(["GET", "POST"])(write_section)))
no_change = saves_words(THEIR_ANSWER)(on_behalf_page(require_http_methods(["GET", "POST"])(answer_no_change)))
in_full = on_behalf_page(require_POST(answer_in_full))


@on_behalf_page
@require_http_methods(["GET", "POST"])
def add_document(request: HttpRequest, place: EnteredPlace) -> HttpResponse:
    form = DocumentForm(sent_or_kept(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            on_behalf.keep_document(update=place.update, sent=form.sent(), by=place.by, now=place.now)
            messages.success(request, _("The document is kept."))
            return redirect(place.url("write"))
        except REFUSALS as refusal:
            form.add_error("file", str(refusal))
    return render(request, "staff/add_document.html", {"place": place, "form": form})


@on_behalf_page
@require_safe
def document(request: HttpRequest, place: EnteredPlace, document: int) -> Any:
    """Always a download, never a page of ours: a document may hold anything."""
    found = get_object_or_404(place.update.sources, pk=document)
    try:
        file = documents.path_of(found).open("rb")
    except OSError:
        raise Http404 from None
    response = FileResponse(file, as_attachment=True, filename=found.name, content_type=found.content_type)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@on_behalf_page
@require_safe
def check(request: HttpRequest, place: EnteredPlace) -> HttpResponse:
    """All that was entered, and the two ways to sign it."""
    if not place.update.is_editable:
        return redirect("staff:update", place.update.pk)
    typed = take_typed(request)
    return _check_page(request, place, _signature_form(place, typed))


def _signature_form(place: EnteredPlace, typed: Any = None) -> SignatureForm:
    return SignatureForm(typed, update=place.update, read=snapshots.fingerprint(place.update))


def _check_page(request: HttpRequest, place: EnteredPlace, form: SignatureForm, status: int = 200) -> HttpResponse:
    context = {
        "place": place,
        "content": snapshots.content_of(place.update),
        "missing": what_is_missing(place.update),
        "form": form,
        "leaders": place.maker.leaders.on(timezone.localdate(place.now)).exclude(user=None),
        "returned": return_in_force(place.update),
    }
    return render(request, "staff/write_check.html", context, status=status)


def _check_address(request: HttpRequest, pk: int) -> str:
    return reverse("staff:write_check", args=[pk])


@synergi_required
@require_POST
@fresh_sign_in_required(back=_check_address)
@on_behalf_page
def sign(request: HttpRequest, place: EnteredPlace) -> HttpResponse:
    """The leader signed the document: the update is submitted with it."""
    if not place.update.is_editable:
        messages.info(request, _("This update is submitted already. Nothing was changed."))
        return redirect("staff:update", place.update.pk)
    form = _signature_form(place, request.POST)
    if not form.is_valid():
        return _check_page(request, place, form)
    try:
        _sign(place, **form.cleaned_data)
    except (on_behalf.Refused, workflow.WrongState) as refusal:
        form.add_error("document", str(refusal))
    except workflow.Incomplete as incomplete:
        form.add_error(None, str(incomplete))
    except workflow.ChangedSinceRead:
        messages.error(request, _("A colleague has changed the words since you opened the page. Read them again."))
        return redirect(place.url("write_check"))
    else:
        messages.success(request, _("Submitted, with the signature in the document. A colleague can review it now."))
        return redirect("staff:update", place.update.pk)
    return _check_page(request, place, form, status=409)


@transaction.atomic
def _sign(place: EnteredPlace, *, document: Any, leader: Any, signed_on: Any, read: str) -> None:
    if document.signed_on != signed_on:
        on_behalf.say_signed(document=document, signed_on=signed_on, by=place.by, now=place.now)
    workflow.sign_by_document(
        update=place.update, by=place.by, now=place.now, document=document, leader=leader, read=read
    )


@on_behalf_page
@require_POST
def ask(request: HttpRequest, place: EnteredPlace) -> HttpResponse:
    """The leader signs here, as usual."""
    try:
        workflow.ask_for_signature(update=place.update, by=place.by, now=place.now)
    except (workflow.WrongState, workflow.Incomplete) as refusal:
        messages.error(request, str(refusal))
        return redirect(place.url("write_check"))
    messages.success(request, _("We write to the leader, who reads what you entered and signs."))
    return redirect("staff:update", place.update.pk)


@on_behalf_page
@require_POST
def take_back(request: HttpRequest, place: EnteredPlace) -> HttpResponse:
    """From the leader, or before the review begins: to be written in again."""
    step = workflow.take_back if place.update.state == "awaiting_sign_off" else workflow.recall
    try:
        step(update=place.update, by=place.by, now=place.now)
    except workflow.WrongState as wrong:
        messages.error(request, str(wrong))
        return redirect("staff:update", place.update.pk)
    messages.success(request, _("You can write in it again."))
    return redirect(place.url("write"))
