"""The page that the link of an invitation opens. Opening it changes nothing; the button accepts."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.sign_in import ADDRESS_KEY
from signatories import accepting, invitations
from signatories.access import membership_of
from signatories.invitations import NotOpen
from signatories.models import Invitation, Membership, Role
from signatories.people_forms import AccountForm
from signatories.roles import IN_CHARGE, limit_in_words


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    try:
        found = invitations.find(token=token, now=now)
        form = _which_account(request, found)
        if request.method == "POST" and (form is None or form.is_valid()):
            membership = accepting.accept(token=token, now=now, as_user=_as_user(request, form))
            return _accepted(request, membership)
    except NotOpen as closed:
        return _closed(request, closed)
    context = {
        "invitation": found,
        "form": form,
        "account": accepting.account_of(found),
        "limit": limit_in_words(found.objectives),
        "follows": found.role == Role.LEADER and found.pledge_maker.has_pledged(),
    }
    return render(request, "signatories/invitation.html", context)


def _which_account(request: HttpRequest, found: Invitation) -> AccountForm | None:
    """Asked of somebody who is signed in and was invited under another address; of nobody else."""
    mine, theirs = request.user, accepting.account_of(found)
    if not isinstance(mine, User) or mine == theirs:
        return None
    invited = theirs.email if theirs else found.email
    return AccountForm(request.POST if request.method == "POST" else None, mine=mine.email, invited=invited)


def _as_user(request: HttpRequest, form: AccountForm | None) -> User | None:
    chose_mine = form is not None and form.cleaned_data["account"] == AccountForm.MINE
    return request.user if chose_mine and isinstance(request.user, User) else None


def _accepted(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Accepting signs nobody in: a scanner that follows links must not end up with a session."""
    email, name = membership.user.email, membership.pledge_maker.name
    request.session[ADDRESS_KEY] = email
    if not isinstance(request.user, User):
        messages.success(request, _("You have accepted. Now sign in with %(email)s to start.") % {"email": email})
        return redirect("account_login")
    if request.user.pk == membership.user_id:
        messages.success(request, _("You have accepted. You now belong to %(name)s.") % {"name": name})
    else:
        sentence = _("You have accepted as %(email)s. Sign out, then sign in with that address.")
        messages.success(request, sentence % {"email": email})
    return redirect("workspace")


def _closed(request: HttpRequest, closed: NotOpen) -> HttpResponse:
    context = {
        "why": closed.why,
        "invitation": closed.invitation,
        "contact": settings.CONTACT_EMAIL,
        **_whom_to_ask(closed.invitation),
    }
    status = 404 if closed.why == "unknown" else 410
    return render(request, "signatories/invitation_closed.html", context, status=status)


def _whom_to_ask(found: Invitation | None) -> dict[str, Any]:
    """Whoever invited, while they still can; else the Synergi team."""
    if found is None or not found.invited_by.is_active:
        return {"ask": ""}
    by, own = found.invited_by, membership_of(found.invited_by, found.pledge_maker)
    still = by.is_synergi or (own is not None and own.role in IN_CHARGE)
    return {"ask": by.name if still else ""}
