"""Asking to sign the pledge. Nothing that was typed ever stands in an address."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.client import network_of
from accounts.limits import refused
from accounts.public_pages import public, public_form
from signatories import applications, joining, statements
from signatories.joining_forms import ApplicationForm


@public_form
@require_http_methods(["GET", "HEAD", "POST"])
def sign_the_pledge(request: HttpRequest) -> HttpResponse:
    """What signing means, then the form."""
    now, form = timezone.now(), ApplicationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            joining.check_network(network_of(request), now=now)
            applications.apply(**form.typed(), now=now)
            return redirect("signatories:application_received")
        except joining.TooMany as refusal:
            form.add_error(None, refusal)
            return refused(_page(request, form, now), refusal)
    return _page(request, form, now)


def _page(request: HttpRequest, form: ApplicationForm, now: datetime) -> HttpResponse:
    wording = statements.wording_on(now)
    context = {"form": form, "wording": wording, "objectives": wording.objectives.all(), **_promise()}
    return render(request, "signatories/sign_the_pledge.html", context)


@public
def received(request: HttpRequest) -> HttpResponse:
    return render(request, "signatories/application_received.html", _promise())


def _promise() -> dict[str, Any]:
    return {"answer_within_days": joining.ANSWER_WITHIN.days}
