"""The home page: the pledge, who signed, who reported, who has gone quiet."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts.public_pages import public, unchanged_within_the_minute
from progress_updates import findings, news, statistics
from progress_updates.lateness import public_status
from progress_updates.models import Round, State
from signatories.models import PledgeWording

# How many of the quiet stand on the home page; the list has them all.
QUIET_SHOWN = 6


@public
@unchanged_within_the_minute
def home(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    shown = {"as_at": now, "signed": statistics.signed(), "news": news.recent(now)}
    return render(request, "pledge_tracker/home.html", {**shown, **_round(now), **_quiet(now), **_objectives(now)})


def _round(now: datetime) -> dict[str, Any]:
    round_ = statistics.current_round(now)
    if round_ is None:
        return {"round": None}
    summary = statistics.round_summary(round_, now)
    marks = [
        (status.kind, f"{entry.pledge_maker.name}: {status.words}", _address(entry.pledge_maker.slug))
        for entry in statistics.entries_with_status(round_, now)
        if (status := public_status(entry, now))
    ]
    order = {kind: place for place, kind in enumerate(summary.counts)}
    marks.sort(key=lambda mark: order[mark[0]])
    return {"round": round_, "finding": findings.of_round(summary), "marks": marks, "key": findings.key(summary)}


def _quiet(now: datetime) -> dict[str, Any]:
    round_ = news.round_to_answer_for(now)
    if round_ is None:
        return {"quiet_round": None}
    entries = list(news.quiet(round_, now))
    rows = [{"entry": entry, "status": public_status(entry, now)} for entry in entries[:QUIET_SHOWN]]
    return {"quiet_round": round_, "quiet": rows, "quiet_count": len(entries), "quiet_more": len(entries) - len(rows)}


def _objectives(now: datetime) -> dict[str, Any]:
    """The seven objectives with the ratings of the latest round that is over, while few have rated the open one."""
    rated = Round.objects.filter(entries__updates__state=State.PUBLISHED, entries__updates__withheld_at=None)
    newest = rated.select_related("wording").distinct().newest_first()
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
