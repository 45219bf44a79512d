"""People with an account: what each may do, and erasing one on request."""

from django.contrib import messages
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import giving_back, second_factor
from accounts.access import synergi_required
from accounts.erasing import CannotErase
from accounts.fresh import fresh_sign_in_required
from accounts.models import SynergiRole, User
from accounts.permissions import can_give_back, can_give_roles, can_reset_second_factor
from signatories.models import Leader, Membership
from staff import erasing

SHOWN = 50


@synergi_required
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Found by name or address; what was typed comes by POST, for an address stands in no log."""
    # PostgreSQL takes no NUL in a text.
    typed = " ".join(request.POST.get("q", "").replace("\0", " ").split())[:200]
    current = Membership.objects.filter(ended_at=None).select_related("pledge_maker").order_by("pledge_maker__name")
    people = User.objects.filter(erased_at=None).prefetch_related(Prefetch("memberships", current, "current"))
    if typed:
        people = people.filter(Q(name__icontains=typed) | Q(email__icontains=typed))
    found = list(people.order_by("name", "pk")[: SHOWN + 1])
    context = {"people": found[:SHOWN], "are_more": len(found) > SHOWN, "shown": SHOWN, "q": typed}
    return render(request, "staff/people.html", context)


@synergi_required
@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    context = {
        "person": person,
        "memberships": person.memberships.select_related("pledge_maker").order_by("since", "pk"),
        "leaderships": Leader.objects.filter(user=person).select_related("pledge_maker", "organisation"),
        "may_give_role": can_give_roles(request.user) and not person.erased_at,  # type: ignore[arg-type]
        "may_reset": can_reset_second_factor(request.user, person) and second_factor.has_one(person),  # type: ignore[arg-type]
        "address_changes": giving_back.changes_of(person) if can_give_back(request.user, person) else [],  # type: ignore[arg-type]
        "may_erase": erasing.can_erase(request.user) and not person.erased_at and person != request.user,  # type: ignore[arg-type]
    }
    return render(request, "staff/person.html", context)


def _page_of(request: HttpRequest, pk: int) -> str:
    return reverse("staff:person", args=[pk])


@synergi_required(SynergiRole.ADMINISTRATOR)
@require_POST
@fresh_sign_in_required(back=_page_of)
def erase(request: HttpRequest, pk: int) -> HttpResponse:
    """With the address typed again, so that nobody is erased by a slip."""
    person = get_object_or_404(User, pk=pk)
    if person.erased_at:
        messages.info(request, _("This account is erased already. Nothing was changed."))
    elif request.POST.get("address", "").strip().lower() != person.email:
        messages.error(request, _("Nothing was erased: the address that you typed is not the one of this account."))
    else:
        _erase(request, person)
    return redirect("staff:person", pk)


@synergi_required(SynergiRole.ADMINISTRATOR)
@require_POST
@fresh_sign_in_required(back=_page_of)
def reset_second_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """For somebody who lost the device and the codes."""
    person = get_object_or_404(User, pk=pk)
    second_factor.reset(user=person, by=request.user, now=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("The second factor is reset, and they are signed out everywhere. Both were told."))
    return redirect("staff:person", pk)


def _erase(request: HttpRequest, person: User) -> None:
    try:
        erasing.erase_account(user=person, by=request.user, now=timezone.now())  # type: ignore[arg-type]
    except CannotErase as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The account is erased. What was signed keeps its name."))
