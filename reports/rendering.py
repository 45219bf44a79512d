"""The PDFs of a published update and of a national report, from the same words as their pages."""

from collections.abc import Sequence

from django.conf import settings
from django.template.loader import render_to_string

from design.pdf import render_pdf
from progress_updates.models import Snapshot
from reports import national
from reports.content import report_of
from reports.models import NationalReport
from reports.national_reading import reading_of

# Seconds for one document; an ordinary one takes about one.
TIME_LIMIT = 60.0
# A round of 60 Pledge Makers takes about half a minute. A worker's task may last five minutes.
NATIONAL_TIME_LIMIT = 200.0


def html_of(snapshot: Snapshot) -> str:
    return render_to_string("reports/document.html", {"report": report_of(snapshot), "is_demo": settings.DEMO})


def pdf_of(snapshot: Snapshot) -> bytes:
    """Raises design.pdf.PdfFailed with a sentence for people."""
    return render_pdf(html_of(snapshot), base_url=f"{settings.SITE_URL}/", time_limit=TIME_LIMIT)


def national_html_of(report: NationalReport, withheld: Sequence[int | str]) -> str:
    reading = reading_of(national.readable(report, withheld))
    about = {"report": report, "reading": reading, "is_demo": settings.DEMO}
    return render_to_string("reports/national/document.html", about)


def national_pdf_of(report: NationalReport, withheld: Sequence[int | str]) -> bytes:
    """Without what is named. Raises design.pdf.PdfFailed with a sentence for people."""
    html = national_html_of(report, withheld)
    return render_pdf(html, base_url=f"{settings.SITE_URL}/", time_limit=NATIONAL_TIME_LIMIT)
