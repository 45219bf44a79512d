"""How a round goes: one row a Pledge Maker, chosen and sorted by what the address asks for; one query for all rows."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext as _

from accounts.models import User
from progress_updates.lateness import KINDS, PublicStatus, public_status
from progress_updates.models import (
    Answer,
    ProgressUpdate,
    Question,
    QuestionKind,
    Rating,
    Round,
    RoundEntry,
    State,
    StatusChange,
)
from progress_updates.statistics import entries_with_status, published_ratings
from signatories.models import PledgeMakerOrganisation, Region, Role
from signatories.reachable import reachable_members, somebody_reachable
from staff.address import Chosen, Filter
from staff.words import words_of

NO_DRAFT, MINE, NOBODY = "no_draft", "mine", "nobody"
NAME = ("pledge_maker__name", "pk")
SORTS: dict[str, tuple[Any, ...]] = {
    "quiet": (F("last_activity").asc(nulls_first=True), *NAME),
    "active": (F("last_activity").desc(nulls_last=True), *NAME),
    "due": (Coalesce("extended_to", "due_at"), *NAME),
    "received": (F("received_at").desc(nulls_last=True), *NAME),
    "owner": (F("pledge_maker__caseworker__name").asc(nulls_last=True), *NAME),
}


@dataclass(frozen=True)
class Row:
    """A Pledge Maker in a round. `state` is what its update says of itself, `status` what the public reads.

    `reach` says whom of it mail reaches: "coordinator", "others" or "nobody"."""

    entry: RoundEntry
    status: PublicStatus
    state: str
    update_pk: int | None
    last_activity: datetime | None
    owner: User | None
    reach: str


def row_of(entry: Any, now: datetime) -> Row:
    """From an entry of `entries_of`. No query."""
    return Row(
        entry=entry,
        status=public_status(entry, now),
        state=_state_words(entry),
        update_pk=entry.update_pk,
        last_activity=entry.last_activity,
        owner=entry.pledge_maker.caseworker,
        reach="coordinator" if entry.reaches_coordinator else "others" if entry.reaches_somebody else "nobody",
    )


def _state_words(entry: Any) -> str:
    state = entry.update_state
    if state:
        return str(State(state).label)
    return _("No draft yet") if entry.required else ""


# --- What can be chosen ------------------------------------------------------------------------------------


def filters_of(questions: Iterable[Question], team: Iterable[User]) -> list[Filter]:
    """The boxes of the page; `sort` is one of them."""
    return [
        Filter("status", _("What the public reads"), _("Any"), _plain({kind: words_of(kind) for kind in KINDS})),
        Filter("state", _("Progress update"), _("Any state"), _plain({NO_DRAFT: _("No draft yet"), **_labels(State)})),
        owner_filter(team),
        Filter("reach", _("Mail reaches"), _("Anybody or nobody"), _plain(reach_words())),
        Filter("region", _("Region"), _("Every region"), _plain(_labels(Region))),
        Filter("rating", _("Published rating"), _("Any rating"), _ratings(questions)),
        Filter("sort", _("Order"), _("By name"), _plain(_sorts())),
    ]


def owner_filter(team: Iterable[User]) -> Filter:
    """Who looks after it: me, nobody, or somebody of the team."""
    people = {str(user.pk): user.name for user in team}
    return Filter("owner", _("Looked after by"), _("Anybody"), _plain({MINE: _("Me"), NOBODY: _("Nobody"), **people}))


def reach_words() -> dict[str, str]:
    return {
        "coordinator": _("A coordinator"),
        "others": _("Others, but no coordinator"),
        "nobody": _("Nobody"),
    }


def _sorts() -> dict[str, str]:
    return {
        "quiet": _("Longest without activity first"),
        "active": _("Latest activity first"),
        "due": _("By due date"),
        "received": _("Latest received first"),
        "owner": _("By who looks after it"),
    }


def _labels(choices: Any) -> dict[str, str]:
    return {value: str(label) for value, label in choices.choices}


def _plain(words: dict[str, str]) -> list[tuple[str, Sequence[tuple[str, str]]]]:
    return [("", tuple(words.items()))]


def _ratings(questions: Iterable[Question]) -> list[tuple[str, Sequence[tuple[str, str]]]]:
    numbers = [question.number for question in questions if question.kind == QuestionKind.OBJECTIVE]
    return [
        (_("Objective %(number)s") % {"number": number}, [(f"{number}-{r.value}", str(r.label)) for r in Rating])
        for number in numbers
    ]


# --- The rows ----------------------------------------------------------------------------------------------


def entries_of(round_: Round, now: datetime, *, chosen: Chosen, by: User) -> QuerySet[Any]:
    """The entries that the address asks for, in its order, with all that a row shows. One query when read."""
    entries: QuerySet[Any] = _with_activity(entries_with_status(round_, now))
    entries = entries.select_related(
        "pledge_maker__caseworker", "covered_by__pledge_maker", "round", "extension"
    ).annotate(reaches_somebody=somebody_reachable("pledge_maker"), reaches_coordinator=_coordinator_reachable())
    for name, narrow in NARROW.items():
        if value := chosen.get(name):
            entries = narrow(entries, value, round_, by)
    return entries.order_by(*SORTS.get(chosen.get("sort"), NAME))


def by_owner(rows: QuerySet[Any], value: str, by: User, prefix: str = "") -> QuerySet[Any]:
    """Rows that somebody of the team looks after; `prefix` leads to the Pledge Maker."""
    owner: Any = {MINE: by.pk, NOBODY: None}.get(value, value)
    return rows.filter(**{f"{prefix}caseworker": owner})


def _by_state(rows: QuerySet[Any], value: str, round_: Round, by: User) -> QuerySet[Any]:
    if value == NO_DRAFT:
        return rows.filter(update_state=None, why_not_required="")
    return rows.filter(update_state=value)


def _by_reach(rows: QuerySet[Any], value: str, round_: Round, by: User) -> QuerySet[Any]:
    wanted = {
        "coordinator": Q(reaches_coordinator=True),
        "others": Q(reaches_somebody=True, reaches_coordinator=False),
        "nobody": Q(reaches_somebody=False),
    }
    return rows.filter(wanted[value])


def _by_region(rows: QuerySet[Any], value: str, round_: Round, by: User) -> QuerySet[Any]:
    parts = PledgeMakerOrganisation.objects.filter(pledge_maker=OuterRef("pledge_maker"), left_on=None)
    return rows.filter(Exists(parts.filter(organisation__region=value)))


def _by_rating(rows: QuerySet[Any], value: str, round_: Round, by: User) -> QuerySet[Any]:
    """The very answers that the figure counts."""
    number, rating = value.split("-", 1)
    answers = published_ratings(round_).filter(question__number=number, rating=rating)
    return rows.filter(pk__in=answers.values("update__entry"))


Narrow = Callable[[QuerySet[Any], str, Round, User], QuerySet[Any]]
NARROW: dict[str, Narrow] = {
    "status": lambda rows, value, round_, by: rows.filter(lateness=value),
    "state": _by_state,
    "owner": lambda rows, value, round_, by: by_owner(rows, value, by, "pledge_maker__"),
    "reach": _by_reach,
    "region": _by_region,
    "rating": _by_rating,
}


def _with_activity(entries: QuerySet[RoundEntry]) -> QuerySet[Any]:
    newest = ProgressUpdate.objects.filter(entry=OuterRef("pk")).order_by("-version")
    saved = _latest(Answer.objects.filter(update=OuterRef("pk")), "saved_at")
    moved = _latest(StatusChange.objects.filter(update=OuterRef("pk")), "at")
    # SQLite's greatest is NULL when one part is, PostgreSQL's is not: each stands in for the other.
    last = Max(Greatest(Coalesce(saved, moved), Coalesce(moved, saved)))
    active = ProgressUpdate.objects.filter(entry=OuterRef("pk")).order_by().values("entry").annotate(last=last)
    return entries.annotate(
        update_pk=Subquery(newest.values("pk")[:1]),
        update_state=Subquery(newest.values("state")[:1]),
        last_activity=Subquery(active.values("last")),
    )


def _latest(rows: QuerySet[Any], field: str) -> Subquery:
    """One table each: without a join there is nothing that a database could nest badly."""
    return Subquery(rows.order_by(f"-{field}").values(field)[:1])


def _coordinator_reachable() -> Exists:
    return Exists(reachable_members().filter(role=Role.COORDINATOR, pledge_maker=OuterRef("pledge_maker")))
