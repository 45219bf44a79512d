"""One Pledge Maker in one round: its status, who did what, and what the team can change about it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import synergi_required
from accounts.kept import sent_or_kept
from progress_updates import beside, not_required
from progress_updates.entry_forms import OwnWordsForm
from progress_updates.forms import typed_anew
from progress_updates.lateness import public_status
from progress_updates.models import RoundEntry, WhyNotRequired
from progress_updates.permissions import NotAllowed
from staff.entry_forms import CoverForm, TakeAwayForm
from staff.entry_history import history_of

Refusals = (NotAllowed, not_required.Refused, beside.WordsRefused)


def _entry(slug: str, maker_slug: str) -> RoundEntry:
    rows = RoundEntry.objects.select_related("pledge_maker", "round", "covered_by__pledge_maker", "extension")
    return get_object_or_404(rows, round__slug=slug, pledge_maker__slug=maker_slug)


@synergi_required
@require_safe
def detail(request: HttpRequest, slug: str, maker_slug: str) -> HttpResponse:
    return _page(request, _entry(slug, maker_slug))


def _page(request: HttpRequest, entry: RoundEntry, form: CoverForm | None = None, status: int = 200) -> HttpResponse:
    now = timezone.now()
    context = {
        "entry": entry,
        "pledge_maker": entry.pledge_maker,
        "round": entry.round,
        "status": public_status(entry, now),
        "updates": entry.updates.order_by("-version"),
        "requests": entry.extension_requests.filter(answered_at=None),
        "covers": entry.covers.select_related("pledge_maker").order_by("pledge_maker__name"),
        "form": form or CoverForm(choices=not_required.may_cover(entry)),
        "history": history_of(entry),
        "parts": [(part, getattr(entry, part.name)) for part in beside.PARTS.values()],
        **_what_is_possible(entry, now),
    }
    return render(request, "staff/entry.html", context, status=status)


def _what_is_possible(entry: RoundEntry, now: datetime) -> dict[str, bool]:
    is_free = not entry.received_at and entry.why_not_required not in (
        WhyNotRequired.COVERED,
        WhyNotRequired.WITHDRAWN,
    )
    return {
        "may_explain": beside.makes_sense(entry, now),
        "may_have_time": entry.required and not entry.received_at,
        "may_be_covered": is_free and not entry.covers.exists(),
        "may_be_excused": is_free and entry.required,
        "is_covered": entry.why_not_required == WhyNotRequired.COVERED,
        "is_excused": entry.why_not_required == WhyNotRequired.JOINED_AFTER_OPENING,
    }


@synergi_required
@require_POST
def cover(request: HttpRequest, slug: str, maker_slug: str) -> HttpResponse:
    entry = _entry(slug, maker_slug)
    form = CoverForm(request.POST, choices=not_required.may_cover(entry))
    if not form.is_valid():
        return _page(request, entry, form)
    covering = form.cleaned_data["with_"]
    said = _("It is reported with %(name)s now.") % {"name": covering.pledge_maker.name}
    return _do(request, entry, not_required.cover, said, by_entry=covering)


@synergi_required
@require_POST
def excuse(request: HttpRequest, slug: str, maker_slug: str) -> HttpResponse:
    said = _("No update is asked of it in this round now.")
    return _do(request, _entry(slug, maker_slug), not_required.joined_after_opening, said)


@synergi_required
@require_POST
def require_(request: HttpRequest, slug: str, maker_slug: str) -> HttpResponse:
    """Undoes either of the two."""
    entry = _entry(slug, maker_slug)
    is_covered = entry.why_not_required == WhyNotRequired.COVERED
    undo = not_required.uncover if is_covered else not_required.require_again
    return _do(request, entry, undo, _("Its own update is asked for again."))


def _do(request: HttpRequest, entry: RoundEntry, act: Callable[..., None], said: str, **more: Any) -> HttpResponse:
    """One act, a sentence about what came of it, and back to the page."""
    try:
        act(entry=entry, by=request.user, now=timezone.now(), **more)
    except Refusals as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect("staff:entry", entry.round.slug, entry.pledge_maker.slug)


@synergi_required
@require_http_methods(["GET", "POST"])
def words(request: HttpRequest, slug: str, maker_slug: str) -> HttpResponse:
    """What the Pledge Maker asked the team to put beside its status."""
    entry = _entry(slug, maker_slug)
    standing = {name: getattr(entry, name) for name in beside.PARTS} | {"seen": beside.mark_of(entry)}
    form = OwnWordsForm(sent_or_kept(request), initial=standing)
    if request.method == "POST" and form.is_valid():
        try:
            beside.say(entry=entry, by=request.user, now=timezone.now(), **form.cleaned_data)  # type: ignore[arg-type]
        except beside.ChangedMeanwhile as changed:
            form.data = typed_anew(request.POST, seen=beside.mark_of(changed.entry))
            form.add_error(None, str(changed))
            return _words_page(request, changed.entry, form, changed=True)
        except Refusals as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved. Everybody can read it beside the status now."))
            return redirect("staff:entry", slug, maker_slug)
    return _words_page(request, entry, form)


def _words_page(request: HttpRequest, entry: RoundEntry, form: OwnWordsForm, *, changed: bool = False) -> HttpResponse:
    context = {"entry": entry, "pledge_maker": entry.pledge_maker, "round": entry.round, "form": form}
    context |= {"status": public_status(entry, timezone.now()), "changed": changed}
    return render(request, "staff/entry_words.html", context, status=409 if changed else 200)


@synergi_required
@require_http_methods(["GET", "POST"])
def take_away(request: HttpRequest, slug: str, maker_slug: str, part: str) -> HttpResponse:
    """Words that hold personal data are removed at once; the reason is mailed."""
    entry, found = _entry(slug, maker_slug), beside.PARTS.get(part)
    if found is None:
        raise Http404
    form = TakeAwayForm(sent_or_kept(request))
    if request.method == "POST" and form.is_valid():
        said = _("The words are gone. We have written why.")
        return _do(request, entry, beside.take_away, said, part=part, **form.cleaned_data)
    if request.method == "GET" and not getattr(entry, part):
        return redirect("staff:entry", slug, maker_slug)
    context = {"entry": entry, "pledge_maker": entry.pledge_maker, "round": entry.round, "form": form}
    return render(request, "staff/entry_take_away.html", context | {"part": found, "text": getattr(entry, part)})
