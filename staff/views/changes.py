"""Changing a Pledge Maker: a form, then a page that says what will happen, then the change."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import synergi_required
from accounts.fresh import fresh_sign_in_required
from accounts.kept import sent_or_kept
from signatories.changes import Refused
from signatories.models import Leader, PledgeMaker, PledgeMakerOrganisation
from signatories.views.terms import let_stay
from staff import changes
from staff.change_forms import ChangeForm
from staff.changes import Change, Subject

GET_AND_POST = ["GET", "HEAD", "POST"]


@synergi_required
@require_safe
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """What can be changed, with who is there now."""
    maker = get_object_or_404(PledgeMaker, slug=slug)
    context = {
        "pledge_maker": maker,
        "parts": maker.parts.filter(left_on=None).select_related("organisation").order_by("organisation__name"),
        "leaders": maker.leaders.filter(Q(until_on=None) | Q(until_on__gt=timezone.localdate())),
        "former_names": maker.former_addresses.order_by("-until", "-pk"),
        "successors": maker.successors.all(),
    }
    return render(request, "staff/change.html", context)


@synergi_required
@require_http_methods(GET_AND_POST)
def rename(request: HttpRequest, slug: str) -> HttpResponse:
    return _change(request, _maker(slug), changes.RENAME)


@synergi_required
@require_http_methods(GET_AND_POST)
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    return _change(request, _maker(slug), changes.WITHDRAW)


@synergi_required
@require_http_methods(GET_AND_POST)
def undo_withdrawal(request: HttpRequest, slug: str) -> HttpResponse:
    return _change(request, _maker(slug), changes.UNDO)


@synergi_required
@require_http_methods(GET_AND_POST)
def merge(request: HttpRequest, slug: str) -> HttpResponse:
    return _change(request, _maker(slug), changes.MERGE)


@synergi_required
@require_http_methods(GET_AND_POST)
def add_organisation(request: HttpRequest, slug: str) -> HttpResponse:
    return _change(request, _maker(slug), changes.JOIN)


@synergi_required
@require_http_methods(GET_AND_POST)
def remove_organisation(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    parts = PledgeMakerOrganisation.objects.select_related("organisation", "pledge_maker")
    return _change(request, get_object_or_404(parts, pk=pk, pledge_maker__slug=slug), changes.LEAVE)


@synergi_required
@require_http_methods(GET_AND_POST)
def end_leadership(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    leaders = Leader.objects.select_related("pledge_maker")
    return _change(request, get_object_or_404(leaders, pk=pk, pledge_maker__slug=slug), changes.END)


def _change_page(request: HttpRequest, slug: str, pk: int) -> str:
    return reverse("staff:change", args=[slug])


@synergi_required
@require_POST
@fresh_sign_in_required(back=_change_page)
def withdraw_last_day(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The leader stays: a last day that lies ahead no longer counts."""
    leaders = Leader.objects.select_related("pledge_maker")
    leader = get_object_or_404(leaders, pk=pk, pledge_maker__slug=slug)
    let_stay(request, leader)
    return redirect(_change_page(request, slug, pk))


def _maker(slug: str) -> PledgeMaker:
    return get_object_or_404(PledgeMaker, slug=slug)


def _change(request: HttpRequest, subject: Subject, change: Change) -> HttpResponse:
    """Nothing changes before the second press, which comes from the page that says what will happen."""
    maker = _maker_of(subject)
    now = timezone.now()
    form = change.form(sent_or_kept(request), maker=maker, today=timezone.localdate(now))
    if request.method != "POST" or "again" in request.POST or not form.is_valid():
        return _form_page(request, maker, subject, change, form)
    if "confirmed" not in request.POST:
        context = _about(maker, subject, change, form) | {
            "foreseen": change.foresee(subject, form, now),
            "typed": [(name, request.POST[name]) for name in request.POST if name in _names(form)],
        }
        return render(request, "staff/change_confirm.html", context)
    return _carry_out(request, subject=subject, change=change, form=form)


def _maker_of(subject: Subject) -> PledgeMaker:
    return subject if isinstance(subject, PledgeMaker) else subject.pledge_maker


@fresh_sign_in_required
def _carry_out(request: HttpRequest, *, subject: Subject, change: Change, form: ChangeForm) -> HttpResponse:
    """The public reads of it, or somebody may no longer sign: so we ask who is there."""
    maker, now = _maker_of(subject), timezone.now()
    try:
        done = change.carry_out(subject, form, request.user, now)  # type: ignore[arg-type]
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _form_page(request, maker, subject, change, form)
    messages.success(request, done)
    return redirect("staff:change", maker.slug)


def _form_page(
    request: HttpRequest, maker: PledgeMaker, subject: Subject, change: Change, form: ChangeForm
) -> HttpResponse:
    return render(request, "staff/change_form.html", _about(maker, subject, change, form))


def _about(maker: PledgeMaker, subject: Subject, change: Change, form: ChangeForm) -> dict[str, Any]:
    return {"pledge_maker": maker, "subject": subject, "change": change, "form": form}


def _names(form: ChangeForm) -> set[str]:
    """The names under which the form reads what was typed; a date has three."""
    return {f"{name}{part}" for name in form.fields for part in ("", "_day", "_month", "_year")}
