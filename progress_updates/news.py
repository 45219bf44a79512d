"""Who has gone quiet, and what is new: rows for the home page."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from progress_updates.lateness import NOT_RECEIVED, lateness_expression
from progress_updates.models import ProgressUpdate, Round, RoundEntry, State
from signatories.models import PledgeMaker, Statement, StatementState


def round_to_answer_for(now: datetime) -> Round | None:
    """The latest opened round whose due day has passed: only there can anybody be quiet."""
    return Round.objects.filter(opened_at__lte=now, due_at__lt=now.replace(microsecond=0)).newest_first().first()


def quiet(round_: Round, now: datetime) -> QuerySet[RoundEntry]:
    """Entries not received in a round, of Pledge Makers who have not reported in any later one either.

    Each has `last_reported`, the label of the last round with an update; longest silence first. One query.
    """
    spoke_since = RoundEntry.objects.filter(round__due_at__gt=round_.due_at, received_at__isnull=False)
    last = RoundEntry.objects.filter(pledge_maker=OuterRef("pledge_maker"), received_at__isnull=False)
    last = last.order_by("-round__due_at")
    entries = round_.entries.annotate(lateness=lateness_expression(now)).filter(
        lateness=NOT_RECEIVED,
        pledge_maker__withdrawn_on=None,
        pledge_maker__merged_on=None,
        pledge_maker__in=PledgeMaker.objects.published(),
    )
    return (
        entries.exclude(pledge_maker__in=spoke_since.values("pledge_maker"))
        .annotate(
            last_reported=Subquery(last.values("round__label")[:1]),
            last_due=Subquery(last.values("round__due_at")[:1]),
        )
        .select_related("pledge_maker", "round")
        .order_by(F("last_due").asc(nulls_first=True), "pledge_maker__name", "pk")
    )


@dataclass(frozen=True)
class News:
    """One thing that happened: when, to whom, in words; `round_slug` names the update to read."""

    at: datetime | None
    pledge_maker: PledgeMaker
    what: str
    round_slug: str = ""


def recent(now: datetime, limit: int = 6) -> list[News]:
    """The latest publications, arrivals and signatures, newest first; history entered later is no news.
    Three queries."""
    found = [*_published(now, limit), *_received(now, limit), *_signed(now, limit)]
    return sorted(found, key=lambda news: news.at or now, reverse=True)[:limit]


def _published(now: datetime, limit: int) -> list[News]:
    updates = ProgressUpdate.objects.published().filter(published_at__lte=now, entry__round__is_past=False)
    rows = updates.select_related("entry__pledge_maker", "entry__round").order_by("-published_at")[:limit]
    return [_publication(update) for update in rows]


def _publication(update: ProgressUpdate) -> News:
    words = _("Corrected its update for %(round)s.") if update.version > 1 else _("Published its update for %(round)s.")
    round_ = update.entry.round
    return News(update.published_at, update.entry.pledge_maker, words % {"round": round_.label}, round_.slug)


def _received(now: datetime, limit: int) -> list[News]:
    """Updates that have arrived and are not published yet."""
    published = ProgressUpdate.objects.filter(state=State.PUBLISHED, entry=OuterRef("pk"))
    entries = RoundEntry.objects.filter(~Exists(published), received_at__lte=now, round__is_past=False)
    entries = entries.filter(pledge_maker__in=PledgeMaker.objects.published())
    rows = entries.select_related("pledge_maker", "round").order_by("-received_at")[:limit]
    words = _("Sent its update for %(round)s.")
    return [News(entry.received_at, entry.pledge_maker, words % {"round": entry.round.label}) for entry in rows]


def _signed(now: datetime, limit: int) -> list[News]:
    statements = Statement.objects.filter(state=StatementState.PUBLISHED, published_at__lte=now)
    rows = statements.select_related("pledge_maker").order_by("-published_at")[:limit]
    return [News(each.published_at, each.pledge_maker, _signature_words(each)) for each in rows]


def _signature_words(statement: Statement) -> str:
    if statement.version > 1:
        return _("Published a new version of its Statement of Intent.")
    return _("Signed the pledge.")
