"""Pledge Makers as the team sees them: people, Statement, rounds."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import synergi_required
from accounts.fresh import fresh_sign_in_required
from accounts.permissions import can_publish
from progress_updates.lateness import public_status
from progress_updates.models import ProgressUpdate, State
from signatories import invitations, signing, statements, terms
from signatories.models import PledgeMaker, Statement, StatementState


@synergi_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    # PostgreSQL takes no NUL in a text.
    typed = " ".join(request.GET.get("q", "").replace("\0", " ").split())[:200]
    makers = _with_what_we_need(PledgeMaker.objects.all())
    if typed:
        by_code = Q(organisations__ods_code__iexact=typed)
        makers = makers.filter(Q(name__icontains=typed) | Q(organisations__name__icontains=typed) | by_code)
    return render(request, "staff/pledge_makers.html", {"pledge_makers": makers.distinct(), "q": typed})


def _with_what_we_need(makers: QuerySet[PledgeMaker]) -> QuerySet[PledgeMaker]:
    newest = Statement.objects.filter(pledge_maker=OuterRef("pk")).order_by("-version")
    in_office = Q(leaders__until_on=None) | Q(leaders__until_on__gte=timezone.localdate())
    leaders = Count("leaders", filter=in_office, distinct=True)
    return makers.annotate(
        leaders_now=leaders,
        statement_state=Subquery(newest.values("state")[:1]),
        statement_version=Subquery(newest.values("version")[:1]),
    ).order_by("name", "pk")


@synergi_required
@require_safe
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    maker = get_object_or_404(PledgeMaker.objects.select_related("caseworker"), slug=slug)
    now = timezone.now()
    memberships = maker.memberships.filter(ended_at=None).select_related("user")
    found = terms.terms_of(maker, day=timezone.localdate(now))
    context = {
        "pledge_maker": maker,
        "organisations": maker.parts.filter(left_on=None).select_related("organisation").order_by("organisation__name"),
        "terms": found,
        "nobody_leads": bool(found) and not any(term.in_office for term in found),
        "members": memberships.order_by("since", "pk"),
        "invitations": invitations.open_for(maker, now=now),
        "statements": maker.statements.order_by("-version"),
        "entries": _entries(maker, now),
    }
    return render(request, "staff/pledge_maker.html", context)


def _entries(maker: PledgeMaker, now: datetime) -> list[dict[str, Any]]:
    newest = ProgressUpdate.objects.filter(entry=OuterRef("pk")).order_by("-version")
    entries: QuerySet[Any] = maker.entries.select_related("round", "covered_by__pledge_maker", "extension").annotate(
        update_pk=Subquery(newest.values("pk")[:1]), update_state=Subquery(newest.values("state")[:1])
    )
    return [
        {
            "entry": entry,
            "status": public_status(entry, now),
            "state": State(entry.update_state).label if entry.update_state else "",
        }
        for entry in entries.order_by("-round__due_at", "-round__pk")
    ]


@synergi_required
@require_safe
def statement(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    """The whole Statement, once it is signed; until then it is the Pledge Maker's own."""
    found = _statement(slug, version)
    plans = statements.plans_of(found)
    context = {
        "statement": found,
        "pledge_maker": found.pledge_maker,
        "is_draft": found.state == StatementState.DRAFT,
        "parts": [{"objective": row, "text": plans[row.number]} for row in found.wording.objectives.all()],
        "signatures": found.signatures.all(),
        "may_publish": found.state == StatementState.SIGNED and can_publish(request.user),  # type: ignore[arg-type]
        "waits_for_publisher": found.state == StatementState.SIGNED,
    }
    return render(request, "staff/statement.html", context)


def _statement(slug: str, version: int) -> Statement:
    rows = Statement.objects.select_related("pledge_maker", "wording", "published_by")
    return get_object_or_404(rows, pledge_maker__slug=slug, version=version)


def _statement_page(request: HttpRequest, slug: str, version: int) -> str:
    return reverse("staff:statement", args=[slug, version])


@synergi_required
@require_POST
@fresh_sign_in_required(back=_statement_page)
def publish_statement(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    found = _statement(slug, version)
    if not can_publish(request.user):  # type: ignore[arg-type]
        messages.error(request, _("Only a publisher can publish. Ask a colleague who is one."))
        return redirect(_statement_page(request, slug, version))
    try:
        published = signing.publish(statement=found, by=request.user, now=timezone.now())  # type: ignore[arg-type]
    except statements.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        if published:
            said = _("The Statement of %(name)s is published.") % {"name": found.pledge_maker.name}
            messages.success(request, said)
        else:
            messages.info(request, _("This Statement is published already. Nothing was changed."))
    return redirect(_statement_page(request, slug, version))
