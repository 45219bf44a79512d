"""Who acts for a Pledge Maker: the list, another role, a limit, an end. For its own people, and for the team."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.fresh import fresh_sign_in_required, take_typed
from signatories import invitations, memberships
from signatories.memberships import Refused
from signatories.models import Membership, Role
from signatories.people_forms import RoleForm
from signatories.permissions import (
    can_change,
    can_end,
    can_invite,
    can_withdraw_invitation,
    check_can_change,
    check_can_end,
)
from signatories.reachable import ENOUGH, reachable_members
from signatories.roles import WRITERS, limit_in_words
from signatories.views.desk import Desk, own_desk

GET_AND_POST = ["GET", "HEAD", "POST"]


def show_people(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who acts for it, who is invited, and what may be done about each."""
    now = timezone.now()
    members = desk.pledge_maker.memberships.filter(ended_at=None).select_related("user").order_by("since", "pk")
    reached = set(reachable_members().filter(pledge_maker=desk.pledge_maker).values_list("pk", flat=True))
    context = {
        "desk": desk,
        "pledge_maker": desk.pledge_maker,
        "now": now,
        "members": [_row(desk, member, reached) for member in members],
        "few": len(reached) < ENOUGH,
        "invitations": _invitation_rows(desk),
        "may_invite": bool(desk.roles_to_invite()),
    }
    return render(request, "signatories/people.html", context)


def _row(desk: Desk, member: Membership, reached: set[int]) -> dict[str, Any]:
    member.pledge_maker = desk.pledge_maker
    is_me = member.user_id == desk.by.pk
    return {
        "member": member,
        "is_me": is_me,
        "limit": limit_in_words(member.objectives),
        "refuses_mail": member.role in WRITERS and member.user.is_active and member.pk not in reached,
        "may_change": can_change(desk.by, desk.own, member),
        "may_end": can_end(desk.by, desk.own, member),
        "change": desk.url("member", member.pk),
        "end": desk.url("end_membership", member.pk),
    }


def _invitation_rows(desk: Desk) -> list[dict[str, Any]]:
    return [
        {
            "invitation": row,
            "limit": limit_in_words(row.objectives),
            "may_resend": can_invite(desk.by, desk.own, row.role),
            "may_withdraw": can_withdraw_invitation(desk.by, desk.own, row),
            "resend": desk.url("resend_invitation", row.pk),
            "withdraw": desk.url("withdraw_invitation", row.pk),
        }
        for row in invitations.waiting(desk.pledge_maker)
    ]


# --- Another role, or a limit ------------------------------------------------------------------------------


def change_member(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """The role of one member, and the objectives that a contributor writes about."""
    member = _member(desk, pk)
    if member.ended_at:
        return _gone(request, desk)
    check_can_change(desk.by, desk.own, member)
    if request.method == "POST":
        return _change(request, desk=desk, member=member)
    return _member_page(request, desk, member, _role_form(desk, member, take_typed(request)))


def _member(desk: Desk, pk: int) -> Membership:
    member = get_object_or_404(desk.pledge_maker.memberships.select_related("user"), pk=pk)
    member.pledge_maker = desk.pledge_maker
    return member


def _gone(request: HttpRequest, desk: Desk) -> HttpResponse:
    messages.info(request, _("This role has ended or changed meanwhile. Below is how it stands now."))
    return redirect(desk.people)


def _role_form(desk: Desk, member: Membership, typed: QueryDict | None) -> RoleForm:
    initial = {"role": member.role, "objectives": member.objectives}
    form = RoleForm(typed, roles=desk.roles_for(member), initial=initial)
    if member.user_id == desk.by.pk:
        form.fields["role"].label = _("What you may do")
    return form


def _member_page(request: HttpRequest, desk: Desk, member: Membership, form: RoleForm) -> HttpResponse:
    context = {
        "desk": desk,
        "pledge_maker": desk.pledge_maker,
        "member": member,
        "is_me": member.user_id == desk.by.pk,
        "form": form,
        "may_end": can_end(desk.by, desk.own, member),
        "end": desk.url("end_membership", member.pk),
    }
    return render(request, "signatories/people_member.html", context)


@fresh_sign_in_required
def _change(request: HttpRequest, *, desk: Desk, member: Membership) -> HttpResponse:
    form = _role_form(desk, member, request.POST)
    if form.is_valid():
        try:
            messages.success(request, _carry_out(desk, member, form.cleaned_data))
            return redirect(desk.people)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    return _member_page(request, desk, member, form)


def _carry_out(desk: Desk, member: Membership, wanted: dict[str, Any]) -> str:
    now, objectives = timezone.now(), wanted["objectives"]
    if wanted["role"] == member.role:
        limited = memberships.limit(membership=member, objectives=objectives, by=desk.by, now=now)
        return _limited_in_words(limited)
    after = memberships.change_role(membership=member, role=wanted["role"], objectives=objectives, by=desk.by, now=now)
    said = _("%(name)s is now a %(role)s. We have told them, and the leaders and coordinators, by mail.")
    return said % {"name": after.user.name, "role": after.get_role_display().lower()}


def _limited_in_words(member: Membership) -> str:
    if not member.objectives:
        return _("%(name)s writes the whole update again.") % {"name": member.user.name}
    said = _("%(name)s now writes about %(limit)s, and reads everything else.")
    return said % {"name": member.user.name, "limit": limit_in_words(member.objectives)}


# --- An end -------------------------------------------------------------------------------------------------


def end_member(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """Says what it means before it happens, and what stands in the way."""
    member = _member(desk, pk)
    if member.ended_at:
        return _gone(request, desk)
    if member.role == Role.LEADER:
        raise Http404
    check_can_end(desk.by, desk.own, member)
    if request.method == "POST":
        return _end(request, desk=desk, member=member)
    return _end_page(request, desk, member, _why_not_end(desk, member))


def _why_not_end(desk: Desk, member: Membership) -> str:
    try:
        memberships.check_has_successor(member, by=desk.by, now=timezone.now())
    except Refused as refusal:
        return str(refusal)
    return ""


def _end_page(request: HttpRequest, desk: Desk, member: Membership, refusal: str) -> HttpResponse:
    context = {
        "desk": desk,
        "pledge_maker": desk.pledge_maker,
        "member": member,
        "is_me": member.user_id == desk.by.pk,
        "refusal": refusal,
        "foreseen": [] if refusal else _foreseen(desk, member),
    }
    status = 409 if refusal and request.method == "POST" else 200
    return render(request, "signatories/people_end.html", context, status=status)


def _foreseen(desk: Desk, member: Membership) -> list[str]:
    name, maker = member.user.name, desk.pledge_maker
    said = [
        _("%(name)s can no longer open the pages of %(maker)s.") % {"name": name, "maker": maker.name},
        _("What %(name)s wrote stays, with their name in its history.") % {"name": name},
        _("We tell %(name)s, the leaders and the coordinators by mail.") % {"name": name},
    ]
    return [*said, *_who_is_left(desk, member)]


def _who_is_left(desk: Desk, member: Membership) -> list[str]:
    left = reachable_members().filter(pledge_maker=desk.pledge_maker).exclude(pk=member.pk).count()
    said = []
    if member.role == Role.COORDINATOR and not memberships.has_other_coordinator(member):
        invited = memberships.invited_coordinators(desk.pledge_maker, now=timezone.now())
        said.append(_until_accepted([row.name for row in invited]))
    if left < ENOUGH:
        said.append(_("Fewer than two people can then be reached by mail. The Synergi team hears of it."))
    return said


def _until_accepted(names: list[str]) -> str:
    if len(names) == 1:
        return _("Until %(name)s has accepted the invitation, nobody coordinates.") % {"name": names[0]}
    words = _("Until one of those invited has accepted, nobody coordinates: %(names)s.")
    return words % {"names": ", ".join(dict.fromkeys(names))}


@fresh_sign_in_required
def _end(request: HttpRequest, *, desk: Desk, member: Membership) -> HttpResponse:
    try:
        memberships.end(membership=member, by=desk.by, now=timezone.now())
    except Refused as refusal:
        member.refresh_from_db()
        return _gone(request, desk) if member.ended_at else _end_page(request, desk, member, str(refusal))
    if desk.own and member.pk == desk.own.pk:
        messages.success(request, _("You have left %(maker)s.") % {"maker": desk.pledge_maker.name})
        return redirect("workspace")
    messages.success(request, _("%(name)s no longer acts for it.") % {"name": member.user.name})
    return redirect(desk.people)


people = require_safe(own_desk(show_people))
member = require_http_methods(GET_AND_POST)(own_desk(change_member))
end_membership = require_http_methods(GET_AND_POST)(own_desk(end_member))
