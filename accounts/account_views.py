"""Your account: how you sign in, and where you are signed in."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import client, open_sessions, passkeys, recovery_codes
from accounts.adapter import InvitationOnlyAdapter
from accounts.models import User


@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    user = request.user
    assert isinstance(user, User)
    own, codes = list(passkeys.of(user)), recovery_codes.of(user)
    left = recovery_codes.left(codes)
    context = {
        "passkeys": [{"row": row, "name": passkeys.name_of(row)} for row in own],
        "has_codes": codes is not None,
        "codes_left": left,
        "codes_made": max(left, recovery_codes.how_many()),
        "codes_low": codes is not None and left <= recovery_codes.FEW,
        "sessions": open_sessions.of(
            user=user,
            this_key=request.session.session_key,
            this_address=client.address_of(request),
            now=timezone.now(),
        ),
    }
    return render(request, "accounts/account.html", context)


@never_cache
@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    user, this = request.user, request.session.session_key
    assert isinstance(user, User)
    if open_sessions.key_of(user=user, pk=pk) == this:
        InvitationOnlyAdapter(request).logout(request)
        return redirect("account_login")
    if open_sessions.end(user=user, pk=pk, now=timezone.now()):
        messages.success(request, _("You are signed out there. The next page in that browser asks for a sign-in."))
    else:
        messages.info(request, _("That one was over already."))
    return redirect("account_home")


@never_cache
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    user = request.user
    assert isinstance(user, User)
    count = open_sessions.end_others(user=user, this_key=request.session.session_key, now=timezone.now())
    said = ngettext("Signed out in %(count)s other browser.", "Signed out in %(count)s other browsers.", count)
    messages.success(request, said % {"count": count})
    return redirect("account_home")
