"""The figures of the national progress report: who signed, who reported, what changed, which promises were kept.

Each is one function and the query that it reads; docs/figures.md prints both. Every total says what it counts:
leaders, Pledge Makers or organisations. Ratings and next steps come from published updates only.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from progress_updates.models import (
    Outcome,
    ProgressUpdate,
    QuestionKind,
    Rating,
    Round,
    RoundEntry,
    Snapshot,
    WhyNotRequired,
)
from progress_updates.published import promises
from progress_updates.snapshots import read
from progress_updates.statistics import newest_published, published_ratings
from signatories.models import Leader, Organisation, PledgeMaker, PledgeMakerOrganisation

# In place of an outcome: an update was received, and nobody can read what it says.
NOT_PUBLISHED = "not_published"
STEPS = {rating: place for place, rating in enumerate(Rating.values)}


@dataclass(frozen=True)
class Counted:
    """One group counted three ways, which are never added up."""

    leaders: int
    pledge_makers: int
    organisations: int


# --- Who signed, who reported ------------------------------------------------------------------------------


def signatories_query() -> QuerySet[PledgeMaker]:
    """Pledge Makers with a published Statement of Intent, less those that withdrew or went up in others."""
    return PledgeMaker.objects.current().published().order_by()


def reporters_query(round_: Round) -> QuerySet[PledgeMaker]:
    """Pledge Makers whose update was received in the round, and those for whom such an update speaks."""
    entries = RoundEntry.objects.filter(round=round_).filter(
        Q(received_at__isnull=False) | Q(why_not_required=WhyNotRequired.COVERED, covered_by__received_at__isnull=False)
    )
    return PledgeMaker.objects.filter(pk__in=entries.values("pledge_maker")).order_by()


def leaders_query(makers: QuerySet[PledgeMaker], day: date) -> QuerySet[Leader]:
    """Leaders in office on a day for some Pledge Makers; their last day is included."""
    return Leader.objects.on(day).filter(pledge_maker__in=makers.values("pk")).order_by()


def organisations_query(makers: QuerySet[PledgeMaker], day: date) -> QuerySet[Organisation]:
    """Organisations that take part in some Pledge Makers on a day, each once."""
    parts = PledgeMakerOrganisation.objects.filter(pledge_maker__in=makers.values("pk"), joined_on__lte=day)
    parts = parts.filter(Q(left_on=None) | Q(left_on__gte=day))
    return Organisation.objects.filter(pk__in=parts.values("organisation")).order_by()


def who_signed(now: datetime) -> Counted:
    """Who stands behind the pledge at a moment. Three queries."""
    return _counted(signatories_query(), timezone.localdate(now))


def who_reported(round_: Round, now: datetime) -> Counted:
    """For whom an update was received in the round. Three queries."""
    return _counted(reporters_query(round_), timezone.localdate(now))


def _counted(makers: QuerySet[PledgeMaker], day: date) -> Counted:
    return Counted(
        leaders=leaders_query(makers, day).count(),
        pledge_makers=makers.count(),
        organisations=organisations_query(makers, day).count(),
    )


# --- Change since the last round ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """How the ratings of one objective moved, among the Pledge Makers that rated it in both rounds."""

    number: int
    further: int
    same: int
    back: int

    @property
    def compared(self) -> int:
        return self.further + self.same + self.back


@dataclass(frozen=True)
class Changes:
    """Like with like: `pledge_makers` is how many have published ratings in both rounds."""

    before: Round
    pledge_makers: int
    objectives: list[Change]


def round_before(round_: Round) -> Round | None:
    """The latest earlier round in which somebody published an update. One query."""
    published = ProgressUpdate.objects.published().filter(entry__round=OuterRef("pk"))
    earlier = Round.objects.opened().filter(Exists(published), due_at__lt=round_.due_at)
    return earlier.newest_first().first()


def compared_query(round_: Round, before: Round) -> QuerySet[Any, Any]:
    """Ratings of the round beside the same Pledge Maker's rating of the same objective in the round before."""
    entries = "update__entry__pledge_maker__entries"
    earlier = {
        f"{entries}__round": before,
        f"{entries}__updates__in": newest_published(before),
        f"{entries}__updates__answers__question__kind": QuestionKind.OBJECTIVE,
        f"{entries}__updates__answers__question__number": F("question__number"),
        f"{entries}__updates__answers__rating__in": Rating.values,
    }
    rows = published_ratings(round_).filter(rating__in=Rating.values, **earlier)
    return rows.annotate(was=F(f"{entries}__updates__answers__rating"))


def changes_query(round_: Round, before: Round) -> QuerySet[Any, Any]:
    """How many Pledge Makers moved from which rating to which, by objective."""
    rows = compared_query(round_, before).values_list("question__number", "was", "rating")
    return rows.annotate(count=Count("pk"))


def compared_makers_query(round_: Round, before: Round) -> QuerySet[Any, Any]:
    return compared_query(round_, before).values("update__entry__pledge_maker").distinct()


def changes_since(round_: Round, before: Round) -> Changes:
    """Further, the same or back, for each objective. Two queries."""
    found: dict[int, Counter[str]] = {number: Counter() for number in range(1, 8)}
    for number, was, rating, count in changes_query(round_, before):
        found[number][_direction(was, rating)] += count
    return Changes(
        before=before,
        pledge_makers=compared_makers_query(round_, before).count(),
        objectives=[
            Change(number, further=count["further"], same=count["same"], back=count["back"])
            for number, count in found.items()
        ],
    )


def _direction(was: str, rating: str) -> str:
    step = STEPS[rating] - STEPS[was]
    return "further" if step > 0 else "back" if step < 0 else "same"


# --- Signed records, and the next steps in them --------------------------------------------------------------


@dataclass(frozen=True)
class KeptStep:
    """A next step that was open when the round began.

    `outcome` is empty where nothing was said of it, and NOT_PUBLISHED where the answer cannot be read yet."""

    section: str
    what: str
    who: str
    by_when: str
    outcome: str
    new_date: str
    why: str


def records_query(round_: Round) -> QuerySet[Snapshot]:
    """The signed record behind the newest published version of each update of the round."""
    newest = ProgressUpdate.objects.published().filter(entry=OuterRef("update__entry")).order_by("-version")
    rows = Snapshot.objects.filter(update__entry__round=round_, update=Subquery(newest.values("pk")[:1]))
    return _last_signed(rows).select_related("update__entry")


def earlier_records_query(round_: Round) -> QuerySet[Snapshot]:
    """What those who owed an update, and sent none, last signed and published before the round."""
    return _records_before(round_, _unpublished(round_).filter(why_not_required="", received_at=None))


def unread_records_query(round_: Round) -> QuerySet[Snapshot]:
    """The same of those whose update was received and is not published yet, or withheld."""
    return _records_before(round_, _unpublished(round_).filter(received_at__isnull=False))


def _unpublished(round_: Round) -> QuerySet[RoundEntry]:
    published = ProgressUpdate.objects.published().filter(entry=OuterRef("pk"))
    return RoundEntry.objects.filter(round=round_).exclude(Exists(published))


def _records_before(round_: Round, entries: QuerySet[RoundEntry]) -> QuerySet[Snapshot]:
    newest = (
        ProgressUpdate.objects.published()
        .filter(entry__pledge_maker=OuterRef("update__entry__pledge_maker"), entry__round__due_at__lt=round_.due_at)
        .order_by("-entry__round__due_at", "-version")
    )
    rows = Snapshot.objects.filter(
        update__entry__pledge_maker__in=entries.values("pledge_maker"), update=Subquery(newest.values("pk")[:1])
    )
    return _last_signed(rows).select_related("update__entry")


def _last_signed(rows: QuerySet[Snapshot]) -> QuerySet[Snapshot]:
    last = Snapshot.objects.filter(update=OuterRef("update")).order_by("-made_at", "-pk").values("pk")[:1]
    return rows.filter(pk=Subquery(last)).order_by("update__entry")


def said_of_steps(content: dict[str, Any]) -> list[KeptStep]:
    """The steps that a signed record was asked about, with what it says became of each."""
    return [_kept(section, step) for section in content["sections"] for step in section["steps_before"]]


def _kept(section: dict[str, Any], step: dict[str, Any]) -> KeptStep:
    return KeptStep(
        section=section["title"],
        what=step["what"],
        who=step["who"],
        by_when=step["by_when"] or "",
        outcome=step["outcome"],
        new_date=step["new_date"] or "",
        # "No change" says why once for the whole section, and copies it to no step.
        why="" if section["no_change"] else step["why"],
    )


def unanswered_steps(content: dict[str, Any], outcome: str = "") -> list[KeptStep]:
    """The steps that an earlier record left open; `outcome` is NOT_PUBLISHED where an answer was received."""
    return [KeptStep(each.section, each.what, each.who, each.by_when, outcome, "", "") for each in promises(content)]


def read_all(records: QuerySet[Snapshot]) -> Iterator[tuple[Snapshot, dict[str, Any]]]:
    """Each record with its content. One query, a hundred bodies at a time."""
    for record in records.iterator(chunk_size=100):
        yield record, read(record)


@dataclass(frozen=True)
class StepsKept:
    """Next steps that were open when the round began, by what became of them.

    `not_published`: an update was received, and cannot be read. `without_update` are those of `nothing_said` whose
    Pledge Maker has sent no update in the round.
    """

    done: int
    going_on: int
    dropped: int
    not_published: int
    nothing_said: int
    without_update: int

    @property
    def total(self) -> int:
        return self.done + self.going_on + self.dropped + self.not_published + self.nothing_said


def steps_kept(answered: Iterable[KeptStep], unanswered: Iterable[KeptStep]) -> StepsKept:
    """Counts what `said_of_steps` and `unanswered_steps` found. No query."""
    found, open_ = Counter(step.outcome for step in answered), Counter(step.outcome for step in unanswered)
    return StepsKept(
        done=found[Outcome.DONE],
        going_on=found[Outcome.GOING_ON],
        dropped=found[Outcome.DROPPED],
        not_published=open_[NOT_PUBLISHED],
        nothing_said=found[""] + open_[""],
        without_update=open_[""],
    )
