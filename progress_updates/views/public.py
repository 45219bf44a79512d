"""Pages for everybody: who is a Pledge Maker, what each promised, what became of it. No session, no cookie."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from hashlib import sha256
from operator import attrgetter
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import Max, Prefetch
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe

from accounts.models import AuditEvent
from progress_updates import findings, statistics
from progress_updates.models import RoundEntry
from progress_updates.profile import profile, statement_page, status_of
from signatories.models import PledgeMaker, PledgeMakerOrganisation, Region, Statement

View = Callable[..., HttpResponseBase]


def _etag(request: HttpRequest, **kwargs: Any) -> str:
    """Changes with each recorded act, and with each minute, for pages say "as at". One query."""
    last = AuditEvent.objects.aggregate(last=Max("pk"))["last"]
    seen = f"{request.get_full_path()} {timezone.now():%Y-%m-%d %H:%M} {last}"
    return f'"{sha256(seen.encode()).hexdigest()[:32]}"'


def public(view: View) -> View:
    """A page for everybody, which caches must ask about each time: what is taken back is gone at once."""
    return login_not_required(require_safe(cache_control(public=True, no_cache=True)(follow_old_addresses(view))))


def unchanged_within_the_minute(view: View) -> View:
    """Answers 304 at the price of one query."""
    return condition(etag_func=_etag)(view)


def follow_old_addresses(view: View) -> View:
    """What is not found under a Pledge Maker's former address has moved for good."""

    @wraps(view)
    def followed(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, **kwargs)
        except Http404:
            if (slug := _moved_to(kwargs.get("slug", ""))) is None:
                raise
        assert request.resolver_match
        return HttpResponsePermanentRedirect(reverse(request.resolver_match.view_name, kwargs={**kwargs, "slug": slug}))

    return followed


def _moved_to(old_slug: str) -> str | None:
    moved = PledgeMaker.objects.published().filter(former_addresses__slug=old_slug)
    return moved.values_list("slug", flat=True).first()


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
@unchanged_within_the_minute
def pledge_maker(request: HttpRequest, slug: str) -> HttpResponse:
    now = timezone.now()
    try:
        found = profile(slug=slug, now=now)
    except PledgeMaker.DoesNotExist:
        raise Http404 from None
    return render(request, "public/pledge_maker.html", {"profile": found, "maker": found.maker, "as_at": now})


@public
@unchanged_within_the_minute
def statement(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    public_statements = Statement.objects.public().filter(
        pledge_maker__slug=slug, pledge_maker__in=PledgeMaker.objects.published()
    )
    found = get_object_or_404(public_statements.select_related("wording", "pledge_maker"), version=version)
    return render(request, "public/statement.html", {"page": statement_page(found), "maker": found.pledge_maker})
