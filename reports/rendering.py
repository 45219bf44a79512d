"""The PDF of a published update, from the same words as its page."""

from django.conf import settings
from django.template.loader import render_to_string

from design.pdf import render_pdf
from progress_updates.models import Snapshot
from reports.content import report_of

# Seconds for one document; an ordinary one takes about one.
TIME_LIMIT = 60.0


def html_of(snapshot: Snapshot) -> str:
    return render_to_string("reports/document.html", {"report": report_of(snapshot), "is_demo": settings.DEMO})


def pdf_of(snapshot: Snapshot) -> bytes:
    """Raises design.pdf.PdfFailed with a sentence for people."""
    return render_pdf(html_of(snapshot), base_url=f"{settings.SITE_URL}/", time_limit=TIME_LIMIT)
