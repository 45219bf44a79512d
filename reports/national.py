"""The national report of a round: built in versions, a preview until it is published, never changed.

The clock builds it twice: when the round closes, as a preview for the Synergi team, and when the round's publication
time has come, public at once. A publisher builds and publishes versions at any other time.
Whatever is built shows what was published at that moment; what is withheld later is left out of every version.
"""

import hashlib
from collections import defaultdict
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.permissions import can_publish
from jobs.crashpoints import reached
from jobs.waking import wake
from progress_updates.models import ProgressUpdate, Round
from progress_updates.snapshots import canonical
from reports import tasks
from reports.content import printable
from reports.models import Document, Kind, NationalReport, State
from reports.national_content import SCHEMA, content_of, without


class NationalRefused(Exception):
    """The report cannot be built or published; the message is a sentence for people."""


def can_build(*, round_: Round, by: User, now: datetime) -> bool:
    """Publishers and administrators, for a round that has opened."""
    return can_publish(by) and round_.opened_at is not None and round_.opened_at <= now


def check_can_build(*, round_: Round, by: User, now: datetime) -> None:
    if not can_publish(by):
        raise NationalRefused(_("Only a publisher of the Synergi team can do this."))
    if not can_build(round_=round_, by=by, now=now):
        raise NationalRefused(_("This round has not opened yet."))


def build(*, round_: Round, by: User, now: datetime) -> NationalReport:
    """Freezes a new version, as a preview. Its PDF follows. Raises NationalRefused."""
    check_can_build(round_=round_, by=by, now=now)
    if (report := _freeze(round_, by=by, now=now, is_public=False)) is None:
        raise NationalRefused(_("Somebody else built a version at the same moment. Read that one first."))
    wake(tasks.build_national)
    return report


@transaction.atomic
def publish(*, report: NationalReport, by: User, now: datetime) -> None:
    """Puts a version before the public. Raises NationalRefused where it is public already."""
    check_can_build(round_=report.round, by=by, now=now)
    waiting = NationalReport.objects.filter(pk=report.pk, published_at=None)
    if not waiting.update(published_at=now, published_by=by):
        raise NationalRefused(_("This version is public already. Nothing was changed."))
    audit.record(action="national_report.published", by=by, about=report, now=now, version=report.version)


def due(now: datetime) -> QuerySet[Round]:
    """Rounds whose report the clock has to build: closed without any, or past publication without a later one.

    Rounds that were imported as history are left to a publisher.
    """
    reports = NationalReport.objects.filter(round=OuterRef("pk"))
    settled = reports.filter(Q(published_at__isnull=False) | Q(as_at__gte=OuterRef("publishes_at")))
    rounds = Round.objects.opened().filter(is_past=False, closes_at__lt=now)
    return rounds.filter(~Exists(reports) | Q(publishes_at__lte=now) & ~Exists(settled)).order_by("due_at", "pk")


def build_due(*, now: datetime) -> int:
    """Freezes every report that is due; returns how many. Safe to run twice and by several at once."""
    made = [_freeze(round_, by=None, now=now, is_public=round_.publishes_at <= now) for round_ in due(now)]
    return sum(1 for report in made if report)


def _freeze(round_: Round, *, by: User | None, now: datetime, is_public: bool) -> NationalReport | None:
    """A new version with its figures, all of one moment. None: somebody else took its number."""
    is_outermost = not connection.in_atomic_block
    try:
        with transaction.atomic():
            if is_outermost:
                _see_one_moment()
            if by is None and not due(now).filter(pk=round_.pk).exists():
                return None
            return _store(round_, by=by, now=now, is_public=is_public)
    except IntegrityError:
        return None


def _see_one_moment() -> None:
    """Every query of a build sees the same state of the database. SQLite does so by itself."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def _store(round_: Round, *, by: User | None, now: datetime, is_public: bool) -> NationalReport:
    last = NationalReport.objects.filter(round=round_).aggregate(last=Max("version"))["last"] or 0
    content, updates = content_of(round_, version=last + 1, now=now)
    body = canonical(content)
    reached("reports.national_counted")
    report = NationalReport.objects.create(
        round=round_,
        version=last + 1,
        schema=SCHEMA,
        body=body,
        sha256=hashlib.sha256(body).hexdigest(),
        as_at=now,
        built_at=now,
        asked_by=by,
        published_at=now if is_public else None,
    )
    report.updates.set(updates)
    audit.record(action="national_report.built", by=by, about=report, now=now, version=report.version)
    reached("reports.national_stored")
    return report


# --- Reading -------------------------------------------------------------------------------------------------


def withheld_in(report: NationalReport) -> list[int]:
    """The updates in a report that the public may no longer read, ascending. One query."""
    gone = report.updates.exclude(pk__in=ProgressUpdate.objects.published())
    return list(gone.order_by("pk").values_list("pk", flat=True))


def readable(report: NationalReport, withheld: list[int]) -> dict[str, Any]:
    """What may be shown of a report now. No query."""
    return readable_content(report.content(), withheld)


def readable_content(content: dict[str, Any], withheld: list[int]) -> dict[str, Any]:
    """The same for content that has been read, or a part of it. No query."""
    return printable(without(content, set(withheld)))


# --- Its PDF ---------------------------------------------------------------------------------------------------


def plan_documents(*, now: datetime) -> None:
    """A waiting row for every report without one, and for those in which an update was withheld since. Three queries.

    Safe to run twice."""
    missing = NationalReport.objects.exclude(documents__kind=Kind.NATIONAL_REPORT).values_list("pk", flat=True)
    rows = [
        Document(national_report_id=pk, kind=Kind.NATIONAL_REPORT, created_at=now, next_attempt_at=now)
        for pk in missing
    ]
    Document.objects.bulk_create(rows, ignore_conflicts=True)
    _plan_again_what_holds_too_much(now)


def _plan_again_what_holds_too_much(now: datetime) -> None:
    withheld = _withheld_by_report()
    finished = Document.objects.filter(state__in=[State.READY, State.FAILED], kind=Kind.NATIONAL_REPORT)
    for pk, report, said in finished.values_list("pk", "national_report", "leaves_out"):
        if said != (to_leave_out := as_text(withheld.get(report, []))):
            Document.objects.filter(pk=pk, state__in=[State.READY, State.FAILED], leaves_out=said).update(
                state=State.WAITING, attempts=0, next_attempt_at=now, leaves_out=to_leave_out
            )


def _withheld_by_report() -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    pairs = NationalReport.updates.through.objects.exclude(progressupdate__in=ProgressUpdate.objects.published())
    for report, update in pairs.order_by("progressupdate").values_list("nationalreport", "progressupdate"):
        found[report].append(update)
    return found


def as_text(withheld: list[int]) -> str:
    """As a document keeps it: ids, ascending, with commas."""
    return ",".join(map(str, withheld))
