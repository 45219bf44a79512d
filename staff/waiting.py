"""What waits for whom, oldest first: the figures of the queue, and the rows behind each."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from design.templatetags.furniture import long_date
from progress_updates.lateness import NOT_RECEIVED, with_lateness
from progress_updates.models import ProgressUpdate, RoundEntry, State, StatusChange
from signatories import terms
from signatories.models import PledgeMaker
from signatories.reachable import nobody_reachable, only_one_reachable
from staff.progress import by_owner

REVIEW, IN_REVIEW, RETURNED, LATE, UNREACHABLE, ONLY_ONE, LEADER, PUBLISH = (
    "review",
    "in_review",
    "returned",
    "late",
    "unreachable",
    "only_one",
    "leader",
    "publish",
)
STATES = {REVIEW: State.SUBMITTED, IN_REVIEW: State.IN_REVIEW, RETURNED: State.RETURNED, PUBLISH: State.ACCEPTED}


@dataclass(frozen=True)
class Item:
    """One row of the queue. `since` is when it came to where it is; None where nothing tells."""

    name: str
    url: str
    round: str
    since: date | datetime | None
    owner: str
    note: str


def words() -> dict[str, str]:
    """The queues in the order in which the team looks at them."""
    return {
        REVIEW: _("Needs review"),
        IN_REVIEW: _("In review"),
        RETURNED: _("Returned, waiting for them"),
        LATE: _("Late"),
        UNREACHABLE: _("Nobody reachable"),
        ONLY_ONE: _("Only one reachable"),
        LEADER: _("Waits for a leader"),
        PUBLISH: _("Ready to publish"),
    }


def what_to_do(kind: str) -> str:
    """What the team does about a queue, in a sentence."""
    return {
        REVIEW: _("Read the update, then start the review."),
        IN_REVIEW: _("Accept the update, or send it back with a reason."),
        RETURNED: _("The Pledge Maker is at it. Ask how it goes when the day that you hoped for has passed."),
        LATE: _("The due date has passed and nothing was received. Ask what would help."),
        UNREACHABLE: _("No mail reaches anybody. Find out who is in charge now, and invite that person."),
        ONLY_ONE: _("Mail reaches one person only. Invite a coordinator, or ask them to: people leave."),
        LEADER: _("Invite the next leader; or ask a new one whether anything stands in the way of re-affirming."),
        PUBLISH: _("A publisher publishes it, at once or with the round."),
    }[kind]


def since_words(kind: str) -> str:
    return {
        REVIEW: _("Received"),
        IN_REVIEW: _("Review started"),
        RETURNED: _("Sent back"),
        LATE: _("Was due"),
        UNREACHABLE: _("Since"),
        ONLY_ONE: _("Since"),
        LEADER: _("Since"),
        PUBLISH: _("Accepted"),
    }[kind]


def figures(now: datetime, *, owner: str, by: User) -> dict[str, int]:
    """How many rows each queue has, for one owner or for all. One query."""
    found = counts_of(*counted_queues(now, owner=owner, by=by))
    return {kind: found[kind] for kind in words()}


def counted_queues(now: datetime, *, owner: str, by: User) -> list[QuerySet[Any, Any]]:
    return [counted(kind, rows_of(kind, now, owner=owner, by=by)) for kind in words()]


def counted(queue: str, rows: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """What `counts_of` asks for, together with others."""
    return rows.order_by().values(queue=Value(queue)).annotate(count=Count("pk")).values_list("queue", "count")


def counts_of(first: QuerySet[Any, Any], *others: QuerySet[Any, Any]) -> Counter[str]:
    """How many rows each `counted` queue has, by its name. One query for all."""
    return Counter(dict(first.union(*others, all=True)))


def rows_of(kind: str, now: datetime, *, owner: str, by: User) -> QuerySet[Any]:
    """The rows of one queue, oldest first. One query when read."""
    if kind == LATE:
        return _chosen(_late(now), owner, by, "pledge_maker__")
    if kind == UNREACHABLE:
        return _chosen(nobody_reachable().select_related("caseworker"), owner, by, "")
    if kind == ONLY_ONE:
        return _chosen(only_one_reachable().select_related("caseworker"), owner, by, "")
    if kind == LEADER:
        return _chosen(terms.waiting(timezone.localdate(now)).select_related("caseworker"), owner, by, "")
    return _chosen(_updates(STATES[kind]), owner, by, "entry__pledge_maker__")


def _chosen(rows: QuerySet[Any], owner: str, by: User, prefix: str) -> QuerySet[Any]:
    return by_owner(rows, owner, by, prefix) if owner else rows


def _updates(state: str) -> QuerySet[Any]:
    last = StatusChange.objects.filter(update=OuterRef("pk")).order_by("-at", "-pk")
    rows = ProgressUpdate.objects.filter(state=state).annotate(
        since=Subquery(last.values("at")[:1]),
        respond_by=Subquery(last.values("respond_by")[:1]),
        last_by=Subquery(User.objects.filter(pk=_last_by()).values("name")),
    )
    return rows.select_related("entry__pledge_maker__caseworker", "entry__round").order_by("since", "pk")


def _last_by() -> Subquery:
    """Who took the last step of an update two levels up. A query of its own: a database may nest a join badly."""
    last = StatusChange.objects.filter(update=OuterRef(OuterRef("pk"))).order_by("-at", "-pk")
    return Subquery(last.values("by")[:1])


def _late(now: datetime) -> QuerySet[Any]:
    """Not received in a round that is still open: later there is nothing to wait for."""
    running = RoundEntry.objects.filter(round__opened_at__lte=now, round__closes_at__gte=now, round__is_past=False)
    rows: QuerySet[Any] = with_lateness(running, now)
    rows = rows.filter(lateness=NOT_RECEIVED).annotate(since=Coalesce(F("extended_to"), "due_at"))
    return rows.select_related("pledge_maker__caseworker", "round").order_by("since", "pledge_maker__name", "pk")


# --- One row -----------------------------------------------------------------------------------------------


def item_of(kind: str, row: Any) -> Item:
    """From a row of `rows_of`. No query."""
    return MAKE.get(kind, _update_item)(row)


def _update_item(update: Any) -> Item:
    entry = update.entry
    return Item(
        name=entry.pledge_maker.name,
        url=reverse("staff:update", args=[update.pk]),
        round=entry.round.label,
        since=update.since,
        owner=_owner(entry.pledge_maker),
        note=_note(update),
    )


def _note(update: Any) -> str:
    if update.state == State.RETURNED and update.respond_by:
        return _("Hoped for by %(day)s") % {"day": long_date(update.respond_by)}
    if update.state == State.IN_REVIEW and update.last_by:
        return _("By %(name)s") % {"name": update.last_by}
    if update.state == State.ACCEPTED and update.publish_at:
        return _("Will be published %(day)s") % {"day": long_date(update.publish_at)}
    return _("Version %(version)s") % {"version": update.version} if update.version > 1 else ""


def _late_item(entry: Any) -> Item:
    return Item(
        name=entry.pledge_maker.name,
        url=reverse("staff:entry", args=[entry.round.slug, entry.pledge_maker.slug]),
        round=entry.round.label,
        since=entry.since,
        owner=_owner(entry.pledge_maker),
        note=_("After an extension") if entry.extended_to else "",
    )


def _unreachable_item(maker: Any) -> Item:
    return Item(
        name=maker.name,
        url=reverse("staff:pledge_maker", args=[maker.slug]),
        round="",
        since=None,
        owner=_owner(maker),
        note=_("Every address refuses its mail") if maker.has_members else _("Nobody to ask"),
    )


def _leader_item(maker: Any) -> Item:
    awaited = _("%(name)s has not re-affirmed the pledge yet") % {"name": maker.new_leader}
    return Item(
        name=maker.name,
        url=reverse("staff:pledge_maker", args=[maker.slug]),
        round="",
        since=maker.waits_since,
        owner=_owner(maker),
        note=awaited if maker.new_leader else _("No leader in office"),
    )


def _only_one_item(maker: Any) -> Item:
    return Item(
        name=maker.name,
        url=reverse("staff:members", args=[maker.slug]),
        round="",
        since=maker.since,
        owner=_owner(maker),
        note=_("Only %(name)s") % {"name": maker.only},
    )


def _owner(maker: PledgeMaker) -> str:
    return maker.caseworker.name if maker.caseworker else ""


MAKE: dict[str, Callable[[Any], Item]] = {
    LATE: _late_item,
    UNREACHABLE: _unreachable_item,
    ONLY_ONE: _only_one_item,
    LEADER: _leader_item,
}
