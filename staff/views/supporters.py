"""Supporters as the team sees them: new ones and changed words first, then the list and who is no longer on it."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.db.models.functions import Coalesce, Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import synergi_required
from accounts.fresh import fresh_sign_in_required, take_typed
from accounts.permissions import can_publish
from signatories import supporters
from signatories.joining import ANSWER_WITHIN
from signatories.models import Supporter, SupporterState
from signatories.permissions import can_decline
from staff.joining_forms import ReasonForm

A_PAGE = 50


@synergi_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    since = Coalesce(F("changed_at"), F("created_at"))
    rows = Supporter.objects.to_decide().annotate(since=since).order_by("looks_automatic", "since", "pk")
    known = Supporter.objects.filter(state__in=[SupporterState.PUBLISHED, SupporterState.DECLINED])
    pages = Paginator(known.order_by("-state", Lower("name"), "pk"), A_PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "waiting": [{"supporter": row, "answer_by": row.since + ANSWER_WITHIN} for row in rows],
        "page": page,
        "numbers": pages.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "now": timezone.now(),
    }
    return render(request, "staff/supporters.html", context)


@synergi_required
@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    typed = take_typed(request)
    reason = ReasonForm(typed) if typed and "reason" in typed else None
    return _page(request, get_object_or_404(Supporter, pk=pk), reason)


def _page(
    request: HttpRequest, supporter: Supporter, reason: ReasonForm | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "supporter": supporter,
        "seen": seen_of(supporter),
        "answer_by": (supporter.changed_at or supporter.created_at) + ANSWER_WITHIN,
        "may_publish": can_publish(request.user),  # type: ignore[arg-type]
        "may_decline": can_decline(request.user, supporter),  # type: ignore[arg-type]
        "reason": reason or ReasonForm(),
    }
    return render(request, "staff/supporter.html", context, status=status)


def seen_of(supporter: Supporter) -> str:
    """A fingerprint of what the page shows: nobody publishes words that they have not read."""
    shown = (supporter.state, supporter.name, supporter.statement, supporter.new_name, supporter.new_statement)
    return sha256("\0".join(shown).encode()).hexdigest()[:32]


def _page_of(request: HttpRequest, pk: int) -> str:
    return reverse("staff:supporter", args=[pk])


@synergi_required
@require_POST
@fresh_sign_in_required(back=_page_of)
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    return _put_on_list(request, pk, supporters.publish, _("Published. The name stands on the public list."))


@synergi_required
@require_POST
@fresh_sign_in_required(back=_page_of)
def accept_change(request: HttpRequest, pk: int) -> HttpResponse:
    return _put_on_list(request, pk, supporters.accept_change, _("The new words stand on the public list."))


def _put_on_list(request: HttpRequest, pk: int, act: Callable[..., None], said: str) -> HttpResponse:
    if not can_publish(request.user):  # type: ignore[arg-type]
        supporter = get_object_or_404(Supporter, pk=pk)
        messages.error(request, _("Only a publisher can publish. Ask a colleague who is one."))
        return redirect("staff:supporter", supporter.pk)
    return _take(request, pk, act, said)


@synergi_required
@require_POST
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Before publication any of the team; off the public list only a publisher, who proves who they are."""
    supporter = get_object_or_404(Supporter, pk=pk)
    if not can_decline(request.user, supporter):  # type: ignore[arg-type]
        messages.error(request, _("Only a publisher can take somebody off the list. Ask a colleague who is one."))
        return _page(request, supporter, ReasonForm(request.POST), status=403)
    act = _take_off if supporter.state == SupporterState.PUBLISHED else _decline
    return act(request, pk)


@fresh_sign_in_required(back=_page_of)
def _take_off(request: HttpRequest, pk: int) -> HttpResponse:
    return _decline(request, pk)


def _decline(request: HttpRequest, pk: int) -> HttpResponse:
    return _say_no(request, pk, supporters.decline, _("Declined. Your reason goes to them by e-mail."))


@synergi_required
@require_POST
def refuse_change(request: HttpRequest, pk: int) -> HttpResponse:
    said = _("The words on the list stay. Your reason goes to them by e-mail.")
    return _say_no(request, pk, supporters.refuse_change, said)


def _say_no(request: HttpRequest, pk: int, act: Callable[..., None], said: str) -> HttpResponse:
    reason = ReasonForm(request.POST)
    if not reason.is_valid():
        return _page(request, get_object_or_404(Supporter, pk=pk), reason)
    return _take(request, pk, act, said, reason, reason=reason.cleaned_data["reason"])


def _take(
    request: HttpRequest, pk: int, act: Callable[..., None], said: str, form: ReasonForm | None = None, **more: Any
) -> HttpResponse:
    """One decision on what the page showed; where somebody was faster, the page comes back with what was typed."""
    supporter = get_object_or_404(Supporter, pk=pk)
    try:
        if request.POST.get("seen") != seen_of(supporter):
            raise supporters.Moved
        act(supporter=supporter, by=request.user, now=timezone.now(), **more)
    except supporters.Moved:
        messages.error(request, _("Somebody was faster: this has changed since you opened it. Nothing was changed."))
        return _page(request, get_object_or_404(Supporter, pk=pk), form, status=409)
    messages.success(request, said)
    return redirect("staff:supporters")
