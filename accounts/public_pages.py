"""Pages for everybody. No session, no cookie, and caches ask each time.

Within a minute in which nothing was recorded, a process makes each of them once.
"""

from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.cache import caches
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe

from accounts.models import AuditEvent

View = Callable[..., HttpResponseBase]
# A page that is larger is made each time.
KEPT_BYTES = 256 * 1024


def public(view: View) -> View:
    """A page for everybody, which caches must ask about each time: what is taken back is gone at once."""
    return login_not_required(require_safe(cache_control(public=True, no_cache=True)(view)))


def public_form(view: View) -> View:
    """A form for everybody: needs its CSRF cookie, is never stored, and takes GET and POST."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store, private"
        return response

    return login_not_required(shown)


def unchanged_within_the_minute(view: View) -> View:
    """Answers who has the page with 304, and others with the page as it was made. One query."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        etag = _etag(request)
        answer = condition(etag_func=lambda *_args, **_kwargs: etag)(_made_once(view, etag))
        return answer(request, *args, **kwargs)

    return shown


def _made_once(view: View, etag: str) -> View:
    def made(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        kept = caches["pages"].get(etag)
        if kept is not None:
            return HttpResponse(kept)
        response = view(request, *args, **kwargs)
        if response.status_code == 200 and isinstance(response, HttpResponse) and len(response.content) <= KEPT_BYTES:
            caches["pages"].set(etag, response.content)
        return response

    return made


def _etag(request: HttpRequest) -> str:
    """Changes with each recorded act, and with each minute, for pages say "as at". One query."""
    last = AuditEvent.objects.aggregate(last=Max("pk"))["last"]
    seen = f"{request.get_full_path()} {timezone.now():%Y-%m-%d %H:%M} {last}"
    return f'"{sha256(seen.encode()).hexdigest()[:32]}"'
