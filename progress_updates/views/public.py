"""Pages for everybody: who is a Pledge Maker, what each promised, what became of it. No session, no cookie."""

from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from accounts.public_pages import public, unchanged_within_the_minute
from progress_updates import findings, statistics
from progress_updates.models import RoundEntry
from progress_updates.profile import profile, statement_page, status_of
from signatories.addresses import follow_old_addresses
from signatories.models import PledgeMaker, PledgeMakerOrganisation, Region, Statement


@public
@unchanged_within_the_minute
def pledge_makers(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    round_ = statistics.current_round(now)
    entries = list(statistics.entries_with_status(round_, now)) if round_ else []
    finding = findings.of_round(findings.summary_of(entries, round_, now)) if round_ else ""
    by_maker = {entry.pledge_maker_id: entry for entry in entries}
    parts = PledgeMakerOrganisation.objects.filter(left_on=None).select_related("organisation")
    makers = PledgeMaker.objects.published().prefetch_related(Prefetch("parts", parts)).order_by("name", "pk")
    rows = [_row(maker, by_maker.get(maker.pk), now) for maker in makers]
    about = {"rows": rows, "round": round_, "finding": finding, "as_at": now}
    return render(request, "public/pledge_makers.html", about)


def _row(maker: PledgeMaker, entry: RoundEntry | None, now: datetime) -> dict[str, Any]:
    organisations = sorted((part.organisation for part in maker.parts.all()), key=attrgetter("name"))
    regions = dict.fromkeys(str(Region(each.region).label) for each in organisations if each.region)
    return {
        "maker": maker,
        "organisations": organisations,
        "regions": list(regions),
        "status": status_of(maker, entry, now),
        "entry": entry,
    }


@public
@follow_old_addresses
@unchanged_within_the_minute
def pledge_maker(request: HttpRequest, slug: str) -> HttpResponse:
    now = timezone.now()
    try:
        found = profile(slug=slug, now=now)
    except PledgeMaker.DoesNotExist:
        raise Http404 from None
    return render(request, "public/pledge_maker.html", {"profile": found, "maker": found.maker, "as_at": now})


@public
@follow_old_addresses
@unchanged_within_the_minute
def statement(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    public_statements = Statement.objects.public().filter(
        pledge_maker__slug=slug, pledge_maker__in=PledgeMaker.objects.published()
    )
    found = get_object_or_404(public_statements.select_related("wording", "pledge_maker"), version=version)
    return render(request, "public/statement.html", {"page": statement_page(found), "maker": found.pledge_maker})
