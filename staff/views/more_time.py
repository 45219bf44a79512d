"""More time: for one, several or all Pledge Makers of a round, and the answer to a request."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.access import synergi_required
from accounts.fresh import fresh_sign_in_required
from accounts.kept import sent_or_kept
from progress_updates import entry_emails, extensions
from progress_updates.lateness import public_status
from progress_updates.models import ExtensionRequest, Round
from progress_updates.permissions import WRITERS
from progress_updates.rounds import end_of
from progress_updates.statistics import entries_with_status
from staff.entry_forms import ALL, SOME, ExtendForm, MoreTimeGivenForm, RefuseForm

OWN_NAMES = ("csrfmiddlewaretoken", "confirmed", "change")


@synergi_required
@require_http_methods(["GET", "POST"])
def extend(request: HttpRequest, slug: str) -> HttpResponse:
    """Says whom it would touch first; only the second button gives anything. It mails many, so we ask who is there."""
    round_ = get_object_or_404(Round.objects.opened(), slug=slug)
    typed = sent_or_kept(request)
    form = _form(request, round_, typed)
    if typed is None or "change" in typed or not form.is_valid():
        return render(request, "staff/extend.html", {"round": round_, "form": form})
    if request.method == "POST" and typed.get("confirmed") == "yes":
        return _give(request, round_=round_, form=form)
    return _preview(request, round_, form, typed)


def _form(request: HttpRequest, round_: Round, typed: QueryDict | None) -> ExtendForm:
    now = timezone.now()
    entries = list(entries_with_status(round_, now))
    missing = [entry for entry in entries if entry.required and entry.received_at is None]
    others = [entry for entry in entries if entry not in missing]
    one = [str(entry.pk) for entry in missing if entry.pledge_maker.slug == request.GET.get("for")]
    initial = {"who": SOME if one else ALL, "entries": one}
    return ExtendForm(typed, missing=missing, others=others, now=now, initial=initial)


def _preview(request: HttpRequest, round_: Round, form: ExtendForm, typed: QueryDict) -> HttpResponse:
    due_at = end_of(form.cleaned_data["due_on"])
    looked = [(entry, extensions.why_not(entry, due_at)) for entry in form.chosen()]
    given = [entry for entry, why in looked if not why]
    people = entry_emails.people_of(given, WRITERS)
    context = {
        "round": round_,
        "form": form,
        "due_at": due_at,
        "is_past": due_at < timezone.now(),
        "given": given,
        "left_out": [(entry, why) for entry, why in looked if why],
        "mailed": sum(len(each) for each in people.values()),
        "typed": [(name, value) for name in typed if name not in OWN_NAMES for value in typed.getlist(name)],
    }
    return render(request, "staff/extend_preview.html", context)


@fresh_sign_in_required
def _give(request: HttpRequest, *, round_: Round, form: ExtendForm) -> HttpResponse:
    chosen, data = form.chosen(), form.cleaned_data
    try:
        extension = extensions.grant(
            round_=round_,
            entries=chosen,
            due_on=data["due_on"],
            reason=data["reason"],
            public_words=data["public_words"],
            by=request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
    except extensions.ExtensionRefused as refusal:
        form.add_error(None, str(refusal))
        return render(request, "staff/extend.html", {"round": round_, "form": form}, status=409)
    messages.success(request, _given_words(extension.entries.count(), len(chosen)))
    return redirect("staff:round", round_.slug)


def _given_words(given: int, chosen: int) -> str:
    said = ngettext("%(count)s Pledge Maker has more time.", "%(count)s Pledge Makers have more time.", given)
    left = ngettext("%(count)s was left out.", "%(count)s were left out.", chosen - given) if chosen > given else ""
    return " ".join(filter(None, [said % {"count": given}, left and left % {"count": chosen - given}]))


@synergi_required
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """A request for more time: given, with any day, or refused, with words."""
    rows = ExtensionRequest.objects.select_related(
        "entry__pledge_maker", "entry__round", "entry__extension", "asked_by", "answered_by", "granted"
    )
    found = get_object_or_404(rows, pk=pk)
    refuses = request.POST.get("answer") == "refuse"
    give = MoreTimeGivenForm(
        request.POST if request.method == "POST" and not refuses else None, initial={"due_on": found.wanted_on}
    )
    refuse = RefuseForm(request.POST if refuses else None)
    form: Any = refuse if refuses else give
    if request.method == "POST" and form.is_valid() and _answer(request, found, form, refuses=refuses):
        return redirect("staff:more_time", pk)
    return _answer_page(request, get_object_or_404(rows, pk=pk), give, refuse)


def _answer(request: HttpRequest, found: ExtensionRequest, form: Any, *, refuses: bool) -> bool:
    about: Any = {"by": request.user, "now": timezone.now()}
    try:
        if refuses:
            extensions.refuse(request=found, **about, **form.cleaned_data)
        else:
            about |= {"round_": found.entry.round, "entries": [found.entry], "answering": found}
            extensions.grant(**about, **form.cleaned_data)
    except extensions.ExtensionRefused as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, _("Answered. They hear of it by mail."))
    return True


def _answer_page(
    request: HttpRequest, found: ExtensionRequest, give: MoreTimeGivenForm, refuse: RefuseForm
) -> HttpResponse:
    context = {
        "found": found,
        "entry": found.entry,
        "pledge_maker": found.entry.pledge_maker,
        "round": found.entry.round,
        "status": public_status(found.entry, timezone.now()),
        "give": give,
        "refuse": refuse,
        "form": refuse if refuse.is_bound else give,
        "others": found.entry.extension_requests.exclude(pk=found.pk).count(),
    }
    bad = give.is_bound or refuse.is_bound
    return render(request, "staff/more_time.html", context, status=409 if bad and found.answered_at else 200)
