"""The Synergi team itself: who can do what, and an administrator who gives and takes roles."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import team
from accounts.access import synergi_required
from accounts.fresh import fresh_sign_in_required, take_typed
from accounts.models import User
from accounts.permissions import can_give_roles
from accounts.roles import DUTIES, WHOLE_TEAM
from signatories.caseworkers import team as the_team
from signatories.views.roles import table_of_roles
from staff.team_forms import NewColleagueForm, TeamRoleForm

GET_AND_POST = ["GET", "HEAD", "POST"]


@synergi_required
@require_safe
def roles(request: HttpRequest) -> HttpResponse:
    """What each role may do, of the team and of a Pledge Maker, and who of the team has which."""
    context = {
        "team": the_team(),
        "team_table": _table_of_duties(),
        "makers_table": table_of_roles(),
        "may_give": can_give_roles(request.user),  # type: ignore[arg-type]
    }
    return render(request, "staff/roles.html", context)


def _table_of_duties() -> dict[str, Any]:
    rows = [
        {"words": duty.words, "note": duty.note, "cells": [(role.label, role in duty.roles) for role in WHOLE_TEAM]}
        for duty in DUTIES.values()
    ]
    return {"columns": [role.label for role in WHOLE_TEAM], "groups": [("", rows)]}


@synergi_required(*DUTIES["give_roles"].roles)
@require_http_methods(GET_AND_POST)
def give_role(request: HttpRequest, pk: int) -> HttpResponse:
    """One person's role in the team, given, changed or taken away."""
    person = get_object_or_404(User, pk=pk, erased_at=None)
    if request.method == "POST":
        return _give(request, person=person)
    return _role_page(request, person, _form(person, take_typed(request)))


def _form(person: User, typed: Any) -> TeamRoleForm:
    return TeamRoleForm(typed, initial={"role": person.synergi_role or TeamRoleForm.NONE})


@fresh_sign_in_required
def _give(request: HttpRequest, *, person: User) -> HttpResponse:
    form = _form(person, request.POST)
    if form.is_valid():
        try:
            team.give_role(user=person, role=form.chosen(), by=request.user, now=timezone.now())  # type: ignore[arg-type]
        except team.RoleRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _said(person))
            return _after(request)
    return _role_page(request, person, form)


def _said(person: User) -> str:
    if not person.synergi_role:
        return _("%(name)s no longer belongs to the Synergi team. We have told them by mail.") % {"name": person.name}
    said = _("%(name)s is now %(role)s in the Synergi team. We have told them by mail.")
    return said % {"name": person.name, "role": person.get_synergi_role_display().lower()}


def _after(request: HttpRequest) -> HttpResponse:
    """Whoever has just taken their own role away has no page of the team to come back to."""
    still = User.objects.exclude(synergi_role="").filter(pk=str(request.user.pk)).exists()
    return redirect("staff:roles" if still else "workspace")


def _role_page(request: HttpRequest, person: User, form: TeamRoleForm) -> HttpResponse:
    return render(request, "staff/team_role.html", {"person": person, "form": form})


@synergi_required(*DUTIES["give_roles"].roles)
@require_http_methods(GET_AND_POST)
def new_colleague(request: HttpRequest) -> HttpResponse:
    """Somebody without an account, or one of a Pledge Maker's people, joins the team."""
    if request.method == "POST":
        return _add(request)
    return render(request, "staff/team_new.html", {"form": NewColleagueForm(take_typed(request))})


@fresh_sign_in_required
def _add(request: HttpRequest) -> HttpResponse:
    form = NewColleagueForm(request.POST)
    if form.is_valid():
        try:
            person = team.add(by=request.user, now=timezone.now(), **form.cleaned_data)  # type: ignore[arg-type]
        except team.RoleRefused as refusal:
            form.add_error("email", str(refusal))
        else:
            messages.success(request, _said(person))
            return redirect(reverse("staff:roles"))
    return render(request, "staff/team_new.html", {"form": form})
