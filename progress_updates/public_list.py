"""The public list of Pledge Makers: four queries, whatever is asked for."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db.models import (
    Case,
    Count,
    DateField,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from progress_updates import list_address
from progress_updates.lateness import KINDS, PublicStatus
from progress_updates.list_address import PARTNERSHIP, RECENT, STATUS, Wanted
from progress_updates.models import ProgressUpdate, Round, RoundEntry
from progress_updates.standing import status_in, with_standing
from progress_updates.statistics import RoundSummary
from signatories import search
from signatories.models import PledgeMaker, PledgeMakerAddress, PledgeMakerOrganisation, Region

ROWS = 50  # a page


@dataclass(frozen=True)
class Beside:
    """What stands beside a name: organisations that take part now, former names, successors."""

    organisations: list[str] = field(default_factory=list)
    regions: list[str] = field(default_factory=list)
    former_names: list[str] = field(default_factory=list)
    successors: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Row:
    maker: PledgeMaker
    beside: Beside
    entry: RoundEntry | None
    status: PublicStatus | None
    last_published: datetime | None


@dataclass(frozen=True)
class PublicList:
    """One page of the list. `summary` speaks of the whole round; `by_status` of what the other filters leave."""

    wanted: Wanted
    rounds: list[Round]
    round: Round | None
    summary: RoundSummary | None
    everybody: int
    by_status: dict[str, int]
    total: int
    rows: list[Row]

    @property
    def pages(self) -> int:
        return _pages(self.total)

    @property
    def first(self) -> int:
        return (self.wanted.page - 1) * ROWS + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


def public_list(typed: Mapping[str, str], now: datetime) -> PublicList:
    """What the address asks for, as at a moment. Four queries."""
    rounds = list(Round.objects.filter(opened_at__lte=now).newest_first())
    wanted = list_address.read(typed, rounds)
    round_ = next((each for each in rounds if each.slug == wanted.round), rounds[0] if rounds else None)
    makers = _all(round_, now)
    everybody, by_status = _counts(makers, _matching(wanted))
    total = by_status[wanted.status] if wanted.status else by_status.total()
    if wanted.page > max(_pages(total), 1):
        gone = list_address.no_such_page(wanted.page)
        wanted = replace(wanted, page=1, unknown=[*wanted.unknown, gone])
    return PublicList(
        wanted=wanted,
        rounds=rounds,
        round=round_,
        summary=RoundSummary(round_, now, {kind: everybody[kind] for kind in KINDS}) if round_ else None,
        everybody=everybody.total(),
        by_status={kind: by_status[kind] for kind in KINDS},
        total=total,
        rows=_rows(makers, wanted, round_, now),
    )


def _pages(total: int) -> int:
    return -(-total // ROWS)


def _all(round_: Round | None, now: datetime) -> QuerySet[Any]:
    makers = PledgeMaker.objects.published()
    return with_standing(makers, round_, now) if round_ else makers.annotate(standing=Value(""))


def _counts(makers: QuerySet[Any], matching: Q) -> tuple[Counter[str], Counter[str]]:
    """Pledge Makers by status: of the whole round, and of those that match. One query."""
    rows = makers.order_by().values("standing").annotate(everybody=Count("pk"), found=Count("pk", filter=matching))
    counted = list(rows.values_list("standing", "everybody", "found"))
    return Counter({kind: n for kind, n, _ in counted}), Counter({kind: n for kind, _, n in counted})


def _matching(wanted: Wanted) -> Q:
    """What is typed, the region and the kind; the status comes later, so that each can say its number."""
    parts = PledgeMakerOrganisation.objects.filter(left_on=None).order_by()
    matching = search.matching(wanted.q) or Q(pk__isnull=False)
    if wanted.region:
        there = parts.filter(organisation__region=Region[wanted.region.upper()])
        matching &= Q(pk__in=there.values("pledge_maker"))
    if wanted.kind:
        several = parts.values("pledge_maker").annotate(count=Count("pk")).filter(count__gt=1)
        is_partnership = Q(pk__in=several.values("pledge_maker"))
        of_kind = Q(pk__in=parts.filter(organisation__kind=wanted.kind).values("pledge_maker"))
        matching &= is_partnership if wanted.kind == PARTNERSHIP else of_kind & ~is_partnership
    return matching


def _rows(makers: QuerySet[Any], wanted: Wanted, round_: Round | None, now: datetime) -> list[Row]:
    """Two queries."""
    found = makers.filter(_matching(wanted)).annotate(last_published=_last_published())
    if wanted.status:
        found = found.filter(standing=wanted.status)
    if round_:
        found = found.select_related("entry", "entry__covered_by__pledge_maker", "entry__extension")
    start = (wanted.page - 1) * ROWS
    ordered = found.order_by(*_order(wanted.sort))
    # What stands beside a name is looked up for those on the page only.
    page = list(ordered.filter(pk__in=ordered.values("pk")[start : start + ROWS]))
    beside = _beside([maker.pk for maker in page])
    return [_row(maker, beside[maker.pk], round_, now) for maker in page]


def _row(maker: Any, beside: Beside, round_: Round | None, now: datetime) -> Row:
    entry = getattr(maker, "entry", None) if round_ else None  # Django leaves out what is not there
    if entry:
        entry.pledge_maker, entry.round = maker, round_
    status = status_in(round_, maker, entry, now) if round_ else None
    return Row(maker, beside, entry, status, maker.last_published)


def _last_published() -> Subquery:
    published = ProgressUpdate.objects.published().filter(entry__pledge_maker=OuterRef("pk"))
    return Subquery(published.order_by("-published_at").values("published_at")[:1])


def _order(sort: str) -> list[Any]:
    """The fixed lists of what the rows are sorted by; the name decides between equals."""
    places = [When(standing=kind, then=Value(place)) for place, kind in enumerate(KINDS)]
    first: dict[str, list[Any]] = {
        STATUS: [Case(*places, output_field=IntegerField())],
        RECENT: [F("last_published").desc(nulls_last=True)],
    }
    return [*first.get(sort, []), "name", "pk"]


def _beside(keys: list[int]) -> defaultdict[int, Beside]:
    """What stands beside each name, as rows of one shape: one query."""
    nothing = Value(None, output_field=DateField())
    parts = PledgeMakerOrganisation.objects.filter(pledge_maker__in=keys, left_on=None).order_by()
    former = PledgeMakerAddress.objects.filter(pledge_maker__in=keys).order_by()
    successors = PledgeMaker.successors.through.objects.filter(from_pledgemaker__in=keys).order_by()
    rows = parts.values_list(
        "pledge_maker", Value("organisations"), "organisation__name", "organisation__region", nothing
    ).union(
        former.values_list("pledge_maker", Value("former_names"), "name", Value(""), "until"),
        successors.values_list("from_pledgemaker", Value("successors"), "to_pledgemaker__name", Value(""), nothing),
        all=True,
    )
    found: defaultdict[int, Beside] = defaultdict(Beside)
    for key, what, name, region, _until in sorted(rows, key=_newest_then_name):
        getattr(found[key], what).append(name)
        if region and (label := str(Region(region).label)) not in found[key].regions:
            found[key].regions.append(label)
    return found


def _newest_then_name(row: tuple[int, str, str, str, date | None]) -> tuple[int, str]:
    return -row[4].toordinal() if row[4] else 0, row[2]
