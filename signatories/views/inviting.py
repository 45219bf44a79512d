"""Inviting somebody for a Pledge Maker, sending it again, taking it back. For its own people, and for the team."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.fresh import fresh_sign_in_required
from accounts.kept import sent_or_kept
from accounts.limits import limited
from design.templatetags.furniture import long_date
from signatories import invitations
from signatories.models import Invitation, Role
from signatories.people_forms import InviteMemberForm
from signatories.permissions import check_can_invite_somebody
from signatories.views.desk import Desk, own_desk

# Who accepts such an invitation invites others: at a screen left open, nobody gives that away.
GIVES_POWER = {Role.COORDINATOR}


def invite_member(request: HttpRequest, desk: Desk) -> HttpResponse:
    check_can_invite_somebody(desk.by, desk.own)
    form = InviteMemberForm(sent_or_kept(request), roles=desk.roles_to_invite())
    if request.method == "POST" and form.is_valid():
        send = _send_afresh if form.cleaned_data["role"] in GIVES_POWER else _send
        return send(request, desk=desk, form=form)
    return _form_page(request, desk, form)


def _form_page(request: HttpRequest, desk: Desk, form: InviteMemberForm) -> HttpResponse:
    context = {"desk": desk, "pledge_maker": desk.pledge_maker, "form": form}
    return render(request, "signatories/invite.html", context)


def _send(request: HttpRequest, *, desk: Desk, form: InviteMemberForm) -> HttpResponse:
    if not _is_sent(desk, form):
        return _form_page(request, desk, form)
    sentence = _("We have sent an invitation to %(email)s.")
    messages.success(request, sentence % {"email": form.cleaned_data["email"]})
    return redirect(desk.people)


_send_afresh = fresh_sign_in_required(_send)


def _is_sent(desk: Desk, form: InviteMemberForm) -> bool:
    data = {key: form.cleaned_data[key] for key in ("name", "email", "role", "objectives")}
    try:
        invitations.invite(pledge_maker=desk.pledge_maker, by=desk.by, now=timezone.now(), **data)
    except ValidationError as error:
        form.add_error("email", error)
        return False
    return True


def resend_to(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """A new link, good for 14 days anew; the one before stops working."""
    say_what_became_of(request, _invitation(desk, pk), desk)
    return redirect(desk.people)


def _invitation(desk: Desk, pk: int) -> Invitation:
    return get_object_or_404(desk.pledge_maker.invitations.select_related("pledge_maker"), pk=pk)


def say_what_became_of(request: HttpRequest, invitation: Invitation, desk: Desk) -> None:
    try:
        new = invitations.resend(invitation=invitation, by=desk.by, now=timezone.now())
    except invitations.NotOpen:
        messages.info(request, _("This invitation was accepted, replaced or withdrawn. Nothing was sent."))
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        said = _("We have sent a new link to %(email)s. It is good until %(day)s; the one before no longer works.")
        messages.success(request, said % {"email": new.email, "day": long_date(new.expires_at)})


def withdraw_from(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    if invitations.withdraw(invitation=_invitation(desk, pk), by=desk.by, now=timezone.now()):
        messages.success(request, _("The invitation is withdrawn. Its link no longer works."))
    else:
        messages.error(request, _("This invitation was accepted or withdrawn before."))
    return redirect(desk.people)


invite = limited("invitation.sent", "POST")(require_http_methods(["GET", "HEAD", "POST"])(own_desk(invite_member)))
resend = limited("invitation.sent", "POST")(require_POST(own_desk(resend_to)))
withdraw = require_POST(own_desk(withdraw_from))
