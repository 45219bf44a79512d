"""The national report of a round: built in versions, a preview until it is published, never changed.

The clock builds it twice: when the round closes, as a preview for the Synergi team, and when the round's publication
time has come, public at once. A publisher builds and publishes versions at any other time.
Whatever is built shows what was published at that moment; what is withheld later is left out of every version.
"""

from collections import defaultdict
from collections.abc import Sequence
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
from progress_updates.beside import PARTS
from progress_updates.models import ProgressUpdate, Round, RoundEntry
from reports import tasks
from reports.content import printable
from reports.frozen import hash_of, pieces_of
from reports.models import Document, Kind, NationalReport, NationalReportPart, State
from reports.national_content import SCHEMA, content_of, without


class NationalRefused(Exception):
    """The report cannot be built or published; the message is a sentence for people."""


def can_build(*, round_: Round, by: User, now: datetime) -> bool:
    """Publishers and administrators, for a round that has opened; never for one that was entered as history."""
    return can_publish(by) and not round_.is_past and round_.opened_at is not None and round_.opened_at <= now


def check_can_build(*, round_: Round, by: User, now: datetime) -> None:
    if not can_publish(by):
        raise NationalRefused(_("Only a publisher of the Synergi team can do this."))
    if round_.is_past:
        raise NationalRefused(_("This round was entered as history. It has no national report here."))
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
    before, after = {"is_public": False}, {"is_public": True}
    audit.record(
        action="national_report.published",
        by=by,
        about=report,
        now=now,
        before=before,
        after=after,
        version=report.version,
    )


def due(now: datetime) -> QuerySet[Round]:
    """Rounds whose report the clock has to build: closed without any, or past publication without a later one.

    Rounds that were imported as history have none. Updates planned for the publication time come first: a report
    frozen before them would be without them for good.
    """
    reports = NationalReport.objects.filter(round=OuterRef("pk"))
    settled = reports.filter(Q(published_at__isnull=False) | Q(as_at__gte=OuterRef("publishes_at")))
    awaited = ProgressUpdate.objects.to_publish(now).filter(entry__round=OuterRef("pk"))
    rounds = Round.objects.opened().filter(is_past=False, closes_at__lt=now)
    rounds = rounds.exclude(Q(publishes_at__lte=now) & Exists(awaited))
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
    figures, parts = pieces_of(content)
    reached("reports.national_counted")
    report = NationalReport.objects.create(
        round=round_,
        version=last + 1,
        schema=SCHEMA,
        body=figures,
        sha256=hash_of(figures, parts),
        as_at=now,
        built_at=now,
        asked_by=by,
        published_at=now if is_public else None,
    )
    NationalReportPart.objects.bulk_create(
        [NationalReportPart(report=report, number=number, body=part) for number, part in enumerate(parts, start=1)]
    )
    report.updates.set(updates)
    audit.record(action="national_report.built", by=by, about=report, now=now, version=report.version)
    reached("reports.national_stored")
    return report


# --- Reading -------------------------------------------------------------------------------------------------


def withheld_in(report: NationalReport) -> list[int | str]:
    """What of a report the public may no longer read: updates by their ids, ascending, then words by their marks.

    Two queries.
    """
    gone = report.updates.unpublished()
    updates = gone.order_by("pk").values_list("pk", flat=True)
    return [*updates, *_words_gone(report.figures(), _words_standing([report.round_id])[report.round_id])]


def _words_gone(figures: dict[str, Any], standing: set[tuple[str, str]]) -> list[str]:
    """The marks of words that no longer stand beside their status as they are frozen: changed, or taken away."""
    return sorted(mark for mark, words in figures["words_beside"].items() if (mark, words) not in standing)


def _words_standing(rounds: Sequence[int]) -> dict[int, set[tuple[str, str]]]:
    """The words beside each status now, with their marks, by round. One query."""
    found: dict[int, set[tuple[str, str]]] = defaultdict(set)
    entries = RoundEntry.objects.filter(round__in=rounds).exclude(late_reason="", right_of_reply="")
    for round_, entry, slug, *said in entries.values_list("round", "pk", "pledge_maker__slug", *PARTS):
        for part, words in zip(PARTS, said, strict=True):
            found[round_] |= {(f"{part}/{entry}", words), (f"{part}/{slug}", words)}
    return found


def readable(report: NationalReport, withheld: Sequence[int | str]) -> dict[str, Any]:
    """What may be shown of a report now. One query."""
    return readable_content(report.content(), withheld)


def readable_content(content: dict[str, Any], withheld: Sequence[int | str]) -> dict[str, Any]:
    """The same for content that has been read, or a part of it. No query."""
    return printable(without(content, set(withheld)))


# --- Its PDF ---------------------------------------------------------------------------------------------------


def plan_documents(*, now: datetime) -> None:
    """A waiting row for every report without one, and for those in which something was withheld since. Four queries.

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
    found = [(each, each.national_report) for each in finished.select_related("national_report")]
    standing = _words_standing([report.round_id for _document, report in found if report])
    for document, report in found:
        assert report
        words = _words_gone(report.figures(), standing[report.round_id])
        to_leave_out = as_text([*withheld.get(report.pk, []), *words])
        if document.leaves_out != to_leave_out:
            _plan_again(document, to_leave_out, now)


def _plan_again(document: Document, to_leave_out: str, now: datetime) -> None:
    as_read = Document.objects.filter(
        pk=document.pk, state__in=[State.READY, State.FAILED], leaves_out=document.leaves_out
    )
    as_read.update(state=State.WAITING, attempts=0, next_attempt_at=now, leaves_out=to_leave_out)


def _withheld_by_report() -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    pairs = NationalReport.updates.through.objects.filter(progressupdate__in=ProgressUpdate.objects.unpublished())
    for report, update in pairs.order_by("progressupdate").values_list("nationalreport", "progressupdate"):
        found[report].append(update)
    return found


def as_text(withheld: Sequence[int | str]) -> str:
    """As a document keeps it: with commas."""
    return ",".join(map(str, withheld))
