"""Who acts for a Pledge Maker, and inviting others."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from signatories import invitations
from signatories.access import membership_or_404
from signatories.forms import InviteMemberForm
from signatories.models import Membership
from signatories.permissions import can_invite, check_can_invite_somebody, roles_to_invite


@require_safe
def people(request: HttpRequest, slug: str) -> HttpResponse:
    membership = membership_or_404(request.user, slug)  # type: ignore[arg-type]
    pledge_maker = membership.pledge_maker
    members = pledge_maker.memberships.filter(ended_at=None).select_related("user").order_by("since", "pk")
    context = {
        "membership": membership,
        "pledge_maker": pledge_maker,
        "members": members,
        "invitations": _open_invitations(membership),
        "may_invite": bool(roles_to_invite(membership)),
    }
    return render(request, "signatories/people.html", context)


def _open_invitations(membership: Membership) -> list[dict[str, object]]:
    rows = invitations.open_for(membership.pledge_maker, now=timezone.now())
    return [{"invitation": row, "may_withdraw": can_invite(membership, row.role)} for row in rows]


@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    membership = membership_or_404(request.user, slug)  # type: ignore[arg-type]
    check_can_invite_somebody(membership)
    form = InviteMemberForm(request.POST if request.method == "POST" else None, roles=roles_to_invite(membership))
    if request.method == "POST" and form.is_valid() and _send(request, membership, form):
        sentence = _("We have sent an invitation to %(email)s.")
        messages.success(request, sentence % {"email": form.cleaned_data["email"]})
        return redirect("signatories:people", slug)
    context = {"membership": membership, "pledge_maker": membership.pledge_maker, "form": form}
    return render(request, "signatories/invite.html", context)


def _send(request: HttpRequest, membership: Membership, form: InviteMemberForm) -> bool:
    data = {key: form.cleaned_data[key] for key in ("name", "email", "role")}
    try:
        invitations.invite(
            pledge_maker=membership.pledge_maker,
            by=request.user,  # type: ignore[arg-type]
            now=timezone.now(),
            **data,
        )
    except ValidationError as error:
        form.add_error("email", error)
        return False
    return True


@require_POST
def withdraw(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = membership_or_404(request.user, slug)  # type: ignore[arg-type]
    invitation = get_object_or_404(membership.pledge_maker.invitations, pk=pk)
    now = timezone.now()
    if invitations.withdraw(invitation=invitation, by=request.user, now=now):  # type: ignore[arg-type]
        messages.success(request, _("The invitation is withdrawn. Its link no longer works."))
    else:
        messages.error(request, _("This invitation was accepted or withdrawn before."))
    return redirect("signatories:people", slug)
