"""Where somebody stands in the workspace: their membership, the round, and the update as it is now."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from progress_updates import beside
from progress_updates.completeness import is_as_sent
from progress_updates.entries import SPEAKERS, why_nothing_is_taken
from progress_updates.lateness import moment
from progress_updates.models import ProgressUpdate, Question, Round, RoundEntry, State
from progress_updates.permissions import WRITERS, NotAllowed, is_with_the_team, is_within_limit
from progress_updates.workflow import Step, steps_open_to
from signatories.access import membership_or_404
from signatories.models import Membership, PledgeMaker, Role
from signatories.roles import limit_in_words

View = Callable[..., HttpResponse]


@dataclass
class Place:
    """One Pledge Maker's place in one round, as one member sees it. `update` may not be stored yet."""

    membership: Membership
    entry: RoundEntry
    update: ProgressUpdate
    by: User
    now: datetime

    # The frame around its pages, and what stands beside the boxes.
    frame = "workspace.html"
    aside = "progress_updates/_last_round.html"

    @property
    def maker(self) -> PledgeMaker:
        return self.membership.pledge_maker

    @property
    def round(self) -> Round:
        return self.entry.round

    @property
    def started(self) -> bool:
        return self.update.pk is not None

    @property
    def may_write(self) -> bool:
        """Whether this person's role writes; whether the update can be written in now is another question."""
        return self.membership.role in WRITERS

    @property
    def limit(self) -> str:
        """The objectives that this contributor is limited to, in words; empty for everybody else."""
        return limit_in_words(self.membership.objectives)

    @property
    def may_write_all(self) -> bool:
        """Whether this person also does what touches the whole update: ask for the signature, recall, correct."""
        return self.may_write and not self.limit

    @property
    def can_write_now(self) -> bool:
        return self.may_write and self.update.is_editable and not self.why_not_start and not self.is_with_the_team

    def can_write_in(self, question: Question) -> bool:
        """Whether this person can write in this section now."""
        return self.can_write_now and (not self.limit or is_within_limit(self.membership, question))

    @cached_property
    def as_sent(self) -> bool:
        """Entered from a document, or a correction of that: complete as it came."""
        return is_as_sent(self.update)

    @cached_property
    def is_with_the_team(self) -> bool:
        """Whether the Synergi team enters it from a document, so that the Pledge Maker only reads."""
        return is_with_the_team(self.update)

    @property
    def may_speak(self) -> bool:
        """Whether this person's role asks for more time, or says something beside the status."""
        return self.membership.role in SPEAKERS

    @property
    def may_explain(self) -> bool:
        return self.may_speak and beside.makes_sense(self.entry, self.now)

    @property
    def may_ask_for_time(self) -> bool:
        return self.may_speak and self.entry.required and not self.entry.received_at

    @property
    def is_correction(self) -> bool:
        return self.update.version > 1

    @property
    def may_correct(self) -> bool:
        """Whether the newest version is published, so that a correction can begin."""
        return self.may_write_all and self.started and self.update.state == State.PUBLISHED

    @property
    def nothing_taken(self) -> str:
        """Why no update of this Pledge Maker itself is taken in this round; empty when it is."""
        return why_nothing_is_taken(self.entry)

    @cached_property
    def speaks_for(self) -> list[str]:
        """Those who report with this Pledge Maker in this round, by name."""
        names = self.entry.covers.order_by("pledge_maker__name").values_list("pledge_maker__name", flat=True)
        return list(names)

    @property
    def is_leader(self) -> bool:
        return self.membership.role == Role.LEADER

    @property
    def is_closed(self) -> bool:
        closes_at = max(self.round.closes_at, self.entry.extended_to or self.round.closes_at)
        return self.now.replace(microsecond=0) > closes_at

    @property
    def why_not_start(self) -> str:
        """Why no draft can be begun now, in a sentence; empty when one can, or stands already.
        Who joined after the opening may write, though nobody asks them to."""
        if self.started:
            return ""
        if self.nothing_taken:
            return self.nothing_taken
        return _("This round has closed. Ask the Synergi team for an extension.") if self.is_closed else ""

    @cached_property
    def questions(self) -> list[Question]:
        return list(self.round.questions.all())

    @cached_property
    def open_steps(self) -> dict[str, Step]:
        """The steps of the workflow that this person may take now, by name."""
        if not self.started:
            return {}
        return {step.name: step for step in steps_open_to(update=self.update, by=self.by, now=self.now)}

    def url(self, name: str, *more: str) -> str:
        return reverse(f"progress_updates:{name}", args=[self.maker.slug, self.round.slug, *more])

    @property
    def home(self) -> str:
        return reverse("progress_updates:home", args=[self.maker.slug])

    def again(self) -> "Place":
        """The same place read anew: after a step was refused, or somebody was faster."""
        return place_in(self.membership, self.entry, by=self.by, now=self.now)


class NoPlace(Exception):
    """The round is there, but this Pledge Maker has nothing to write in it; says why."""

    def __init__(self, membership: Membership, words: str) -> None:
        super().__init__(words)
        self.membership = membership


def place_in(membership: Membership, entry: RoundEntry, *, by: User, now: datetime) -> Place:
    update = entry.updates.select_related("asked_by", "signed_by").order_by("-version").first()
    update = update or ProgressUpdate(entry=entry, version=1)
    update.entry = entry
    return Place(membership, entry, update, by, now)


def place_or_404(request: HttpRequest, slug: str, round_slug: str) -> Place:
    """The member's place in a round. Not a member, or no such round: 404."""
    by, now = request.user, timezone.now()
    assert isinstance(by, User)
    membership = membership_or_404(by, slug)
    round_ = get_object_or_404(Round, slug=round_slug)
    entry = round_.entries.filter(pledge_maker=membership.pledge_maker)
    entry = entry.select_related("covered_by__pledge_maker", "extension")
    found = entry.first()
    if found is None:
        raise NoPlace(membership, _why_no_place(round_))
    found.round, found.pledge_maker = round_, membership.pledge_maker
    return place_in(membership, found, by=by, now=now)


def _why_no_place(round_: Round) -> str:
    if round_.opened_at is None:
        return _("%(round)s has not opened yet. It is planned to open on %(day)s. We will write to you then.") % {
            "round": round_.label,
            "day": moment(round_.opens_at).rpartition(",")[0],
        }
    return _("%(round)s opened without your organisation in it. Nothing is asked of you in this round.") % {
        "round": round_.label
    }


def question_or_404(place: Place, key: str) -> Question:
    for question in place.questions:
        if question.key == key:
            return question
    raise Http404


def workspace_page(view: View) -> View:
    """Finds the place first, and answers what the domain refuses with a page that says why."""

    @wraps(view)
    def found(request: HttpRequest, slug: str, round_slug: str, **kwargs: Any) -> HttpResponse:
        try:
            place = place_or_404(request, slug, round_slug)
        except NoPlace as no_place:
            return _no_place(request, no_place)
        try:
            return view(request, place, **kwargs)
        except NotAllowed as refusal:
            return refused(request, place, str(refusal))

    return found


def _no_place(request: HttpRequest, no_place: NoPlace) -> HttpResponse:
    if request.method != "GET":
        raise Http404
    context = {"maker": no_place.membership.pledge_maker, "words": str(no_place)}
    return render(request, "progress_updates/no_place.html", context)


def refused(request: HttpRequest, place: Place, words: str) -> HttpResponse:
    """Nothing was changed, and why."""
    return render(request, "progress_updates/refused.html", {"place": place, "words": words}, status=403)
