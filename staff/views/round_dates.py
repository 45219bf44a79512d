"""Other dates for a round."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.access import synergi_required
from accounts.fresh import fresh_sign_in_required
from accounts.kept import sent_or_kept
from progress_updates.changed_dates import DatesRefused, change_dates
from progress_updates.models import Round
from staff.entry_forms import DatesForm

DAYS = {"opens_on": "opens_at", "due_on": "due_at", "closes_on": "closes_at", "publishes_on": "publishes_at"}


@synergi_required
@require_http_methods(["GET", "POST"])
def dates(request: HttpRequest, slug: str) -> HttpResponse:
    """The due day of an open round concerns everybody, and they are told: so we ask who is there."""
    round_ = get_object_or_404(Round, slug=slug)
    form = DatesForm(sent_or_kept(request), round_=round_, initial=_as_they_are(round_))
    if request.method == "POST" and form.is_valid():
        return _change(request, round_=round_, form=form)
    return _page(request, round_, form)


def _as_they_are(round_: Round) -> dict[str, Any]:
    return {name: timezone.localdate(getattr(round_, column)) for name, column in DAYS.items()}


@fresh_sign_in_required
def _change(request: HttpRequest, *, round_: Round, form: DatesForm) -> HttpResponse:
    about: Any = {"by": request.user, "now": timezone.now()}
    try:
        told = change_dates(round_=round_, **{**_as_they_are(round_), **form.cleaned_data}, **about)
    except DatesRefused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return _page(request, round_, form)
    messages.success(request, " ".join(filter(None, [_("The dates are saved."), _told_words(round_, told)])))
    return redirect("staff:round", round_.slug)


def _told_words(round_: Round, told: int) -> str:
    if not told or not round_.opened_at:
        return ""
    said = ngettext(
        "We write to %(count)s Pledge Maker that still owes an update.",
        "We write to %(count)s Pledge Makers that still owe an update.",
        told,
    )
    return said % {"count": told}


def _page(request: HttpRequest, round_: Round, form: DatesForm) -> HttpResponse:
    owing = round_.entries.filter(why_not_required="", received_at=None)
    context = {
        "round": round_,
        "form": form,
        "owing": owing.filter(extended_to=None).count(),
        "extended": owing.exclude(extended_to=None).count(),
    }
    return render(request, "staff/round_new_dates.html", context)
