"""The home page: the pledge, who signed, who reported, who has gone quiet."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Window
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts.public_pages import public, unchanged_within_the_minute
from progress_updates import findings, national, news, statistics
from progress_updates.lateness import public_status
from progress_updates.models import ProgressUpdate, Round
from signatories.models import PledgeWording

# How many of the quiet stand on the home page; the list has them all.
QUIET_SHOWN = 6
# With more Pledge Makers than that a bar says what their marks would: nobody counts two thousand marks.
MARKS_SHOWN = 200


@public
@unchanged_within_the_minute
def home(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    shown = {"as_at": now, "signed": national.who_signed(now), "news": news.recent(now)}
    return render(request, "pledge_tracker/home.html", {**shown, **_round(now), **_quiet(now), **_objectives(now)})


def _round(now: datetime) -> dict[str, Any]:
    round_ = statistics.current_round(now)
    if round_ is None:
        return {"round": None}
    summary = statistics.round_summary(round_, now)
    is_crowded = sum(summary.counts.values()) > MARKS_SHOWN
    about = {"round": round_, "finding": findings.of_round(summary), "key": findings.key(summary)}
    return {**about, "is_crowded": is_crowded, "marks": [] if is_crowded else _marks(summary, now)}


def _marks(summary: statistics.RoundSummary, now: datetime) -> list[tuple[str, str, str]]:
    """One for each Pledge Maker, those of one status together. One query."""
    marks = [
        (status.kind, f"{entry.pledge_maker.name}: {status.words}", _address(entry.pledge_maker.slug))
        for entry in statistics.entries_with_status(summary.round, now)
        if (status := public_status(entry, now))
    ]
    order = {kind: place for place, kind in enumerate(summary.counts)}
    return sorted(marks, key=lambda mark: order[mark[0]])


def _quiet(now: datetime) -> dict[str, Any]:
    round_ = news.round_to_answer_for(now)
    if round_ is None:
        return {"quiet_round": None}
    entries: list[Any] = list(news.quiet(round_, now).annotate(of=Window(Count("*")))[:QUIET_SHOWN])
    rows = [{"entry": entry, "status": public_status(entry, now)} for entry in entries]
    count = entries[0].of if entries else 0
    return {"quiet_round": round_, "quiet": rows, "quiet_count": count, "quiet_more": count - len(rows)}


def _objectives(now: datetime) -> dict[str, Any]:
    """The seven objectives with the ratings of the latest round that is over, while few have rated the open one."""
    published = ProgressUpdate.objects.published().filter(entry__round=OuterRef("pk"))
    newest = Round.objects.filter(Exists(published)).select_related("wording").newest_first()
    round_ = newest.filter(due_at__lt=now).first() or newest.first()
    wording = round_.wording if round_ else PledgeWording.objects.order_by("-effective_on").first()
    ratings = statistics.ratings_by_objective(round_) if round_ else []
    by_number = {each.number: each for each in ratings}
    objectives = wording.objectives.all() if wording else []
    return {
        "rated_round": round_,
        "objectives": [(objective, by_number.get(objective.number)) for objective in objectives],
        "objectives_finding": findings.of_objectives(ratings),
    }


def _address(slug: str) -> str:
    return reverse("public:pledge_maker", args=[slug])
