"""Organisations, Pledge Makers, members and Statements for tests, made through the real workflow."""

import itertools
from collections.abc import Sequence
from datetime import date, datetime

from django.utils import timezone

from accounts.models import SynergiRole, User
from signatories import accepting, invitations, pledge_makers, signing, statements
from signatories.models import (
    Invitation,
    Leader,
    Membership,
    Organisation,
    OrganisationKind,
    PledgeMaker,
    Role,
    Statement,
    StatementState,
)
from tests.factories.accounts import make_caseworker, make_publisher

_numbers = itertools.count(1)
WHY = "We want everyone in Northtown to get the same good care.\n\nWe have not managed that yet."
PLANS = {n: f"For objective {n} we will meet local people each month and publish what we hear." for n in range(1, 8)}


def make_organisation(
    *,
    name: str | None = None,
    ods_code: str | None = None,
    kind: str = OrganisationKind.MENTAL_HEALTH_TRUST,
    region: str = "Y63",
    opened_on: date | None = None,
    closed_on: date | None = None,
    confirmed: bool = True,
) -> Organisation:
    return Organisation.objects.create(
        name=name or f"Northtown {next(_numbers)} Mental Health NHS Trust",
        ods_code=ods_code,
        kind=kind,
        region=region,
        opened_on=opened_on,
        closed_on=closed_on,
        confirmed=confirmed,
    )


def _staff() -> User:
    found = User.objects.filter(synergi_role=SynergiRole.CASEWORKER).order_by("pk").first()
    return found or make_caseworker()


def make_pledge_maker(
    *,
    name: str | None = None,
    organisations: Sequence[Organisation] | None = None,
    now: datetime | None = None,
) -> PledgeMaker:
    """A Pledge Maker as staff make it: nobody belongs to it yet and it has no Statement."""
    parts = list(organisations or [make_organisation(name=name)])
    return pledge_makers.create(name=name or parts[0].name, organisations=parts, by=_staff(), now=now or timezone.now())


def make_invitation(
    *,
    pledge_maker: PledgeMaker | None = None,
    email: str | None = None,
    name: str = "Ama Mensah",
    role: str = Role.LEADER,
    role_title: str = "Chief executive",
    by: User | None = None,
    now: datetime | None = None,
) -> Invitation:
    """An open invitation: to a leader by staff, else by a leader, who is made when there is none."""
    now = now or timezone.now()
    pledge_maker = pledge_maker or make_pledge_maker(now=now)
    return invitations.invite(
        pledge_maker=pledge_maker,
        email=email or f"member{next(_numbers)}@northtown.example",
        name=name,
        role=role,
        role_title=role_title if role == Role.LEADER else "",
        organisation=pledge_maker.organisations.first() if role == Role.LEADER else None,
        by=by or (_staff() if role == Role.LEADER else _leader_of(pledge_maker, now).user),
        now=now,
    )


def _leader_of(pledge_maker: PledgeMaker, now: datetime) -> Membership:
    found = pledge_maker.memberships.filter(role=Role.LEADER, ended_at=None).order_by("pk").first()
    return found or make_member(pledge_maker=pledge_maker, role=Role.LEADER, now=now)


def make_member(
    *,
    pledge_maker: PledgeMaker | None = None,
    role: str = Role.COORDINATOR,
    email: str | None = None,
    name: str = "Ama Mensah",
    now: datetime | None = None,
) -> Membership:
    """Somebody who was invited and accepted; with role LEADER there is a Leader row too."""
    now = now or timezone.now()
    invitation = make_invitation(pledge_maker=pledge_maker, email=email, name=name, role=role, now=now)
    return accepting.accept_found(invitation=invitation, now=now)


def make_leader(
    *,
    pledge_maker: PledgeMaker | None = None,
    email: str | None = None,
    name: str = "Dr Ngozi Bello",
    now: datetime | None = None,
) -> Leader:
    """A leader with an account; `leader.user` signs."""
    membership = make_member(pledge_maker=pledge_maker, role=Role.LEADER, email=email, name=name, now=now)
    return Leader.objects.get(user=membership.user, pledge_maker=membership.pledge_maker, until_on=None)


def make_statement(
    *,
    pledge_maker: PledgeMaker | None = None,
    leader: Leader | None = None,
    state: str = StatementState.DRAFT,
    why: str = WHY,
    plans: dict[int, str] | None = None,
    now: datetime | None = None,
) -> Statement:
    """A complete Statement in any state, walked there through the real workflow."""
    now = now or timezone.now()
    leader = leader or _leader_row(pledge_maker, now)
    by = leader.user
    assert by is not None
    draft = statements.start(pledge_maker=leader.pledge_maker, by=by, now=now)
    texts = PLANS if plans is None else plans
    draft = statements.save(statement=draft, why=why, plans=texts, edit=draft.edit, by=by, now=now)
    if state != StatementState.DRAFT:
        _sign(draft, leader, now)
    if state in (StatementState.PUBLISHED, StatementState.SUPERSEDED):
        signing.publish(statement=draft, by=_publisher(), now=now)
    if state == StatementState.SUPERSEDED:
        make_statement(leader=leader, state=StatementState.PUBLISHED, why=f"{why} Again.", now=now)
    draft.refresh_from_db()
    return draft


def _leader_row(pledge_maker: PledgeMaker | None, now: datetime) -> Leader:
    if pledge_maker and (found := pledge_maker.leaders.exclude(user=None).filter(until_on=None).first()):
        return found
    return make_leader(pledge_maker=pledge_maker, now=now)


def _sign(draft: Statement, leader: Leader, now: datetime) -> None:
    by = leader.user
    assert by is not None
    signing.sign(
        statement=draft,
        leader=leader,
        name=leader.name,
        role_title=leader.role_title,
        joins_network=True,
        edit=draft.edit,
        by=by,
        now=now,
    )


def _publisher() -> User:
    found = User.objects.filter(synergi_role=SynergiRole.PUBLISHER).order_by("pk").first()
    return found or make_publisher()


def make_public_pledge_maker(*, name: str | None = None, now: datetime | None = None) -> PledgeMaker:
    """A Pledge Maker with a leader and a published Statement: the public sees it."""
    pledge_maker = make_pledge_maker(name=name, now=now)
    make_statement(pledge_maker=pledge_maker, state=StatementState.PUBLISHED, now=now)
    return pledge_maker
