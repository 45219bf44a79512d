"""The page that the link of an invitation opens. Opening it changes nothing; the button accepts."""

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
from signatories import invitations
from signatories.models import Invitation


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    try:
        found = invitations.find(token=token, now=now)
        if request.method == "POST":
            invitations.accept(token=token, now=now)
            return _accepted(request, found)
    except invitations.NotOpen as error:
        status = 404 if error.why == "unknown" else 410
        return render(request, "signatories/invitation_closed.html", {"why": error.why}, status=status)
    return render(request, "signatories/invitation.html", {"invitation": found})


def _accepted(request: HttpRequest, found: Invitation) -> HttpResponse:
    """Accepting signs nobody in: a scanner that follows links must not end up with a session."""
    request.session[ADDRESS_KEY] = found.email
    name = found.pledge_maker.name
    if not isinstance(request.user, User):
        messages.success(request, _("You have accepted. Now sign in to start."))
        return redirect("account_login")
    if request.user.email == found.email:
        messages.success(request, _("You have accepted. You now belong to %(name)s.") % {"name": name})
    else:
        sentence = _("You have accepted as %(email)s. Sign out, then sign in with that address.")
        messages.success(request, sentence % {"email": found.email})
    return redirect("workspace")
