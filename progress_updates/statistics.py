"""Every figure about a round, from one place: dashboards, public pages and PDFs ask here."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet

from progress_updates.lateness import KINDS, NOT_RECEIVED, ON_TIME, lateness_expression, with_lateness
from progress_updates.models import Answer, ProgressUpdate, QuestionKind, Rating, Round, RoundEntry


@dataclass(frozen=True)
class RoundSummary:
    """How a round stands at a moment. `counts` are Pledge Makers by public status."""

    round: Round
    as_at: datetime
    counts: dict[str, int]

    @property
    def required(self) -> int:
        """Pledge Makers who owe an update: all but not required, covered and withdrawn."""
        return sum(self.counts[kind] for kind in KINDS[:5])

    @property
    def on_time(self) -> int:
        return self.counts[ON_TIME]

    @property
    def received(self) -> int:
        return self.counts["on_time"] + self.counts["late"]

    @property
    def not_received(self) -> int:
        return self.counts[NOT_RECEIVED]


def current_round(now: datetime) -> Round | None:
    """The round that the public pages speak of: the latest that has opened."""
    return Round.objects.filter(opened_at__lte=now).newest_first().first()


def statuses_query(round_: Round, now: datetime) -> QuerySet[Any, Any]:
    """How many Pledge Makers have each public status."""
    entries = RoundEntry.objects.filter(round=round_).annotate(lateness=lateness_expression(now)).order_by()
    return entries.values("lateness").annotate(count=Count("pk"))


def round_summary(round_: Round, now: datetime) -> RoundSummary:
    """Pledge Makers by public status. One query."""
    found = Counter({row["lateness"]: row["count"] for row in statuses_query(round_, now)})
    return RoundSummary(round=round_, as_at=now, counts={kind: found[kind] for kind in KINDS})


def summaries_of(rounds: QuerySet[Round], now: datetime) -> list[RoundSummary]:
    """The same for several rounds, in their order. Two queries, however many there are."""
    found: dict[int, Counter[str]] = defaultdict(Counter)
    entries = RoundEntry.objects.filter(round__in=rounds.values("pk")).annotate(lateness=lateness_expression(now))
    for round_id, kind, count in entries.order_by().values_list("round", "lateness").annotate(count=Count("pk")):
        found[round_id][kind] += count
    return [
        RoundSummary(round=each, as_at=now, counts={kind: found[each.pk][kind] for kind in KINDS}) for each in rounds
    ]


def entries_with_status(round_: Round, now: datetime) -> QuerySet[RoundEntry]:
    """One row a Pledge Maker, with its lateness, by name. One query."""
    return (
        with_lateness(round_.entries.all(), now)
        .select_related("pledge_maker", "covered_by__pledge_maker", "round", "extension")
        .order_by("pledge_maker__name", "pk")
    )


@dataclass(frozen=True)
class ObjectiveRatings:
    """How many Pledge Makers gave each rating to one objective. Counts published updates only."""

    number: int
    counts: dict[str, int]
    # Published updates that came as documents and give no rating; not in `total`.
    no_rating: int = 0

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def published_ratings(round_: Round) -> QuerySet[Answer]:
    """The answers to the seven objectives in the newest published version of each Pledge Maker's update."""
    newest = newest_published(round_)
    return Answer.objects.filter(update__in=newest, question__kind=QuestionKind.OBJECTIVE).order_by()


def newest_published(round_: Round) -> QuerySet[ProgressUpdate]:
    """The newest published version of each Pledge Maker's update."""
    newer = ProgressUpdate.objects.published().filter(entry=OuterRef("entry"), version__gt=OuterRef("version"))
    return ProgressUpdate.objects.published().filter(~Exists(newer), entry__round=round_)


def ratings_query(round_: Round) -> QuerySet[Any, Any]:
    """How many Pledge Makers gave each rating to each objective."""
    return published_ratings(round_).values_list("question__number", "rating").annotate(count=Count("pk"))


def ratings_by_objective(round_: Round) -> list[ObjectiveRatings]:
    """Ratings in the newest published version of each Pledge Maker's update. One query."""
    found: dict[int, Counter[str]] = {number: Counter() for number in range(1, 8)}
    for number, rating, count in ratings_query(round_):
        found[number][rating] += count
    return [
        ObjectiveRatings(number, {rating.value: counts[rating.value] for rating in Rating}, no_rating=counts[""])
        for number, counts in found.items()
    ]
