"""Reminders of a round: who was told what, what comes next, and reminding in bulk with a preview and time to cancel."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import synergi_required
from accounts.fresh import fresh_sign_in_required
from accounts.kept import sent_or_kept
from mail.demo_mailbox import FOOTER
from mail.layout import blocks
from progress_updates.models import Round
from reminders import chase as chasing
from reminders.chase import ChaseRefused, Preview
from reminders.models import Chase, Reminder
from staff.address import Chosen, one_page, read
from staff.reminding import ChaseForm, coming, ledger, ledger_filters, narrow, time_left, told, who_filter


def _round(slug: str) -> Round:
    return get_object_or_404(Round.objects.opened().filter(is_past=False), slug=slug)


def _page(request: HttpRequest, slug: str, **_kwargs: Any) -> str:
    return reverse("staff:remind", args=[slug])


@synergi_required
@require_safe
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """What comes next, and the ledger. Constant queries."""
    round_, now = _round(slug), timezone.now()
    entries = list(chasing.candidates(round_, now))
    makers = round_.entries.select_related("pledge_maker").order_by("pledge_maker__name")
    chosen = read(request.GET, ledger_filters(round_, makers), {"page": _("Page")})
    rows, pages = one_page(ledger(round_, chosen), chosen.page)
    context = {
        "round": round_,
        "now": now,
        "outstanding": len(entries),
        "coming": coming(entries, now),
        "chosen": chosen,
        "rows": [told(row) for row in rows],
        "pages": pages,
        "chases": list(chasing.chases_of(round_)),
    }
    return render(request, "staff/reminders.html", context)


@synergi_required
@require_http_methods(["GET", "POST"])
def remind(request: HttpRequest, slug: str) -> HttpResponse:
    """Whom to remind; after a POST, who would be mailed and in which words. Nothing is changed here."""
    round_, now = _round(slug), timezone.now()
    typed = sent_or_kept(request)
    chosen = read(request.GET, [who_filter()], {"page": _("Page")})
    form = _form(round_, chosen, typed, now)
    if typed is not None and "change" not in typed and form.is_valid():
        return _preview(request, round_, form, now)
    return _choose(request, round_, chosen, form)


def _form(round_: Round, chosen: Chosen, typed: Any, now: datetime) -> ChaseForm:
    """Offers what the address asks for, and what was ticked on the page before."""
    everybody = list(chasing.candidates(round_, now))
    shown = {entry.pk for entry in narrow(everybody, chosen.get("who"), now)}
    ticked = set(typed.getlist("entries")) if typed is not None else set()
    offered = [entry for entry in everybody if entry.pk in shown or str(entry.pk) in ticked]
    return ChaseForm(typed, entries=offered, now=now)


def _choose(request: HttpRequest, round_: Round, chosen: Chosen, form: ChaseForm) -> HttpResponse:
    return render(request, "staff/remind.html", {"round": round_, "chosen": chosen, "form": form})


def _preview(request: HttpRequest, round_: Round, form: ChaseForm, now: datetime) -> HttpResponse:
    sentence, by = form.cleaned_data["sentence"], request.user
    found = chasing.preview(round_=round_, entries=form.chosen(), now=now)
    context = {
        "round": round_,
        "found": found,
        "entries": form.chosen(),
        "sentence": sentence,
        "goes_at": chasing.goes_at(now),
        "leaves_soon": chasing.goes_at(now) == now + chasing.TIME_TO_CANCEL,
        "now": now,
        "mails": _samples(found, sentence, by, now),
    }
    return render(request, "staff/remind_preview.html", context)


def _samples(found: Preview, sentence: str, by: Any, now: datetime) -> list[dict[str, Any]]:
    """The whole mail to the first person who writes, and to the first who leads."""
    shown: dict[str, Any] = {}
    for items in found.people.values():
        shown.setdefault(items[0].audience, items)
    samples = []
    for audience, items in sorted(shown.items(), reverse=True):
        words = chasing.words_for(items, sentence=sentence, by=by, now=now)
        pieces = blocks(words.text.partition(FOOTER)[0], site_url=settings.SITE_URL)
        samples.append({"audience": audience, "user": items[0].user, "subject": words.subject, "blocks": pieces})
    return samples


@synergi_required
@require_POST
@fresh_sign_in_required(back=_page)
def send(request: HttpRequest, slug: str) -> HttpResponse:
    round_, now = _round(slug), timezone.now()
    form = _form(round_, read({}, [who_filter()], {"page": ""}), request.POST, now)
    if not form.is_valid():
        return _choose(request, round_, read({}, [who_filter()], {"page": ""}), form)
    try:
        chase = chasing.start(
            round_=round_,
            entries=form.chosen(),
            sentence=form.cleaned_data["sentence"],
            seen=request.POST.get("seen", ""),
            by=request.user,  # type: ignore[arg-type]
            now=now,
        )
    except ChaseRefused as refusal:
        messages.error(request, str(refusal))
        return _preview(request, round_, form, now)
    return redirect("staff:chase", slug, chase.pk)


@synergi_required
@require_safe
def chase(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    round_, now = _round(slug), timezone.now()
    found = get_object_or_404(chasing.chases_of(round_), pk=pk)
    context = {
        "round": round_,
        "chase": found,
        "can_cancel": found.can_be_cancelled(now),
        "time_left": time_left(found, now),
        "rows": [told(row) for row in _reminders(found)],
    }
    return render(request, "staff/chase.html", context)


def _reminders(found: Chase) -> Any:
    rows = Reminder.objects.filter(chase=found).select_related("user", "entry__pledge_maker", "message", "chase")
    return rows.order_by("entry__pledge_maker__name", "user__name", "pk")


@synergi_required
@require_POST
def cancel(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    found = get_object_or_404(Chase, round=_round(slug), pk=pk)
    if chasing.cancel(chase=found, by=request.user, now=timezone.now()):  # type: ignore[arg-type]
        messages.success(request, _("Cancelled. Nobody is mailed."))
    else:
        messages.info(request, _("It is too late to cancel, or a colleague was faster. Nothing was changed."))
    return redirect("staff:chase", slug, pk)
