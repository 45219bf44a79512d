"""Making the documents that are missing, in two lanes: of single updates, and of whole rounds.

Rows are the truth: whatever the public may read and has no document gets a row, and a row that is due is
claimed by compare-and-set, built and marked. A builder that dies leaves a lease that runs out, and another
goes on. Never call `build_missing` or `build_national` inside a transaction: the claim must be visible to others.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from design.pdf import PdfFailed
from jobs.clock import Clock
from jobs.crashpoints import reached
from jobs.waking import wake
from reports import files, national, rendering, tasks
from reports.models import Document, Kind, State, public_snapshots

logger = logging.getLogger(__name__)

# How long to wait after the first and the second failed attempt; after the third the document has failed.
BACKOFF = (timedelta(minutes=1), timedelta(minutes=10))
MAX_ATTEMPTS = len(BACKOFF) + 1
# Longer than the renderer may take for one document of the kind.
LEASE = timedelta(seconds=rendering.TIME_LIMIT + 40)
NATIONAL_LEASE = timedelta(seconds=rendering.NATIONAL_TIME_LIMIT + 40)
LEASES = {Kind.PROGRESS_REPORT: LEASE, Kind.NATIONAL_REPORT: NATIONAL_LEASE}
# After that many seconds a run begins no further document; the next run goes on.
LONGEST_RUN = 200.0
LONGEST_NATIONAL_RUN = 60.0


class CannotRetry(Exception):
    """The document is not one that failed."""


def build_missing(*, now: datetime) -> int:
    """Makes every document of a single update that is due; returns how many were made."""
    plan(now=now)
    return _make(Kind.PROGRESS_REPORT, Clock(now), LONGEST_RUN)


def build_national(*, now: datetime) -> int:
    """Freezes the national reports that are due and makes their documents; returns how many documents were made.

    They take their time, so they have a lane of their own: no update waits for a whole round."""
    clock = Clock(now)
    national.build_due(now=now)
    national.plan_documents(now=now)
    return _make(Kind.NATIONAL_REPORT, clock, LONGEST_NATIONAL_RUN)


def _make(kind: Kind, clock: Clock, longest: float) -> int:
    made = 0
    for document in list(Document.objects.due(clock.now(), kind).select_related("snapshot")):
        if clock.elapsed() > longest:
            break
        if _claim(document, clock.now()):
            reached("reports.claimed")
            made += _build(document, clock) == State.READY
    return made


def is_busy(*, now: datetime, kind: Kind = Kind.PROGRESS_REPORT) -> bool:
    """Whether somebody is making such a document now. One of a kind at a time: memory stays bounded."""
    return Document.objects.filter(kind=kind, state=State.BUILDING, lease_until__gt=now).exists()


def release_all(*, now: datetime) -> int:
    """Ends the leases of builders that are known to be gone: for the start of a site that runs alone."""
    return Document.objects.filter(state=State.BUILDING).update(
        state=State.WAITING, lease_until=None, next_attempt_at=now
    )


def plan(*, now: datetime) -> int:
    """Gives a waiting row to every public snapshot without one; returns how many. Safe to run twice."""
    missing = public_snapshots().exclude(documents__kind=Kind.PROGRESS_REPORT)
    rows = [
        Document(snapshot_id=pk, kind=Kind.PROGRESS_REPORT, created_at=now, next_attempt_at=now)
        for pk in missing.values_list("pk", flat=True)
    ]
    Document.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def forget_lost_files(*, now: datetime) -> int:
    """Documents whose file is gone or cut (a restore without its files) wait to be made again."""
    lost = [document for document in Document.objects.filter(state=State.READY) if not document.is_whole()]
    return sum(_change(document, state=State.WAITING, attempts=0, next_attempt_at=now) for document in lost)


def retry(*, document: Document, by: User, now: datetime) -> None:
    """Lets a failed document be tried again, from the first attempt. Raises CannotRetry."""
    changed = Document.objects.filter(pk=document.pk, state=State.FAILED).update(
        state=State.WAITING, attempts=0, next_attempt_at=now, retried_by=by, retried_at=now
    )
    if not changed:
        raise CannotRetry
    audit.record(action="document.retried", by=by, about=document, now=now)
    wake(tasks.build_missing if document.kind == Kind.PROGRESS_REPORT else tasks.build_national)


def _claim(document: Document, now: datetime) -> bool:
    """Makes the document ours until the lease ends. False: somebody was faster."""
    return _change(
        document, state=State.BUILDING, lease_until=now + LEASES[Kind(document.kind)], attempts=document.attempts + 1
    )


def _build(document: Document, clock: Clock) -> str:
    """Brings a claimed document to its next state, and returns that."""
    if document.attempts > MAX_ATTEMPTS:
        return _failed(document, _("The program that makes the PDF stopped in the middle of every attempt."), clock)
    try:
        pdf, leaves_out = _rendered(document)
        written = files.write(pdf, suffix=".pdf")
    except PdfFailed as error:
        return _failed(document, error.reason, clock)
    except OSError as error:
        return _failed(document, _("The file could not be stored: %(why)s.") % {"why": error.strerror}, clock)
    ready = {"file": written.file, "sha256": written.sha256, "bytes": written.bytes, "made_at": clock.now()}
    reached("reports.stored")
    _change(document, state=State.READY, lease_until=None, error="", leaves_out=leaves_out, **ready)
    return document.state


def _rendered(document: Document) -> tuple[bytes, str]:
    """The PDF, and what it leaves out because it is withheld. Raises PdfFailed."""
    if document.snapshot:
        return rendering.pdf_of(document.snapshot), ""
    assert document.national_report
    withheld = national.withheld_in(document.national_report)
    return rendering.national_pdf_of(document.national_report, withheld), national.as_text(withheld)


def _failed(document: Document, why: str, clock: Clock) -> str:
    logger.warning("document_not_made document=%s attempt=%s", document.pk, document.attempts)
    if document.attempts >= MAX_ATTEMPTS:
        _change(document, state=State.FAILED, lease_until=None, error=why)
    else:
        again = clock.now() + BACKOFF[document.attempts - 1]
        _change(document, state=State.WAITING, lease_until=None, error=why, next_attempt_at=again)
    return document.state


def _change(document: Document, **changes: Any) -> bool:
    """Compare-and-set on what was read: state, attempts and lease. False: the row has moved on."""
    as_read = Document.objects.filter(
        pk=document.pk, state=document.state, attempts=document.attempts, lease_until=document.lease_until
    )
    if not as_read.update(**changes):
        logger.warning("document_moved_on document=%s", document.pk)
        return False
    for name, value in changes.items():
        setattr(document, name, value)
    return True
