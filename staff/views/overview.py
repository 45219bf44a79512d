"""The start page of the team: how the round stands, what waits for whom, what is stuck."""

from collections import Counter
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import synergi_required
from progress_updates import beside, extensions
from progress_updates.statistics import current_round, round_summary
from signatories import statements
from staff import joining, stuck, waiting
from staff.words import finding_of, key_of

# Of each kind that waits, unless the address asks for all.
FIRST = 10
STATEMENTS, FAILED = "statements", ("mails", "documents")


@synergi_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Nine queries, and one more when there are new words beside a status."""
    now, shown = timezone.now(), None if "all" in request.GET else FIRST
    round_ = current_round(now)
    summary = round_summary(round_, now) if round_ else None
    counts, words = _counts(request, now), waiting.words()
    first = waiting.rows_of(waiting.REVIEW, now, owner="", by=request.user)[:FIRST]  # type: ignore[arg-type]
    requests, said = extensions.open_requests(), beside.newly_said(now)
    context = {
        "now": now,
        "round": round_,
        "finding": finding_of(summary) if summary else "",
        "key": key_of(summary) if summary else [],
        "figures": [(kind, counts[kind], words[kind], f"?what={kind}") for kind in words],
        "items": [waiting.item_of(waiting.REVIEW, row) for row in first],
        "since": waiting.since_words(waiting.REVIEW),
        "to_review": counts[waiting.REVIEW],
        "statements": list(statements.to_publish()[:shown]),
        "statement_count": counts[STATEMENTS],
        "joining": joining.waiting_of(counts),
        "requests": requests[:shown],
        "request_count": len(requests),
        "said": said[:shown],
        "said_count": len(said),
        "failures": sum(counts[name] for name in FAILED),
    }
    return render(request, "staff/overview.html", context)


def _counts(request: HttpRequest, now: datetime) -> Counter[str]:
    """How much of everything waits or failed. One query."""
    queues = waiting.counted_queues(now, owner="", by=request.user)  # type: ignore[arg-type]
    failed = [waiting.counted(name, rows) for name, rows in zip(FAILED, stuck.failures(), strict=True)]
    to_publish = waiting.counted(STATEMENTS, statements.to_publish())
    return waiting.counts_of(*queues, to_publish, *joining.counted_queues(), *failed)
