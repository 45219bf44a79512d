"""Everything that the public profile of a Pledge Maker shows."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Subquery, TextField, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import ngettext

from progress_updates import lateness, promises, published
from progress_updates.lateness import PublicStatus, public_status
from progress_updates.models import ProgressUpdate, RoundEntry, Snapshot
from progress_updates.promises import Followed, Promise
from progress_updates.snapshots import read
from signatories.history import History, OrganisationHistory, history_of
from signatories.models import Objective, Plan, PledgeMaker, PledgeMakerOrganisation, Signature, Statement
from signatories.terms import Term, terms_of


@dataclass(frozen=True)
class Promised:
    """One objective in the wording that was signed, and the plan for it."""

    objective: Objective
    plan: str


@dataclass(frozen=True)
class StatementPage:
    """One published version of a Statement of Intent."""

    statement: Statement
    promised: list[Promised]
    signatures: list[Signature]


def statement_page(statement: Statement) -> StatementPage:
    """Two queries."""
    plan = Plan.objects.filter(statement=statement, number=OuterRef("number")).values("text")[:1]
    objectives = statement.wording.objectives.annotate(
        plan=Coalesce(Subquery(plan), Value(""), output_field=TextField())
    )
    return StatementPage(
        statement=statement,
        promised=[Promised(objective, objective.plan) for objective in objectives],
        signatures=list(statement.signatures.all()),
    )


@dataclass(frozen=True)
class RoundRow:
    """A Pledge Maker in one round: its status, and the update if it is published."""

    entry: RoundEntry
    status: PublicStatus
    update: ProgressUpdate | None
    is_withheld: bool


@dataclass(frozen=True)
class Part:
    """An organisation that takes or took part, with what it was called before and what replaced it."""

    part: PledgeMakerOrganisation
    history: OrganisationHistory


@dataclass(frozen=True)
class Profile(Followed):
    maker: PledgeMaker
    history: History
    statement: StatementPage
    versions: list[Statement]
    parts: list[Part]
    terms: list[Term]
    rounds: list[RoundRow]

    @property
    def first_signed(self) -> datetime | None:
        return self.versions[-1].signed_at

    @property
    def finding(self) -> str:
        """In how many of the rounds that were due it reported; nothing is said before the first."""
        kinds = Counter(row.status.kind for row in self.rounds)
        on_time, late, silent = (kinds[kind] for kind in (lateness.ON_TIME, lateness.LATE, lateness.NOT_RECEIVED))
        if not (due := on_time + late + silent):
            return ""
        figures = {"reported": on_time + late, "due": due, "late": late}
        said = ngettext(
            "Reported in %(reported)s of %(due)s round.", "Reported in %(reported)s of %(due)s rounds.", due
        )
        more = ngettext("Late once.", "Late %(late)s times.", late) if late else ""
        return f"{said} {more}".strip() % figures

    @property
    def organisations(self) -> list[Part]:
        return [each for each in self.parts if each.part.left_on is None]

    @property
    def former_organisations(self) -> list[Part]:
        return [each for each in self.parts if each.part.left_on]

    @property
    def current_leaders(self) -> list[Term]:
        return [term for term in self.terms if term.in_office]

    @property
    def former_leaders(self) -> list[Term]:
        """The latest first."""
        return [term for term in reversed(self.terms) if not term.in_office]


def profile(*, slug: str, now: datetime) -> Profile:
    """The profile at an address: nine queries, however long its history is.

    Raises PledgeMaker.DoesNotExist when the public sees none there."""
    maker = PledgeMaker.objects.published().get(slug=slug)
    versions = list(maker.statements.public().select_related("wording").order_by("-version"))
    statement = next(each for each in versions if each.state == "published")
    history = history_of(maker)
    parts = maker.parts.select_related("organisation").order_by("organisation__name", "-joined_on", "pk")
    records = published.records_by_entry(maker)
    entries = _entries(maker)
    return Profile(
        maker=maker,
        history=history,
        statement=statement_page(statement),
        versions=versions,
        parts=[Part(part, history.of_organisations[part.organisation_id]) for part in parts],
        terms=terms_of(maker, day=timezone.localdate(now)),
        rounds=[_round(entry, records.get(entry.pk, []), now) for entry in entries],
        promises=promises.follow(_readable(entries, records)),
    )


def promises_made(maker: PledgeMaker) -> list[Promise]:
    """Every promise in the published updates of a Pledge Maker, and what became of it. Two queries."""
    return promises.follow(_readable(_entries(maker), published.records_by_entry(maker)))


def _entries(maker: PledgeMaker) -> list[RoundEntry]:
    """Newest round first."""
    entries = maker.entries.select_related("round", "covered_by__pledge_maker", "extension")
    return list(entries.order_by("-round__due_at", "-round__pk"))


def _round(entry: RoundEntry, records: list[Snapshot], now: datetime) -> RoundRow:
    updates = [record.update for record in records]
    shown = published.readable(updates)
    return RoundRow(entry, public_status(entry, now), shown, is_withheld=bool(updates) and shown is None)


def _readable(entries: list[RoundEntry], records: dict[int, list[Snapshot]]) -> list[dict[str, Any]]:
    """The newest record of each round that is not withheld, oldest round first; after it the round's withheld ones."""
    found = []
    for entry in reversed(entries):
        there = records.get(entry.pk, [])
        shown = next((each for each in there if each.update.withheld_at is None), None)
        found += [read(shown)] if shown else []
        found += [read(each) | {"withheld": True} for each in there if each.update.withheld_at]
    return found
