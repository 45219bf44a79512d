"""Two Pledge Makers with everything that a Pledge Maker can have, and one of every kind of person.

`world()` is the scene of all proofs about who may see and do what. "Ours" and "theirs" are told alike, so that every
address has two objects: one's own and somebody else's. The scene is made once for a module; each test takes back
what it changed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import AddressChange, KeptRequest, User
from mail.models import Message
from progress_updates import extensions
from progress_updates.models import ProgressUpdate, Round, State
from reminders import chase
from reports import build, national
from signatories import statements
from signatories.models import PledgeMaker, Role
from tests.factories.accounts import make_administrator, make_caseworker, make_publisher, sign_in
from tests.factories.joining import make_application, make_changed_supporter, token_of
from tests.factories.passkeys import make_passkey
from tests.factories.past import make_entered, make_past_round
from tests.factories.progress_updates import PATHS, leader_of, make_round, make_update, take, writer_of
from tests.factories.signatories import make_invitation, make_member, make_public_pledge_maker

# Who looks: the first two are nobody to the site, the next five act for a Pledge Maker, the last three are the team.
NOBODY = ("visitor", "disabled")
MEMBERS = ("reader", "contributor", "coordinator", "leader", "other_leader")
TEAM = ("caseworker", "publisher", "administrator")
PEOPLE = NOBODY + MEMBERS + TEAM
# The rounds of the scene, with the days from now to their due day and how far the updates in them are.
ROUNDS: dict[str, tuple[int, State]] = {
    "spring": (-170, State.PUBLISHED),
    "winter": (-40, State.PUBLISHED),
    "returned": (21, State.RETURNED),
    "in_review": (22, State.IN_REVIEW),
    "accepted": (23, State.ACCEPTED),
    "submitted": (24, State.SUBMITTED),
    "awaiting": (25, State.AWAITING_SIGN_OFF),
    "autumn": (26, State.DRAFT),
}
NOBODYS: dict[str, Any] = {"pk": 999_999_999, "version": 99, "document": 999_999_999, "change": 999_999_999}


@dataclass
class Tenant:
    """One Pledge Maker, its people by role, and what belongs to it by name: keys, slugs and tokens for addresses."""

    maker: PledgeMaker
    people: dict[str, User]
    things: dict[str, Any] = field(default_factory=dict)


class Words:
    """What may be written into the scene while it is told; by default nothing."""

    def of_people(self, tenant: Tenant) -> None:
        """Before anything is signed."""

    def of_update(self, update: ProgressUpdate, tenant: Tenant, state: State) -> None:
        """Complete, and before it leaves its writers."""

    def of_the_rest(self, world: "World") -> None:
        """Before the national report is made."""


@dataclass
class World:
    now: datetime
    ours: Tenant
    theirs: Tenant
    team: dict[str, User]
    rounds: dict[str, Round]
    sessions: dict[str, str] = field(default_factory=dict)
    # What belongs to a person's account; "colleague" is somebody else.
    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)

    def user(self, person: str) -> User | None:
        if person == "other_leader":
            return self.theirs.people["leader"]
        return self.team.get(person) or self.ours.people.get(person)

    def things_of(self, person: str, *, own: bool) -> dict[str, Any]:
        """What stands in addresses of one's own things, or of somebody else's."""
        tenant = self.theirs if own == (person == "other_leader") else self.ours
        return tenant.things | (self.accounts.get(person, {}) if own else self.accounts["colleague"])

    def browser(self, person: str) -> Client:
        """A browser of this person that knows nothing but the session of when the scene was made."""
        client = Client(raise_request_exception=False)
        if key := self.sessions.get(person):
            client.cookies[settings.SESSION_COOKIE_NAME] = key
        return client


def told_once(blocker: Any, words: Words | None = None) -> Iterator[World]:
    """The same scene for all tests of a module."""
    with blocker.unblock(), transaction.atomic():
        yield world(words or Words())
        transaction.set_rollback(True)


def world(words: Words) -> World:
    now = timezone.now()
    team = {"caseworker": make_caseworker(), "publisher": make_publisher(), "administrator": make_administrator()}
    tenants = [_tenant(name, now) for name in ("Northtown Trust", "Southmoor Trust")]
    for tenant in tenants:
        words.of_people(tenant)
    rounds = {name: _round(name, now, team["caseworker"]) for name in ROUNDS}
    made = World(now, *tenants, team, rounds)
    for tenant in tenants:
        _report(made, tenant, words)
        _around(made, tenant)
    _history(made)
    build.plan(now=now)
    words.of_the_rest(made)
    _publish_the_report(made)
    _everybody_signs_in(made)
    return made


def _tenant(name: str, now: datetime) -> Tenant:
    then = now - timedelta(days=300)
    maker = make_public_pledge_maker(name=name, now=then)
    people = {"leader": leader_of(maker), "coordinator": writer_of(maker, then)}
    for person, role in (("contributor", Role.CONTRIBUTOR), ("reader", Role.READER), ("disabled", Role.COORDINATOR)):
        people[person] = make_member(pledge_maker=maker, role=role, now=then).user
    return Tenant(maker, people)


def _round(name: str, now: datetime, by: User) -> Round:
    days, _state = ROUNDS[name]
    opened = now + timedelta(days=days - 30 if days < 0 else -20)
    due_on = timezone.localdate(now) + timedelta(days=days)
    return make_round(label=name.replace("_", "-").title(), due_on=due_on, now=opened, by=by)


def _report(world: World, tenant: Tenant, words: Words) -> None:
    """An update in every state, each in a round of its own."""
    for name, (days, state) in ROUNDS.items():
        when = world.now + timedelta(days=days - 10 if days < 0 else -3)
        entry = world.rounds[name].entries.get(pledge_maker=tenant.maker)
        update = make_update(entry=entry, now=when)
        words.of_update(update, tenant, state)
        for step in PATHS[state]:
            take(step, update, writer=tenant.people["coordinator"], leader=tenant.people["leader"], now=when)
        update.refresh_from_db()
        tenant.things |= {f"update_{name}": update.pk, name: world.rounds[name].slug}


def _around(world: World, tenant: Tenant) -> None:
    """What stands around the updates: people asked in, a new Statement, more time asked for, mail in bulk."""
    maker, now, people = tenant.maker, world.now, tenant.people
    statements.start(pledge_maker=maker, by=people["coordinator"], now=now)
    asked = make_invitation(pledge_maker=maker, role=Role.CONTRIBUTOR, by=people["coordinator"], now=now)
    leader = make_invitation(pledge_maker=maker, by=world.team["caseworker"], now=now)
    entry = world.rounds["autumn"].entries.get(pledge_maker=maker)
    wanted_on = timezone.localdate(entry.due_at) + timedelta(days=7)
    more_time = extensions.ask(
        entry=entry, wanted_on=wanted_on, reason="Our lead left.", by=people["coordinator"], now=now
    )
    application, supporter = make_application(now=now), make_changed_supporter(now=now)
    tenant.things |= {
        "maker": maker.slug,
        "invitation": asked.pk,
        "token": token_in_mail(asked.email, "invitation"),
        "leader_invitation": leader.pk,
        "invited": (asked.email, leader.email),
        "more_time": more_time.pk,
        "chase": _chase(world, maker),
        "application": application.pk,
        "supporter": supporter.pk,
        "supporter_token": token_of(supporter),
        "person": people["contributor"].pk,
        "change": _moved_on(people["contributor"], now).pk,
        "message": Message.objects.filter(to=people["leader"].email).latest("pk").pk,
        "leader": maker.leaders.filter(until_on=None)[0].pk,
        "part": maker.parts.get().pk,
        "membership": maker.memberships.get(user=people["contributor"], ended_at=None).pk,
    }


def _moved_on(user: User, now: datetime) -> AddressChange:
    """Their address was another one before."""
    asked = {"old_email": f"old.{user.email}", "new_email": user.email, "asked_at": now, "confirmed_at": now}
    return AddressChange.objects.create(user=user, **asked)


def token_in_mail(address: str, kind: str) -> str:
    """What stands at the end of the address in the newest mail of this kind."""
    text = Message.objects.filter(to=address, kind=kind).latest("pk").text
    return next(line for line in text.splitlines() if f"/{kind}/" in line).rstrip("/").rpartition("/")[2]


def _chase(world: World, maker: PledgeMaker) -> int:
    """Bulk mail about the round that still asks; it can be cancelled for five minutes."""
    round_, by = world.rounds["autumn"], world.team["caseworker"]
    entries = list(round_.entries.filter(pledge_maker=maker).values_list("pk", flat=True))
    seen = chase.preview(round_=round_, entries=entries, now=world.now).fingerprint
    started = chase.start(round_=round_, entries=entries, sentence="We can help.", seen=seen, by=by, now=world.now)
    return started.pk


def _history(world: World) -> None:
    """Rounds of long ago: two in which the team enters documents, one that is not opened; and one still to come."""
    by = world.team["caseworker"]
    for tenant, label, due_on in (
        (world.ours, "First", date(2021, 4, 30)),
        (world.theirs, "Second", date(2021, 10, 31)),
    ):
        past = make_past_round(label=label, due_on=due_on, makers=[world.ours.maker, world.theirs.maker], by=by)
        entered = make_entered(entry=past.entries.get(pledge_maker=tenant.maker), by=by)
        tenant.things |= {"past": past.slug, "entered": entered.pk, "document": entered.sources.get().pk}
    unopened = make_past_round(label="Third", due_on=date(2022, 6, 1), by=by)
    planned = make_round(
        label="Planned", due_on=timezone.localdate(world.now) + timedelta(days=90), opened=False, by=by
    )
    for tenant in (world.ours, world.theirs):
        tenant.things |= {"unopened": unopened.slug, "planned": planned.slug}


def _publish_the_report(world: World) -> None:
    report = national.build(round_=world.rounds["spring"], by=world.team["publisher"], now=world.now)
    national.publish(report=report, by=world.team["publisher"], now=world.now)
    for tenant in (world.ours, world.theirs):
        update = ProgressUpdate.objects.get(pk=tenant.things["update_spring"])
        tenant.things["pdf"] = update.snapshots.get().documents.get().pk


def _everybody_signs_in(world: World) -> None:
    for person in PEOPLE:
        if user := world.user(person):
            world.sessions[person] = sign_in(Client(), user).cookies[settings.SESSION_COOKIE_NAME].value
            world.accounts[person] = _account(user)
    world.accounts["colleague"] = _account(make_publisher())
    User.objects.filter(pk=world.ours.people["disabled"].pk).update(is_active=False)


def _account(user: User) -> dict[str, Any]:
    """Another browser in which somebody is signed in, and what they sent before they were; the team has a passkey."""
    kept = KeptRequest.objects.create(
        holder_hash=f"{user.pk:064}", user=user, path="/workspace/", body="why=Because", created_at=timezone.now()
    )
    session = UserSession.objects.create(user=user, ip="127.0.0.1", session_key=f"elsewhere-{user.pk}")
    if not user.is_synergi:
        return {"kept": kept.pk, "session": session.pk}
    return {"kept": kept.pk, "session": session.pk, "passkey": make_passkey(user).pk}
