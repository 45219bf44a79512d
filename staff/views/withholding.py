"""A published version is taken from the public for personal data, or given back; a planned publication is cancelled."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import synergi_required
from accounts.fresh import fresh_sign_in_required
from accounts.kept import sent_or_kept
from progress_updates import withholding, workflow
from progress_updates.models import ProgressUpdate, State
from progress_updates.permissions import NotAllowed, check_can_publish
from staff.entry_forms import WithholdForm


def _update(pk: int) -> ProgressUpdate:
    return get_object_or_404(ProgressUpdate.objects.select_related("entry__pledge_maker", "entry__round"), pk=pk)


def _page_of(request: HttpRequest, pk: int) -> str:
    return reverse("staff:update", args=[pk])


@synergi_required
@require_http_methods(["GET", "POST"])
def withhold(request: HttpRequest, pk: int) -> HttpResponse:
    """Says what it means, and asks for the words that everybody reads instead."""
    update, now = _update(pk), timezone.now()
    try:
        check_can_publish(update=update, by=request.user, now=now)  # type: ignore[arg-type]
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("staff:update", pk)
    if request.method == "GET" and (update.state != State.PUBLISHED or update.withheld_at):
        messages.info(request, _("This version is not public now. Nothing was changed."))
        return redirect("staff:update", pk)
    form = WithholdForm(sent_or_kept(request))
    if request.method == "POST" and form.is_valid():
        return _withhold(request, update=update, form=form)
    return _page(request, update, form)


@fresh_sign_in_required
def _withhold(request: HttpRequest, *, update: ProgressUpdate, form: WithholdForm) -> HttpResponse:
    about: Any = {"by": request.user, "now": timezone.now()}
    try:
        withholding.withhold(update=update, note=form.cleaned_data["note"], **about)
    except (NotAllowed, withholding.WithholdingRefused) as refusal:
        form.add_error(None, str(refusal))
        return _page(request, update, form, status=409)
    messages.success(request, _("Withheld. Its address says so, and shows your words."))
    return redirect("staff:update", update.pk)


def _page(request: HttpRequest, update: ProgressUpdate, form: WithholdForm, status: int = 200) -> HttpResponse:
    others = ProgressUpdate.objects.published().filter(entry=update.entry_id).exclude(pk=update.pk)
    context = {
        "update": update,
        "pledge_maker": update.entry.pledge_maker,
        "round": update.entry.round,
        "form": form,
        "others": others.order_by("-version"),
        "repeated": withholding.repeated_in(update),
    }
    return render(request, "staff/withhold.html", context, status=status)


@synergi_required
@require_POST
@fresh_sign_in_required(back=_page_of)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(request, pk, withholding.end_withholding, _("It is public again, unchanged."))


@synergi_required
@require_POST
def cancel_publication(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(
        request,
        pk,
        workflow.cancel_publication,
        _("The planned publication is cancelled. The update stays accepted."),
    )


def _do(request: HttpRequest, pk: int, act: Callable[..., None], said: str) -> HttpResponse:
    try:
        act(update=_update(pk), by=request.user, now=timezone.now())
    except (NotAllowed, workflow.WrongState, withholding.WithholdingRefused) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect("staff:update", pk)
