"""Rounds and updates for tests, walked to any state through the real workflow."""

import itertools
from datetime import date, datetime, timedelta

from django.utils import timezone

from accounts.models import User
from progress_updates import drafting, rounds, workflow
from progress_updates.models import (
    ProgressUpdate,
    Round,
    RoundEntry,
    State,
)
from progress_updates.snapshots import fingerprint
from signatories.models import PledgeMaker, Role
from tests.factories.accounts import make_caseworker, make_publisher
from tests.factories.sections import fill
from tests.factories.signatories import make_leader, make_member, make_public_pledge_maker

_numbers = itertools.count(1)


def make_round(
    *,
    label: str | None = None,
    due_on: date | None = None,
    now: datetime | None = None,
    opened: bool = True,
    by: User | None = None,
) -> Round:
    """A round that opened 60 days before its due day and closes 30 days after it. Pledge Makers first."""
    now = now or timezone.now()
    due_on = due_on or timezone.localdate(now) + timedelta(days=20)
    by = by or make_caseworker()
    round_ = rounds.create_round(
        label=label or f"Round {next(_numbers)}",
        period_from=due_on - timedelta(days=210),
        period_to=due_on - timedelta(days=30),
        opens_on=due_on - timedelta(days=60),
        due_on=due_on,
        closes_on=due_on + timedelta(days=30),
        publishes_on=due_on + timedelta(days=60),
        by=by,
        now=now,
    )
    if opened:
        rounds.open_round(round_=round_, by=by, now=min(now, round_.due_at))
        round_.refresh_from_db()
    return round_


def make_entry(
    *, pledge_maker: PledgeMaker | None = None, round_: Round | None = None, now: datetime | None = None
) -> RoundEntry:
    maker = pledge_maker or make_public_pledge_maker(now=now)
    round_ = round_ or make_round(now=now)
    return RoundEntry.objects.get(pledge_maker=maker, round=round_)


def writer_of(maker: PledgeMaker, now: datetime | None = None) -> User:
    """A coordinator of the Pledge Maker, made when there is none."""
    found = maker.memberships.filter(role=Role.COORDINATOR, ended_at=None).order_by("pk").first()
    return (found or make_member(pledge_maker=maker, role=Role.COORDINATOR, now=now)).user


def leader_of(maker: PledgeMaker, now: datetime | None = None) -> User:
    found = maker.leaders.exclude(user=None).filter(until_on=None).order_by("pk").first()
    user = (found or make_leader(pledge_maker=maker, now=now)).user
    assert user is not None
    return user


def make_update(
    *,
    entry: RoundEntry | None = None,
    state: str = State.DRAFT,
    now: datetime | None = None,
    complete: bool = True,
    text: str | None = None,
) -> ProgressUpdate:
    """A complete update in any state. Writer, leader and staff are those of the Pledge Maker and the team."""
    now = now or timezone.now()
    entry = entry or make_entry(now=now)
    maker = entry.pledge_maker
    leader, writer = leader_of(maker, now), writer_of(maker, now)
    update = drafting.start_update(entry=entry, by=writer, now=now)
    if complete:
        fill(update, by=writer, now=now, text=text)
    for step in PATHS[State(state)]:
        take(step, update, writer=writer, leader=leader, now=now)
    return update


PATHS: dict[State, tuple[str, ...]] = {
    State.DRAFT: (),
    State.AWAITING_SIGN_OFF: ("ask_for_signature",),
    State.SUBMITTED: ("ask_for_signature", "sign"),
    State.IN_REVIEW: ("ask_for_signature", "sign", "start_review"),
    State.RETURNED: ("ask_for_signature", "sign", "start_review", "return_by_staff"),
    State.ACCEPTED: ("ask_for_signature", "sign", "start_review", "accept"),
    State.PUBLISHED: ("ask_for_signature", "sign", "start_review", "accept", "publish"),
}


def take(name: str, update: ProgressUpdate, *, writer: User, leader: User, now: datetime) -> None:
    """One step of the workflow by whoever usually takes it."""
    if name == "sign":
        workflow.sign(update=update, by=leader, now=now, read=fingerprint(update))
    elif name == "return_by_staff":
        workflow.return_by_staff(update=update, by=make_caseworker(), now=now, reason="Please name the partner.")
    elif name == "return_by_leader":
        workflow.return_by_leader(update=update, by=leader, now=now, reason="Add the figures.")
    else:
        by = {
            "ask_for_signature": writer,
            "take_back": writer,
            "recall": writer,
            "start_review": None,
            "accept": None,
        }.get(name, make_publisher() if "publi" in name else None)
        getattr(workflow, name)(update=update, by=by or make_caseworker(), now=now)
