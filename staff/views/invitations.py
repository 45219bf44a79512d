"""Inviting the first leader or coordinator of a new Pledge Maker, and further leaders of those that we know."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import synergi_required
from accounts.kept import sent_or_kept
from accounts.limits import limited
from mail.erasing import REMOVED
from signatories import invitations
from signatories.forms import InviteLeaderForm
from signatories.models import Invitation, PledgeMaker, Role
from staff.forms import FurtherLeaderForm


def of_the_team() -> QuerySet[Invitation]:
    """The invitations that the team sends; members invite everybody else."""
    rows = Invitation.objects.filter(Q(role=Role.LEADER) | ~Q(invited_by__synergi_role=""))
    return rows.select_related("pledge_maker", "organisation", "invited_by").order_by("-created_at", "-pk")


def open_ones() -> QuerySet[Invitation]:
    """Neither accepted nor withdrawn; those that have run out too, because they can be sent again."""
    return of_the_team().filter(accepted_at=None, withdrawn_at=None).exclude(email=REMOVED)


@synergi_required
@require_http_methods(["GET", "POST"])
@limited("invitation.sent", "POST")
def invite(request: HttpRequest) -> HttpResponse:
    """A leader, and the organisations of the Pledge Maker, by name or ODS code."""
    form = InviteLeaderForm(sent_or_kept(request), day=timezone.localdate())
    if request.method == "POST" and form.is_valid() and (invitation := _send(request, form)):
        return redirect("staff:invitation_sent", invitation.pk)
    boxes = [form[f"organisation_{number}"] for number in range(1, form.BOXES + 1)]
    context = {
        "form": form,
        "first_box": boxes[0],
        "other_boxes": boxes[1:],
        "partnership_open": any(box.value() or box.errors for box in [*boxes[1:], form["pledge_maker_name"]]),
        "invitations": open_ones(),
        "now": timezone.now(),
    }
    return render(request, "staff/invite.html", context)


def _send(request: HttpRequest, form: InviteLeaderForm) -> Invitation | None:
    try:
        return invitations.invite_leader(by=request.user, now=timezone.now(), **form.invitation())  # type: ignore[arg-type]
    except ValidationError as error:
        form.add_error("email", error)
        return None


@synergi_required
@require_http_methods(["GET", "POST"])
@limited("invitation.sent", "POST")
def invite_further(request: HttpRequest, slug: str) -> HttpResponse:
    """One more leader of a Pledge Maker that is there."""
    maker = get_object_or_404(PledgeMaker, slug=slug)
    form = FurtherLeaderForm(sent_or_kept(request), pledge_maker=maker)
    if request.method == "POST" and form.is_valid() and (invitation := _send_further(request, maker, form)):
        return redirect("staff:invitation_sent", invitation.pk)
    return render(request, "staff/invite_further.html", {"form": form, "pledge_maker": maker})


def _send_further(request: HttpRequest, maker: PledgeMaker, form: FurtherLeaderForm) -> Invitation | None:
    try:
        return invitations.invite(
            pledge_maker=maker,
            role=Role.LEADER,
            by=request.user,  # type: ignore[arg-type]
            now=timezone.now(),
            **form.cleaned_data,
        )
    except ValidationError as error:
        form.add_error("email", error)
        return None


@synergi_required
@require_safe
def sent(request: HttpRequest, pk: int) -> HttpResponse:
    """What was sent, to whom, and what happens next."""
    invitation = get_object_or_404(of_the_team(), pk=pk)
    maker = invitation.pledge_maker
    context = {
        "invitation": invitation,
        "organisations": maker.organisations.order_by("name"),
        "follows": invitation.role == Role.LEADER and maker.has_pledged(),
    }
    return render(request, "staff/invitation_sent.html", context)


@synergi_required
@require_POST
@limited("invitation.sent", "POST")
def send_again(request: HttpRequest, pk: int) -> HttpResponse:
    """A new link; the old one stops working."""
    old = get_object_or_404(of_the_team(), pk=pk)
    try:
        new = invitations.resend(invitation=old, by=request.user, now=timezone.now())  # type: ignore[arg-type]
    except invitations.NotOpen:
        messages.info(request, _("This invitation was accepted, replaced or withdrawn. Nothing was sent."))
        return redirect("staff:invite")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("staff:invite")
    return redirect("staff:invitation_sent", new.pk)


@synergi_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = get_object_or_404(of_the_team(), pk=pk)
    if invitations.withdraw(invitation=invitation, by=request.user, now=timezone.now()):  # type: ignore[arg-type]
        said = _("The invitation to %(name)s is withdrawn. Its link no longer works.")
        messages.success(request, said % {"name": invitation.name})
    else:
        messages.info(request, _("This invitation was accepted or withdrawn before. Nothing was changed."))
    return redirect("staff:invite")
