"""Pages for everybody. No session, no cookie, and caches ask each time."""

from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import Max
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe

from accounts.models import AuditEvent

View = Callable[..., HttpResponseBase]


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
    """Answers 304 at the price of one query."""
    return condition(etag_func=_etag)(view)


def _etag(request: HttpRequest, **kwargs: Any) -> str:
    """Changes with each recorded act, and with each minute, for pages say "as at". One query."""
    last = AuditEvent.objects.aggregate(last=Max("pk"))["last"]
    seen = f"{request.get_full_path()} {timezone.now():%Y-%m-%d %H:%M} {last}"
    return f'"{sha256(seen.encode()).hexdigest()[:32]}"'
