"""The national report of a round: built as a preview, read by the team, then put before the public."""

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import synergi_required
from accounts.fresh import fresh_sign_in_required
from progress_updates.models import Round
from reports import national
from reports.models import Document, Kind, NationalReport
from reports.round_views import document_of, page_of
from reports.views import file_response


def _report(slug: str, version: int) -> NationalReport:
    return get_object_or_404(NationalReport.objects.select_related("round"), round__slug=slug, version=version)


@synergi_required
@require_safe
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """Every version, what became of its PDF, and the button for a new one. Two queries for all of them."""
    round_ = get_object_or_404(Round.objects.opened(), slug=slug)
    documents = Document.objects.filter(kind=Kind.NATIONAL_REPORT)
    reports = NationalReport.objects.filter(round=round_).defer("body").select_related("asked_by").order_by("-version")
    versions = reports.prefetch_related(Prefetch("documents", documents))
    may_build = national.can_build(round_=round_, by=request.user, now=timezone.now())  # type: ignore[arg-type]
    return render(
        request, "staff/national_versions.html", {"round": round_, "versions": versions, "may_build": may_build}
    )


@synergi_required
@require_safe
def preview(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    """The report as everybody will read it, published or not."""
    report, now = _report(slug, version), timezone.now()
    about = {
        "round": report.round,
        "report": report,
        "may_publish": report.published_at is None
        and national.can_build(round_=report.round, by=request.user, now=now),  # type: ignore[arg-type]
    }
    return render(request, "staff/national.html", about | page_of(request, report))


@synergi_required
@require_safe
def pdf(request: HttpRequest, slug: str, version: int) -> HttpResponseBase:
    """The PDF of a preview, for the team."""
    report = _report(slug, version)
    document = document_of(report, national.withheld_in(report))
    if document is None or not document.is_whole():
        messages.info(request, _("The PDF is not ready yet. Try again in a minute."))
        return redirect("staff:national", slug, version)
    return file_response(request, document, f"{slug}-v{version}.pdf")


@synergi_required
@require_POST
def build(request: HttpRequest, slug: str) -> HttpResponse:
    round_ = get_object_or_404(Round, slug=slug)
    try:
        report = national.build(round_=round_, by=request.user, now=timezone.now())  # type: ignore[arg-type]
    except national.NationalRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("staff:national_versions", slug)
    said = _("Version %(n)s is built, as a preview for the team. Its PDF is being made.")
    messages.success(request, said % {"n": report.version})
    return redirect("staff:national", slug, report.version)


def _page_of(request: HttpRequest, slug: str, version: int) -> str:
    return reverse("staff:national", args=[slug, version])


@synergi_required
@require_POST
@fresh_sign_in_required(back=_page_of)
def publish(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    report = _report(slug, version)
    try:
        national.publish(report=report, by=request.user, now=timezone.now())  # type: ignore[arg-type]
    except national.NationalRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Version %(n)s is published. Everybody can read it now.") % {"n": version})
    return redirect("staff:national", slug, version)
