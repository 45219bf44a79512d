"""Rounds in public: the list, a round as it stands, and its national report as page, PDF and data. No cookie."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from accounts.public_pages import public, unchanged_within_the_minute
from design.csv_file import csv_response
from progress_updates import findings, statistics
from progress_updates.lateness import public_status
from progress_updates.models import Round
from reports import national
from reports.frozen import IN_A_PART
from reports.models import Document, Kind, NationalReport, State
from reports.national_data import HEADER, rows_of
from reports.national_reading import reading_of
from reports.views import RETRY_AFTER, file_response


@public
@unchanged_within_the_minute
def index(request: HttpRequest) -> HttpResponse:
    """Every round that has opened, newest first. Two queries, however many there are."""
    now = timezone.now()
    rounds = Round.objects.opened().filter(opened_at__lte=now).newest_first()
    summaries = statistics.summaries_of(rounds, now)
    reported = dict(NationalReport.objects.public().order_by("version").values_list("round", "published_at"))
    rows = [
        {
            "round": each.round,
            "finding": findings.of_round(each),
            "key": findings.key(each),
            "report_on": reported.get(each.round.pk),
        }
        for each in summaries
    ]
    return render(request, "reports/rounds.html", {"rows": rows, "as_at": now})


@public
@unchanged_within_the_minute
def round_page(request: HttpRequest, slug: str, version: int | None = None) -> HttpResponse:
    """The newest published version of the report, or the one asked for; before there is any, the round as it stands."""
    now = timezone.now()
    round_ = _opened(slug, now)
    versions = _versions(round_)
    report = _chosen(versions, version)
    if report is None:
        return _as_it_stands(request, round_, now)
    about = {"round": round_, "report": report, "versions": versions, "is_pinned": version is not None}
    return render(request, "reports/national/page.html", about | page_of(request, report))


def page_of(request: HttpRequest, report: NationalReport) -> dict[str, Any]:
    """The report, its document, and where more than one page is needed the pages: four queries."""
    figures, withheld = report.figures(), national.withheld_in(report)
    wanted = request.GET.get("page", "1")
    page = Paginator(range(figures["makers"]), IN_A_PART).get_page(wanted)
    makers = report.makers_of(page.number)
    content = national.readable_content({**figures, "pledge_makers": makers}, withheld)
    reading = reading_of(content, first=page.start_index())
    document = document_of(report, withheld)
    about = {"reading": reading, "page": page, "is_unknown_page": wanted != str(page.number)}
    return {**about, "document": document, "is_made": document is not None and document.is_whole()}


def _as_it_stands(request: HttpRequest, round_: Round, now: datetime) -> HttpResponse:
    """The round live. Three queries."""
    entries = list(statistics.entries_with_status(round_, now).select_related("extension"))
    summary = findings.summary_of(entries, round_, now)
    about = {
        "round": round_,
        "as_at": now,
        "finding": findings.of_round(summary),
        "key": findings.key(summary),
        "rows": [{"entry": entry, "status": public_status(entry, now)} for entry in entries],
        "is_open": round_.is_open(now),
        "is_late": round_.publishes_at < now,
    }
    return render(request, "reports/round_live.html", about)


@public
def pdf(request: HttpRequest, slug: str, version: int | None = None) -> HttpResponseBase:
    """The stored file; until it is made, a page that says so and asks to come back."""
    round_, report = _report_or_404(slug, version)
    document = document_of(report, national.withheld_in(report))
    if document is None or not document.is_whole():
        return _being_prepared(request, report, document)
    return file_response(request, document, f"{round_.slug}-v{report.version}.pdf")


@public
def data(request: HttpRequest, slug: str, version: int | None = None) -> HttpResponseBase:
    """Status and ratings of each Pledge Maker, from the frozen report."""
    round_, report = _report_or_404(slug, version)
    content = national.readable(report, national.withheld_in(report))
    name = f"{round_.slug}-v{report.version}"
    return csv_response(name=name, header=HEADER, rows=rows_of(content), day=timezone.localdate(report.as_at))


def _opened(slug: str, now: datetime) -> Round:
    """A planned round does not exist yet for the public."""
    return get_object_or_404(Round.objects.opened().filter(opened_at__lte=now), slug=slug)


def _versions(round_: Round) -> list[NationalReport]:
    """Published versions, newest first. One query."""
    return list(NationalReport.objects.public().filter(round=round_).order_by("-version"))


def _chosen(versions: list[NationalReport], version: int | None) -> NationalReport | None:
    """The one asked for (404 where there is none), or the newest."""
    if version is None:
        return next(iter(versions), None)
    if (found := next((each for each in versions if each.version == version), None)) is None:
        raise Http404
    return found


def _report_or_404(slug: str, version: int | None) -> tuple[Round, NationalReport]:
    round_ = _opened(slug, timezone.now())
    if (report := _chosen(_versions(round_), version)) is None:
        raise Http404
    report.round = round_
    return round_, report


def document_of(report: NationalReport, withheld: Sequence[int | str]) -> Document | None:
    """The document, unless it still holds what has been withheld since. One query."""
    found = Document.objects.filter(national_report=report, kind=Kind.NATIONAL_REPORT).first()
    return found if found and found.leaves_out == national.as_text(withheld) else None


def _being_prepared(request: HttpRequest, report: NationalReport, document: Document | None) -> HttpResponse:
    failed = document is not None and document.state == State.FAILED
    response = render(request, "reports/national/being_prepared.html", {"report": report, "failed": failed}, status=503)
    if not failed:
        response["Retry-After"] = str(RETRY_AFTER)
    return response
