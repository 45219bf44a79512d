"""What a Pledge Maker and its organisations were called before, and what they went up in: one query."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Case, CharField, DateField, Exists, F, IntegerField, OuterRef, Value, When

from signatories.models import (
    Organisation,
    OrganisationName,
    PledgeMaker,
    PledgeMakerAddress,
    Statement,
    StatementState,
)


@dataclass(frozen=True)
class Named:
    """A name, with the day that belongs to it: the last one under it, or of what it replaced.

    `slug` is empty where there is no public page."""

    name: str
    slug: str
    day: date | None


@dataclass(frozen=True)
class OrganisationHistory:
    former_names: list[Named] = field(default_factory=list)
    successors: list[Named] = field(default_factory=list)


@dataclass(frozen=True)
class History:
    """Former names (the latest first), successors and predecessors; the same of organisations, by their key."""

    former_names: list[Named] = field(default_factory=list)
    successors: list[Named] = field(default_factory=list)
    predecessors: list[Named] = field(default_factory=list)
    of_organisations: defaultdict[int, OrganisationHistory] = field(
        default_factory=lambda: defaultdict(OrganisationHistory)
    )


Row = tuple[str, str, str, date | None, int]


def history_of(maker: PledgeMaker) -> History:
    """One query, however much there is to tell."""
    history = History()
    for what, name, slug, day, organisation in sorted(set(_rows(maker)), key=_latest_first):
        owner = history.of_organisations[organisation] if organisation else history
        getattr(owner, what).append(Named(name, slug, day))
    return history


def _latest_first(row: Row) -> tuple[int, str]:
    return -row[3].toordinal() if row[3] else 0, row[1]


def _rows(maker: PledgeMaker) -> Iterable[Row]:
    none, nobody = Value(0, output_field=IntegerField()), Value("", output_field=CharField())
    no_day = Value(None, output_field=DateField())
    address = _public_slug()
    former = PledgeMakerAddress.objects.filter(pledge_maker=maker).order_by()
    successors = PledgeMaker.objects.filter(predecessors=maker).order_by()
    predecessors = PledgeMaker.objects.filter(successors=maker).order_by()
    names = OrganisationName.objects.filter(organisation__parts__pledge_maker=maker).order_by()
    links = Organisation.successors.through.objects.filter(from_organisation__parts__pledge_maker=maker).order_by()
    return former.values_list(Value("former_names"), "name", "slug", "until", none).union(
        successors.values_list(Value("successors"), "name", address, no_day, none),
        predecessors.values_list(Value("predecessors"), "name", address, "merged_on", none),
        names.values_list(Value("former_names"), "name", nobody, "until", "organisation"),
        links.values_list(
            Value("successors"), "to_organisation__name", nobody, "from_organisation__closed_on", "from_organisation"
        ),
        all=True,
    )


def _public_slug() -> Case:
    published = Statement.objects.filter(pledge_maker=OuterRef("pk"), state=StatementState.PUBLISHED)
    return Case(When(Exists(published), then=F("slug")), default=Value(""), output_field=CharField())
