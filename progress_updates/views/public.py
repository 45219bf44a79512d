"""Pages for everybody: who is a Pledge Maker, what each promised, what became of it. No session, no cookie."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from accounts.public_pages import public, unchanged_within_the_minute
from progress_updates import findings
from progress_updates.list_address import ORGANISATION_KINDS, REGIONS, SORTS
from progress_updates.list_words import chosen, pages_of, statuses
from progress_updates.profile import profile, statement_page
from progress_updates.public_list import public_list
from signatories.addresses import follow_old_addresses
from signatories.models import PledgeMaker, Statement


@public
@unchanged_within_the_minute
def pledge_makers(request: HttpRequest) -> HttpResponse:
    """Everything that the list shows is asked for in its address."""
    now = timezone.now()
    found = public_list(request.GET, now)
    about = {
        "list": found,
        "wanted": found.wanted,
        "round": found.round,
        "as_at": now,
        "finding": findings.of_round(found.summary) if found.summary else "",
        "statuses": statuses(found),
        "chosen": chosen(found.wanted),
        "pages": pages_of(found),
        "choices": {"region": REGIONS, "kind": ORGANISATION_KINDS, "sort": SORTS},
    }
    return render(request, "public/pledge_makers.html", about)


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
