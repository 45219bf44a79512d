"""Who is there, as long as the session lasts; and the note that it was used."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.middleware import get_user
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts import sessions
from accounts.models import User

View = Callable[..., HttpResponse]


def does_not_count_as_use(view: View) -> View:
    """For addresses that a page asks by itself while nobody does anything."""
    view.counts_as_use = False  # type: ignore[attr-defined]
    return view


class SessionLimitsMiddleware:
    """Stands after Django's own: whoever asks who it is gets nobody once the session has run out.

    It asks nothing by itself, so pages for everybody stay without a query."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        found: Any = SimpleLazyObject(lambda: sessions.person(request, get_user(request), timezone.now()))
        request.user = found
        response = self.get_response(request)
        if response.status_code < 500 and getattr(request, "counts_as_use", False):
            _note_use(request)
        _leave_the_cookie_of_others(request)
        return response

    def process_view(self, request: HttpRequest, view: View, *_: Any) -> None:
        request.counts_as_use = getattr(view, "counts_as_use", True)  # type: ignore[attr-defined]


def _leave_the_cookie_of_others(request: HttpRequest) -> None:
    """Django deletes a cookie that has no session. The browser may just have got a new one by another answer, after a
    second press or in another tab, and would lose that."""
    if request.session.is_empty() and not request.session.modified:
        request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)


def _note_use(request: HttpRequest) -> None:
    if request.session.accessed and SESSION_KEY in request.session and isinstance(request.user, User):
        sessions.note_use(session=request.session, user=request.user, now=timezone.now())
