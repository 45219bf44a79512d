"""Who was refused what. Somebody signed in who is refused a page leaves a row in the audit trail."""

from typing import Any

from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts import audit, limits
from accounts.models import User


class NotYours(Http404):
    """It may be there, but not for this person, who sees a page that is not found. `about` is what they reached for."""

    def __init__(self, about: models.Model | None = None) -> None:
        super().__init__()
        self.about = about


def on_record(response: HttpResponse) -> HttpResponse:
    """Marks a refusal that has its own row, or that is none of the person's rights."""
    response.is_on_record = True  # type: ignore[attr-defined]
    return response


def record(request: HttpRequest, *, status: int, about: models.Model | None) -> None:
    """Which page, by its name in the code, and numbers from its address. Never words: an address is typed by people."""
    by, match = request.user, request.resolver_match
    assert isinstance(by, User)
    kwargs: dict[str, Any] = match.kwargs if match else {}
    numbers = {name: value for name, value in kwargs.items() if isinstance(value, int)}
    noted: dict[str, Any] = {**numbers, "page": match.view_name if match else "", "status": status}
    audit.record(action="access.refused", by=by, about=about, now=timezone.now(), **noted)


def too_often(request: HttpRequest, refusal: limits.TooOften) -> HttpResponse:
    """A page that says when to come back, with what was typed."""
    context = {"words": str(refusal), "typed": request.POST.items()}
    return limits.refused(render(request, "errors/too_often.html", context), refusal)
