"""The start page of the team: how the round stands, what waits for whom, what is stuck."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import synergi_required
from progress_updates import beside, extensions
from progress_updates.statistics import current_round, round_summary
from staff import joining, queue, stuck, waiting
from staff.words import finding_of, key_of

# Of what waits longest; the queue has all.
FIRST = 10


@synergi_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Fourteen queries, and one more when there are new words beside a status."""
    now = timezone.now()
    round_ = current_round(now)
    summary = round_summary(round_, now) if round_ else None
    figures, words = waiting.figures(now, owner="", by=request.user), waiting.words()  # type: ignore[arg-type]
    first = waiting.rows_of(waiting.REVIEW, now, owner="", by=request.user)[:FIRST]  # type: ignore[arg-type]
    context = {
        "now": now,
        "round": round_,
        "finding": finding_of(summary) if summary else "",
        "key": key_of(summary) if summary else [],
        "figures": [(kind, count, words[kind], f"?what={kind}") for kind, count in figures.items()],
        "items": [waiting.item_of(waiting.REVIEW, row) for row in first],
        "since": waiting.since_words(waiting.REVIEW),
        "to_review": figures[waiting.REVIEW],
        "statements": queue.statements_to_publish(),
        "joining": joining.waiting(),
        "requests": extensions.open_requests(),
        "said": beside.newly_said(now),
        "failures": stuck.failures(),
    }
    return render(request, "staff/overview.html", context)
