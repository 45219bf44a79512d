"""Everything that the public profile of a Pledge Maker shows."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import ngettext

from progress_updates import lateness, published
from progress_updates.lateness import PublicStatus, public_status
from progress_updates.models import ProgressUpdate, RoundEntry
from signatories.models import Leader, Objective, PledgeMaker, PledgeMakerOrganisation, Signature, Statement


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
    """Three queries."""
    plans = dict(statement.plans.values_list("number", "text"))
    return StatementPage(
        statement=statement,
        promised=[
            Promised(objective, plans.get(objective.number, "")) for objective in statement.wording.objectives.all()
        ],
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
class Profile:
    maker: PledgeMaker
    statement: StatementPage
    versions: list[Statement]
    parts: list[PledgeMakerOrganisation]
    leaders: list[Leader]
    rounds: list[RoundRow]
    promised_in: ProgressUpdate | None
    promises: list[published.Promise]

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
    def organisations(self) -> list[PledgeMakerOrganisation]:
        return [part for part in self.parts if part.left_on is None]

    @property
    def former_organisations(self) -> list[PledgeMakerOrganisation]:
        return [part for part in self.parts if part.left_on]

    @property
    def current_leaders(self) -> list[Leader]:
        return [leader for leader in self.leaders if leader.until_on is None]

    @property
    def former_leaders(self) -> list[Leader]:
        return [leader for leader in self.leaders if leader.until_on]


def profile(*, slug: str, now: datetime) -> Profile:
    """The profile at an address. The same number of queries however long the history is.

    Raises PledgeMaker.DoesNotExist when the public sees none there."""
    maker = PledgeMaker.objects.published().get(slug=slug)
    versions = list(maker.statements.public().select_related("wording").order_by("-version"))
    statement = next(each for each in versions if each.state == "published")
    promised_in, promises = published.latest_promises(maker)
    return Profile(
        maker=maker,
        statement=statement_page(statement),
        versions=versions,
        parts=list(maker.parts.select_related("organisation").order_by("organisation__name", "pk")),
        leaders=list(maker.leaders.select_related("organisation")),
        rounds=_rounds(maker, now),
        promised_in=promised_in,
        promises=promises,
    )


def _rounds(maker: PledgeMaker, now: datetime) -> list[RoundRow]:
    entries = maker.entries.select_related("round", "pledge_maker", "covered_by__pledge_maker")
    updates = published.updates_by_entry(maker)
    return [
        RoundRow(
            entry=entry,
            status=public_status(entry, now),
            update=published.readable(updates.get(entry.pk, [])),
            is_withheld=entry.pk in updates and published.readable(updates[entry.pk]) is None,
        )
        for entry in entries.order_by("-round__due_at", "-round__pk")
    ]
