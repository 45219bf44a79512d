"""Reading what a Pledge Maker sent, and deciding. Looking is no review: only a button changes anything."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import synergi_required
from accounts.fresh import fresh_sign_in_required, take_typed
from accounts.permissions import can_publish
from jobs.waking import wake
from progress_updates import workflow
from progress_updates.lateness import public_status
from progress_updates.models import ProgressUpdate, State
from progress_updates.permissions import NotAllowed
from reports.tasks import build_missing
from staff.behalf import entered_of
from staff.forms import SendBackForm
from staff.reading import last_activity, reading_of

OURS = ("start_review", "return_by_staff", "accept", "publish", "undo_publication")


def _update(pk: int) -> ProgressUpdate:
    rows = ProgressUpdate.objects.select_related(
        "entry__pledge_maker",
        "entry__round",
        "entry__covered_by__pledge_maker",
        "entry__extension",
        "signed_by__organisation",
        "entered_by",
    )
    return get_object_or_404(rows, pk=pk)


@synergi_required
@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    update, typed = _update(pk), take_typed(request)
    sends_back = typed and "reason" in typed
    return _page(request, update, SendBackForm(typed, today=timezone.localdate()) if sends_back else None)


def _page(
    request: HttpRequest, update: ProgressUpdate, form: SendBackForm | None = None, status: int = 200
) -> HttpResponse:
    now, reading = timezone.now(), reading_of(update)
    steps = {s.name for s in workflow.steps_open_to(update=update, by=request.user, now=now)}  # type: ignore[arg-type]
    context = {
        "update": update,
        "entry": update.entry,
        "pledge_maker": update.entry.pledge_maker,
        "round": update.entry.round,
        "status": public_status(update.entry, now),
        "entered": entered_of(update, request.user, steps),
        "reading": reading,
        "timeline": [(workflow.STEPS[change.action].past, change) for change in reversed(reading.changes)],
        "last_activity": last_activity(update, reading.changes),
        "may": {name: name in steps for name in OURS},
        "may_publish_later": "publish" in steps and update.entry.round.publishes_at > now,
        "undo_until": update.published_at + workflow.permissions.UNDO_WITHIN if update.published_at else None,
        "form": form or SendBackForm(today=timezone.localdate(now)),
        "may_cancel_publication": "publish" in steps and update.publish_at is not None,
        "may_withhold": update.state == State.PUBLISHED and can_publish(request.user),  # type: ignore[arg-type]
        "is_theirs": update.state in (State.DRAFT, State.AWAITING_SIGN_OFF, State.RETURNED),
    }
    return render(request, "staff/update.html", context, status=status)


def _page_of(request: HttpRequest, pk: int) -> str:
    return reverse("staff:update", args=[pk])


@synergi_required
@require_POST
def start_review(request: HttpRequest, pk: int) -> HttpResponse:
    return _take(request, pk, "start_review", _("The review has started. The Pledge Maker can no longer recall it."))


@synergi_required
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    return _take(request, pk, "accept", _("Accepted. A publisher can publish it now."))


@synergi_required
@require_POST
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """With a reason. Where it is refused, the page comes back with what was typed."""
    update, now = _update(pk), timezone.now()
    form = SendBackForm(request.POST, today=timezone.localdate(now))
    if _moved_on(request, update, "return_by_staff"):
        return _page(request, update, form, status=409)
    if not form.is_valid():
        return _page(request, update, form)
    said = _("Sent back, with your words.")
    about = {"update": update, "by": request.user, "now": now}
    if not _try(request, workflow.return_by_staff, said, **about, **form.cleaned_data):
        return _page(request, _update(pk), form, status=409)
    return redirect("staff:update", pk)


@synergi_required
@require_POST
@fresh_sign_in_required(back=_page_of)
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """At once, or with `when=later` at the round's publication time."""
    if request.POST.get("when") == "later":
        if _update(pk).publish_at:
            messages.info(request, _("This is planned already. Nothing was changed."))
            return redirect("staff:update", pk)
        return _take(request, pk, "publish", _("It will be published at the round’s publication time."), later=True)
    response = _take(request, pk, "publish", _("Published. Everybody can read it now."))
    wake(build_missing)
    return response


@synergi_required
@require_POST
@fresh_sign_in_required(back=_page_of)
def undo_publication(request: HttpRequest, pk: int) -> HttpResponse:
    return _take(request, pk, "undo_publication", _("Publication is undone. It is accepted, and no longer public."))


def _take(request: HttpRequest, pk: int, name: str, said: str, *, later: bool = False) -> HttpResponse:
    """One step of the workflow, a sentence about what came of it, and back to the page."""
    update = _update(pk)
    if not _moved_on(request, update, name):
        step: Callable[..., None] = getattr(workflow, "publish_later" if later else name)
        _try(request, step, said, update=update, by=request.user, now=timezone.now())
    return redirect("staff:update", pk)


def _try(request: HttpRequest, step: Callable[..., None], said: str, **about: Any) -> bool:
    """Takes the step and says what came of it. True when it was taken."""
    try:
        step(**about)
    except (NotAllowed, workflow.WrongState, workflow.ReasonMissing) as refusal:
        messages.error(request, str(refusal))
        return False
    messages.success(request, said)
    return True


def _moved_on(request: HttpRequest, update: ProgressUpdate, name: str) -> bool:
    """Whether the page on which somebody pressed the button was old; then it says what happened since."""
    last = update.changes.order_by("at", "pk").last()
    if update.state == workflow.STEPS[name].target:
        done = _("This is done already: the update is “%(state)s”. Nothing was changed.")
        messages.info(request, done % {"state": State(update.state).label})
        return True
    if request.POST.get("seen") == str(last.pk if last else 0):
        return False
    old = _("This update has moved on since you opened the page. It is now “%(state)s”. Read it again, then decide.")
    messages.error(request, old % {"state": State(update.state).label})
    return True
