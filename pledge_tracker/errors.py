"""Pages for when something went wrong."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was open while the person signed in elsewhere; what was typed is kept on the page."""
    return render(request, "errors/csrf.html", {"typed": request.POST.items()}, status=403)
