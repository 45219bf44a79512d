"""The Pledge Makers that somebody acts for."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from signatories.access import memberships_of


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The list; somebody with one Pledge Maker goes straight to it."""
    memberships = list(memberships_of(request.user))  # type: ignore[arg-type]
    if len(memberships) == 1:
        return redirect(f"/workspace/{memberships[0].pledge_maker.slug}/")
    return render(request, "signatories/workspace.html", {"memberships": memberships})
