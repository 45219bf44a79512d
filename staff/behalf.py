"""Where a member of the team stands who enters an update from a document: the workspace's own pages, in our frame."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from accounts.access import synergi_required
from accounts.models import User
from progress_updates import documents
from progress_updates.models import ProgressUpdate, SourceDocument, State
from progress_updates.permissions import NotAllowed, is_alone_in_the_team
from progress_updates.views.workspace_place import Place, refused
from signatories.models import PledgeMaker

# The pages of the workspace, as they are called here.
OURS = {"task_list": "write", "section": "write_section", "no_change": "write_no_change", "in_full": "write_in_full"}


@dataclass
class EnteredPlace(Place):
    """The same as a member's place, without a membership: the update is the team's to write."""

    frame = "staff/_frame.html"
    aside = "staff/_document_beside.html"
    may_write = True
    limit = ""
    is_leader = False
    is_with_the_team = False  # type: ignore[assignment]
    why_not_start = ""

    @property
    def maker(self) -> PledgeMaker:
        return self.entry.pledge_maker

    @property
    def can_write_now(self) -> bool:
        return self.update.is_editable

    @cached_property
    def sources(self) -> list[tuple[SourceDocument, str]]:
        """Each document that was kept, with its words where they can be read."""
        return [(each, documents.text_of(each)) for each in self.update.sources.order_by("received_on", "pk")]

    def url(self, name: str, *more: str) -> str:
        return reverse(f"staff:{OURS.get(name, name)}", args=[self.update.pk, *more])

    @property
    def home(self) -> str:
        return reverse("staff:pledge_maker", args=[self.maker.slug])


def place_or_404(request: HttpRequest, pk: int) -> EnteredPlace:
    """Only what the team entered; what a Pledge Maker writes itself is not here."""
    by = request.user
    assert isinstance(by, User)
    rows = ProgressUpdate.objects.exclude(entered_by=None).select_related(
        "entry__pledge_maker", "entry__round", "entry__covered_by__pledge_maker", "entry__extension", "entered_by"
    )
    update = get_object_or_404(rows, pk=pk)
    return EnteredPlace(None, update.entry, update, by, timezone.now())  # type: ignore[arg-type]


def on_behalf_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of the team about one update that it enters; what the domain refuses is said on a page."""

    @synergi_required
    @wraps(view)
    def found(request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        place = place_or_404(request, pk)
        try:
            return view(request, place, **kwargs)
        except NotAllowed as refusal:
            return refused(request, place, str(refusal))

    return found


def entered_of(update: ProgressUpdate, by: Any, steps: set[str]) -> dict[str, bool]:
    """What the review page says of an update that the team entered. `steps` are those open to this person."""
    if update.entered_by_id is None:
        return {}
    mine = update.entered_by_id == by.pk and update.state in (State.SUBMITTED, State.IN_REVIEW)
    alone = mine and is_alone_in_the_team(by)
    return {
        "alone": alone,
        "colleague_reviews": mine and not alone,
        "may_take_back": bool(steps & {"take_back", "recall"}),
    }
