"""What an open page asks about the session of its person: how much is left, and to stay."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import kept, sessions
from accounts.models import User
from accounts.session_middleware import does_not_count_as_use


@does_not_count_as_use
@never_cache
@require_http_methods(["GET", "POST"])
def stay(request: HttpRequest) -> HttpResponse:
    """GET says how many seconds are left and changes nothing; POST is the person's own word that they are there."""
    user, now = request.user, timezone.now()
    assert isinstance(user, User)
    if request.method == "POST":
        sessions.note_use(session=request.session, user=user, now=now, at_once=True)
    said = {
        "left": sessions.seconds_left(request.session, user, now),
        "can_stay": sessions.can_be_extended(request.session, user, now),
        "token": get_token(request),
        "who": kept.mark_of(user),
    }
    return JsonResponse(said)


@never_cache
@require_safe
def signed_in(request: HttpRequest) -> HttpResponse:
    """Where the tab ends in which somebody signed in for the sake of another one."""
    return render(request, "accounts/signed_in.html")
