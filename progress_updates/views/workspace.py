"""The home of a Pledge Maker, and the task list of its update in a round."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from progress_updates import drafting, snapshots
from progress_updates.completeness import what_is_missing
from progress_updates.lateness import public_status
from progress_updates.models.update import SENT
from progress_updates.permissions import NotAllowed
from progress_updates.views.terms import leader_cards
from progress_updates.views.workspace_place import Place, refused, workspace_page
from progress_updates.views.workspace_words import (
    COMPLETED,
    cards_of,
    last_tasks,
    next_action,
    return_in_force,
    statement_action,
    tasks_of,
    timeline_of,
)
from signatories import statements
from signatories.access import membership_or_404


@require_safe
def home(request: HttpRequest, slug: str) -> HttpResponse:
    """What is asked now, and what was sent before."""
    membership = membership_or_404(request.user, slug)  # type: ignore[arg-type]
    membership.user = request.user  # type: ignore[assignment]
    now = timezone.now()
    cards = cards_of(membership, now=now)
    statement = statements.latest(membership.pledge_maker)
    context = {
        "membership": membership,
        "maker": membership.pledge_maker,
        "leader_cards": leader_cards(membership, statement, now=now),
        "statement_action": statement_action(membership, statement),
        "asked": [card for card in cards if card.is_asked],
        "earlier": [card for card in cards if not card.is_asked],
        "statement": statement,
    }
    return render(request, "progress_updates/home.html", context)


@require_safe
@workspace_page
def task_list(request: HttpRequest, place: Place) -> HttpResponse:
    tasks = tasks_of(place)
    context = {
        "place": place,
        "status": public_status(place.entry, place.now),
        "returned": return_in_force(place.update),
        "tasks": tasks,
        "last_tasks": last_tasks(place, tasks),
        "done": sum(task.status == COMPLETED for task in tasks),
        "action": next_action(place),
        "timeline": timeline_of(place.update),
    }
    return render(request, "progress_updates/task_list.html", context)


@require_POST
@workspace_page
def start(request: HttpRequest, place: Place) -> HttpResponse:
    """The draft is made by pressing a button, never by looking. A second press opens the same draft."""
    check_can_start(place)
    drafting.start_update(entry=place.entry, by=place.by, now=place.now)
    return redirect(place.url("task_list"))


def check_can_start(place: Place) -> None:
    """Only where an update can be wanted, and while the round, or an extension, lasts. What was started stays."""
    if place.why_not_start:
        raise NotAllowed(place.why_not_start)


@require_safe
@workspace_page
def read(request: HttpRequest, place: Place) -> HttpResponse:
    """The update as it stands: what was signed, or the draft."""
    if not place.started:
        messages.info(request, _("Nothing has been written in this round yet."))
        return redirect(place.url("task_list"))
    snapshot = place.update.snapshots.last() if place.update.state in SENT else None
    content = snapshots.read(snapshot) if snapshot else snapshots.content_of(place.update)
    missing = [] if snapshot else what_is_missing(place.update)
    context = {"place": place, "content": content, "snapshot": snapshot, "missing": missing}
    return render(request, "progress_updates/read.html", context)


@require_safe
@workspace_page
def statement(request: HttpRequest, place: Place) -> HttpResponse:
    """The Statement of Intent, to be read while writing."""
    published = statements.published(place.maker)
    if published is None:
        return refused(request, place, _("The Statement of Intent has not been published yet."))
    plans = statements.plans_of(published)
    objectives = [(objective, plans[objective.number]) for objective in published.wording.objectives.all()]
    context = {"place": place, "statement": published, "objectives": objectives}
    return render(request, "progress_updates/statement_of_intent.html", context)
