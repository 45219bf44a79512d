"""Pages for when something went wrong."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views import defaults

from accounts import kept_pages
from accounts.refusals import on_record


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was open while the person signed in or out elsewhere: what was typed is not lost."""
    return on_record(kept_pages.stale(request))


def server_error(request: HttpRequest) -> HttpResponse:
    """Without its database the site says so, and gives back what was typed. Asks for nothing that needs it."""
    if not isinstance(sys.exception(), (OperationalError, InterfaceError)):
        return defaults.server_error(request)
    page = render_to_string("errors/503.html", {"typed": list(request.POST.items())})
    return HttpResponse(page, status=503, headers={"Retry-After": "60", "Cache-Control": "no-store"})
