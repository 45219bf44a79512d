"""A published update as a page and as a PDF. No session, no cookie."""

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

from accounts.public_pages import public
from progress_updates import published
from progress_updates.models import ProgressUpdate, Snapshot
from reports.content import report_of
from reports.models import Document, Kind, State
from signatories.addresses import follow_old_addresses

# How soon a reader may ask again for a PDF that is being prepared. Seconds.
RETRY_AFTER = 20


@public
@follow_old_addresses
def update(request: HttpRequest, slug: str, round_slug: str, version: int | None = None) -> HttpResponse:
    """The newest published version, or the one asked for."""
    versions, shown = _find(slug, round_slug, version)
    about: dict[str, Any] = {"update": shown, "versions": versions, "maker": shown.entry.pledge_maker}
    if shown.withheld_at:
        return render(request, "reports/withheld.html", {**about, "sha256": published.record_of(shown).sha256})
    snapshot = published.record_of(shown)
    document = _document_of(snapshot)
    about |= {"report": report_of(snapshot), "document": document, "is_made": document and document.is_whole()}
    about["is_pinned"] = version is not None
    return render(request, "reports/update.html", about)


@public
@follow_old_addresses
def pdf(request: HttpRequest, slug: str, round_slug: str, version: int | None = None) -> HttpResponseBase:
    """The stored file; until it is made, a page that says so and asks to come back."""
    shown = _find(slug, round_slug, version)[1]
    if shown.withheld_at:
        raise Http404
    document = _document_of(published.record_of(shown))
    if document is None or not document.is_whole():
        return _being_prepared(request, shown, document)
    return file_response(request, document, f"{slug}-{round_slug}-v{shown.version}.pdf")


def _find(slug: str, round_slug: str, version: int | None) -> tuple[list[ProgressUpdate], ProgressUpdate]:
    """All published versions and the one to show; 404 where nothing is published."""
    versions = published.versions(slug=slug, round_slug=round_slug)
    if version is None:
        shown = published.readable(versions) or next(iter(versions), None)
    else:
        shown = next((each for each in versions if each.version == version), None)
    if shown is None:
        raise Http404
    return versions, shown


def _document_of(snapshot: Snapshot) -> Document | None:
    return Document.objects.filter(snapshot=snapshot, kind=Kind.PROGRESS_REPORT).first()


def _being_prepared(request: HttpRequest, shown: ProgressUpdate, document: Document | None) -> HttpResponse:
    failed = document is not None and document.state == State.FAILED
    about = {"update": shown, "maker": shown.entry.pledge_maker, "failed": failed}
    response = render(request, "reports/being_prepared.html", about, status=503)
    if not failed:
        response["Retry-After"] = str(RETRY_AFTER)
    return response


def file_response(request: HttpRequest, document: Document, name: str) -> HttpResponseBase:
    """The stored PDF, to be read in the browser; 304 to who has it already."""
    etag = f'"{document.sha256}"'
    if unchanged := get_conditional_response(request, etag=etag):
        return unchanged
    response = FileResponse(document.path.open("rb"), filename=name, content_type="application/pdf")
    response["ETag"] = etag
    if document.made_at:
        response["Last-Modified"] = http_date(document.made_at.timestamp())
    return response
