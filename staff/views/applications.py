"""Applications to sign the pledge: who waits for an answer, and giving it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import synergi_required
from accounts.fresh import fresh_sign_in_required, take_typed
from signatories import applications, organisations
from signatories.forms import InviteLeaderForm
from signatories.joining import ANSWER_WITHIN
from signatories.models import Application, ApplicationState, Invitation
from staff.joining_forms import ReasonForm

DECIDED_SHOWN = 50


def _rows() -> QuerySet[Application]:
    return Application.objects.select_related("decided_by", "organisation", "invitation__pledge_maker")


@synergi_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Those that wait, oldest first, then those that only look like a robot's, then the newest answers."""
    rows = _rows().filter(state=ApplicationState.WAITING).order_by("looks_automatic", "created_at", "pk")
    decided = _rows().exclude(state=ApplicationState.WAITING).order_by("-decided_at", "-pk")
    context = {
        "waiting": [{"application": row, "answer_by": row.created_at + ANSWER_WITHIN} for row in rows],
        "decided": decided[:DECIDED_SHOWN],
        "now": timezone.now(),
    }
    return render(request, "staff/applications.html", context)


@synergi_required
@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    application, typed = get_object_or_404(_rows(), pk=pk), take_typed(request)
    return _page(request, application, InviteLeaderForm(typed, day=timezone.localdate()) if typed else None)


def _page(
    request: HttpRequest,
    application: Application,
    form: InviteLeaderForm | None = None,
    reason: ReasonForm | None = None,
    status: int = 200,
) -> HttpResponse:
    form = form or InviteLeaderForm(day=timezone.localdate(), initial=_as_it_came(application))
    boxes = [form[f"organisation_{number}"] for number in range(1, form.BOXES + 1)]
    same_name = Application.objects.filter(organisation_name__iexact=application.organisation_name)
    context = {
        "application": application,
        "waits": application.state == ApplicationState.WAITING,
        "answer_by": application.created_at + ANSWER_WITHIN,
        "form": form,
        "first_box": boxes[0],
        "other_boxes": boxes[1:],
        "partnership_open": any(box.value() or box.errors for box in [*boxes[1:], form["pledge_maker_name"]]),
        "reason": reason or ReasonForm(),
        "others": same_name.exclude(pk=application.pk).order_by("-created_at", "-pk"),
    }
    return render(request, "staff/application.html", context, status=status)


def _as_it_came(application: Application) -> dict[str, str]:
    """What stands in the boxes at first; the organisation as the register has it, when it does."""
    try:
        found = organisations.find(application.organisation_name, day=timezone.localdate())
    except ValidationError:
        found = None
    return {
        "organisation_1": organisations.picked_as(found) if found else application.organisation_name,
        "name": application.leader_name,
        "role_title": application.leader_role_title,
        "email": application.leader_email,
    }


def _page_of(request: HttpRequest, pk: int) -> str:
    return reverse("staff:application", args=[pk])


@synergi_required
@require_POST
@fresh_sign_in_required(back=_page_of)
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    application = get_object_or_404(_rows(), pk=pk)
    form = InviteLeaderForm(request.POST, day=timezone.localdate())
    del form.fields["role"]
    if not form.is_valid():
        return _page(request, application, form)
    try:
        invitation = _approve(request, application, form)
    except applications.Decided:
        return _too_late(request, pk)
    if invitation is None:
        return _page(request, application, form)
    return redirect("staff:invitation_sent", invitation.pk)


def _approve(request: HttpRequest, application: Application, form: InviteLeaderForm) -> Invitation | None:
    about: dict[str, Any] = {"by": request.user, "now": timezone.now(), **form.invitation()}
    del about["role"]  # who applied for is a leader
    try:
        return applications.approve(application=application, **about)
    except ValidationError as error:
        form.add_error("email", error)
        return None


@synergi_required
@require_POST
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    application, reason = get_object_or_404(_rows(), pk=pk), ReasonForm(request.POST)
    if not reason.is_valid():
        return _page(request, application, reason=reason)
    try:
        applications.decline(
            application=application,
            reason=reason.cleaned_data["reason"],
            by=request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
    except applications.Decided:
        return _too_late(request, pk, reason)
    messages.success(request, _("Declined. Your reason goes to the contact by e-mail."))
    return redirect("staff:applications")


def _too_late(request: HttpRequest, pk: int, reason: ReasonForm | None = None) -> HttpResponse:
    messages.error(request, _("Somebody was faster: this application is decided. Nothing was changed."))
    return _page(request, get_object_or_404(_rows(), pk=pk), reason=reason, status=409)
