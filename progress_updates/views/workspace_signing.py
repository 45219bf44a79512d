"""From the check to the signature: ask, take back, sign, return, recall."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.fresh import fresh_sign_in_required, take_typed
from progress_updates import snapshots, workflow
from progress_updates.completeness import Missing, what_is_missing
from progress_updates.forms import ReasonForm, SignForm, typed_anew
from progress_updates.lateness import ON_TIME, lateness
from progress_updates.models import AnswerVersion, State
from progress_updates.permissions import (
    NotAllowed,
    check_can_lead,
    check_can_recall,
    check_can_sign,
    current_leader,
    is_alone,
    was_returned_by_staff,
)
from progress_updates.views.workspace_place import Place, workspace_page
from progress_updates.views.workspace_words import return_in_force
from signatories.models import Leader, Role


@require_http_methods(["GET", "POST"])
@workspace_page
def check(request: HttpRequest, place: Place) -> HttpResponse:
    """All answers on one page, what is missing, and the question for the signature."""
    if not place.started:
        messages.info(request, _("Nothing has been written in this round yet."))
        return redirect(place.url("task_list"))
    if request.method == "POST":
        return _ask(request, place)
    if not (place.can_write_now and place.may_write_all):
        return redirect(place.url("read"))
    return _check_page(request, place, what_is_missing(place.update))


def _ask(request: HttpRequest, place: Place) -> HttpResponse:
    try:
        workflow.ask_for_signature(update=place.update, by=place.by, now=place.now)
    except workflow.Incomplete as incomplete:
        return _check_page(request, place, incomplete.missing, pressed=True)
    except workflow.WrongState as wrong:
        return _stands(
            request, place, wrong, State.AWAITING_SIGN_OFF, "asked", _("The signature is already asked for.")
        )
    return redirect(place.url("asked"))


def _stands(request: HttpRequest, place: Place, wrong: Exception, wanted: State, page: str, words: str) -> HttpResponse:
    """A step came too late. If the update stands where it should lead, that was a second press."""
    if place.again().update.state == wanted:
        messages.info(request, _("%(fact)s Nothing was changed.") % {"fact": words})
        return redirect(place.url(page))
    messages.error(request, str(wrong))
    return redirect(place.url("task_list"))


def _check_page(request: HttpRequest, place: Place, missing: list[Missing], pressed: bool = False) -> HttpResponse:
    lacking: dict[str, list[dict[str, str]]] = {}
    for each in missing:
        lacking.setdefault(each.key, []).append({"words": each.words, "url": _where(place, each)})
    content = snapshots.content_of(place.update)
    sections = [(section, lacking.get(section["key"], [])) for section in content["sections"]]
    context = {
        "place": place,
        "sections": sections,
        "links": [{"text": f"{each.title}: {each.words}", "href": _where(place, each)} for each in missing],
        "pressed": pressed,
        "returned": return_in_force(place.update),
        "leaders": _leaders(place),
        "alone": is_alone(place.maker),
    }
    return render(request, "progress_updates/check.html", context)


ANCHORS = {"rating": "id_rating_0", "completed": "id_completed_0", "steps": "steps", "outcomes": "outcomes"}


def _where(place: Place, missing: Missing) -> str:
    """The address of the field to put right."""
    if missing.field == "no_change_reason":
        return f"{place.url('no_change', missing.key)}#id_reason"
    return f"{place.url('section', missing.key)}#{ANCHORS.get(missing.field, f'id_{missing.field}')}"


@require_safe
@workspace_page
def asked(request: HttpRequest, place: Place) -> HttpResponse:
    """What happens next, and when."""
    if place.update.state != State.AWAITING_SIGN_OFF:
        return redirect(place.url("task_list"))
    return render(request, "progress_updates/asked.html", {"place": place, "leaders": _leaders(place)})


def _leaders(place: Place) -> QuerySet[Leader]:
    """Those who can sign today."""
    leading = place.maker.memberships.filter(ended_at=None, role=Role.LEADER)
    return Leader.objects.on(timezone.localdate(place.now)).filter(
        pledge_maker=place.maker, user__in=leading.values("user")
    )


@require_POST
@workspace_page
def take_back(request: HttpRequest, place: Place) -> HttpResponse:
    return _step(request, place, workflow.take_back, _("The request is taken back. You can write again."))


def _step(request: HttpRequest, place: Place, step: Callable[..., Any], words: str) -> HttpResponse:
    _check_started(place)
    try:
        step(update=place.update, by=place.by, now=place.now)
        messages.success(request, words)
    except workflow.WrongState as wrong:
        messages.error(request, str(wrong))
    return redirect(place.url("task_list"))


def _check_started(place: Place) -> None:
    if not place.started:
        raise NotAllowed(_("Nothing has been written in this round yet."))


@require_http_methods(["GET", "POST"])
@workspace_page
def sign(request: HttpRequest, place: Place) -> HttpResponse:
    """The leader reads and signs. Who may not, hears why before being asked to prove anything."""
    check_can_lead(update=place.update, by=place.by, now=place.now)
    if place.update.state != State.AWAITING_SIGN_OFF:
        return _not_to_be_signed(request, place)
    return _sign_afresh(request, place)


def _not_to_be_signed(request: HttpRequest, place: Place) -> HttpResponse:
    update = place.update
    if update.signed_by_id and update.signed_by.user_id == place.by.pk and not update.is_editable:  # type: ignore[union-attr]
        if request.method == "POST":
            messages.info(request, _("You have already signed this update. Nothing was changed."))
        return redirect(place.url("signed"))
    messages.info(request, _("There is nothing to sign here now. Nothing was changed."))
    return redirect(place.url("task_list"))


@fresh_sign_in_required
def _sign_afresh(request: HttpRequest, place: Place) -> HttpResponse:
    if request.method != "POST":
        return _signing_page_after_proof(request, place)
    form = SignForm(request.POST)
    if not form.is_valid():
        return _signing_page(request, place, form)
    try:
        workflow.sign(update=place.update, by=place.by, now=place.now, read=form.cleaned_data["read"])
    except workflow.ChangedSinceRead:
        return _signing_page(request, place.again(), SignForm(), changed=_changed_since_read())
    except workflow.WrongState as wrong:
        return _stands(request, place, wrong, State.SUBMITTED, "signed", _("This update is already signed."))
    except workflow.Incomplete as incomplete:
        return _signing_page(request, place.again(), SignForm(), changed=str(incomplete))
    return redirect(place.url("signed"))


def _signing_page_after_proof(request: HttpRequest, place: Place) -> HttpResponse:
    """What was ticked before the proof stays ticked only for the very words that were read then."""
    kept = take_typed(request)
    if kept and kept.get("read") != snapshots.fingerprint(place.update):
        return _signing_page(request, place, SignForm(), changed=_changed_since_read())
    return _signing_page(request, place, SignForm(initial={"declared": bool(kept and kept.get("declared"))}))


def _changed_since_read() -> str:
    return _("The answers have changed since you opened this page. Below is the newest. Read it before you sign.")


def _signing_page(request: HttpRequest, place: Place, form: SignForm, changed: str = "") -> HttpResponse:
    """Whatever came back, the page carries the fingerprint of what it shows."""
    fingerprint = snapshots.fingerprint(place.update)
    form.initial["read"] = fingerprint
    if form.is_bound:
        form.data = typed_anew(request.POST, read=fingerprint)
    context = {
        "place": place,
        "form": form,
        "changed": changed,
        "content": snapshots.content_of(place.update),
        "edited": _edited_by(place),
        "leader": current_leader(place.maker, place.by, place.now),
        "alone": is_alone(place.maker),
        "why_not": _why_not(place),
    }
    return render(request, "progress_updates/sign.html", context)


def _why_not(place: Place) -> str:
    """Why this leader may read and return, but not sign; empty when they may."""
    try:
        check_can_sign(update=place.update, by=place.by, now=place.now)
    except NotAllowed as refusal:
        return str(refusal)
    return ""


def _edited_by(place: Place) -> list[str]:
    """The sections that the leader saved in: editing does not bar, and is named."""
    saved = AnswerVersion.objects.filter(answer__update=place.update, saved_by=place.by)
    titles = saved.order_by("answer__question__order").values_list("answer__question__title", flat=True)
    return list(dict.fromkeys(titles))


@require_http_methods(["GET", "POST"])
@workspace_page
def return_(request: HttpRequest, place: Place) -> HttpResponse:
    """The leader sends it back to the writers, with a reason."""
    if request.method == "POST":
        return _return(request, place, ReasonForm(request.POST))
    check_can_lead(update=place.update, by=place.by, now=place.now)
    if place.update.state != State.AWAITING_SIGN_OFF:
        return _not_to_be_signed(request, place)
    return _return_page(request, place, ReasonForm(take_typed(request)))


def _return(request: HttpRequest, place: Place, form: ReasonForm) -> HttpResponse:
    """Where it is refused, the reason stays on the page."""
    try:
        check_can_lead(update=place.update, by=place.by, now=place.now)
        if not form.is_valid():
            return _return_page(request, place, form)
        workflow.return_by_leader(update=place.update, by=place.by, now=place.now, reason=form.cleaned_data["reason"])
    except (NotAllowed, workflow.WrongState) as refusal:
        form.add_error(None, str(refusal))
        return _return_page(request, place, form, status=403 if isinstance(refusal, NotAllowed) else 409)
    messages.success(request, _("The update is back with its writers. They see your reason."))
    return redirect(place.url("task_list"))


def _return_page(request: HttpRequest, place: Place, form: ReasonForm, status: int = 200) -> HttpResponse:
    return render(request, "progress_updates/return.html", {"place": place, "form": form}, status=status)


@require_safe
@workspace_page
def signed(request: HttpRequest, place: Place) -> HttpResponse:
    """It is sent: what happens next, and when."""
    if place.update.state != State.SUBMITTED:
        return redirect(place.url("task_list"))
    context = {
        "place": place,
        "snapshot": place.update.snapshots.last(),
        "on_time": lateness(place.entry, place.now) == ON_TIME,
    }
    return render(request, "progress_updates/signed.html", context)


@require_http_methods(["GET", "POST"])
@workspace_page
def recall(request: HttpRequest, place: Place) -> HttpResponse:
    """Says what a recall means before it happens: this submission then never counted as received."""
    _check_started(place)
    if request.method == "POST":
        return _step(request, place, workflow.recall, _("The update is recalled. You can write again."))
    if "recall" not in place.open_steps:
        messages.info(request, _why_no_recall(place))
        return redirect(place.url("task_list"))
    return render(request, "progress_updates/recall.html", {"place": place} | _what_a_recall_means(place))


def _why_no_recall(place: Place) -> str:
    if place.may_write_all and place.update.state == State.SUBMITTED:
        try:
            check_can_recall(update=place.update, by=place.by, now=place.now)
        except NotAllowed as refusal:
            return str(refusal)
    return _("This update cannot be recalled now. Nothing was changed.")


def _what_a_recall_means(place: Place) -> dict[str, Any]:
    """An earlier submission that the team sent back goes on counting; then nothing becomes late."""
    entry, update = place.entry, place.update
    earlier = bool(entry.received_at and update.signed_at and entry.received_at < update.signed_at)
    return {
        "still_counts": entry.received_at if earlier else None,
        "asked": entry.required and not earlier,
        "too_late": place.now > entry.due,
        "send_until": None if was_returned_by_staff(update) else max(place.round.closes_at, entry.due),
    }
