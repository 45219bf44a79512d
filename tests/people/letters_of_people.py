"""The mails about people themselves: how they sign in, what they may do, who leads. See `letters.py`."""

from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from accounts import addresses, giving_back, recovery_codes, second_factor, team
from accounts.models import AddressChange, SynergiRole
from progress_updates import after_terms
from signatories import accepting, last_days, memberships, reach_alarms, terms
from signatories.models import PledgeMaker, Role, StatementState
from tests.factories.accounts import make_caseworker, make_user, sign_in
from tests.factories.signatories import (
    make_invitation,
    make_leader,
    make_member,
    make_public_pledge_maker,
    make_statement,
)
from tests.people.everybody import World, token_in_mail


def _maker(world: World, name: str) -> PledgeMaker:
    """One of its own, with a leader and two coordinators, so that nobody else loses a role."""
    then = world.now - timedelta(days=90)
    maker = make_public_pledge_maker(name=name, now=then)
    for _each in range(2):
        make_member(pledge_maker=maker, role=Role.COORDINATOR, now=then)
    return maker


def the_second_factor_changes(world: World) -> None:
    user = make_caseworker()
    recovery_codes.make(user=user, now=world.now)
    assert Authenticator.objects.filter(user=user).exists()
    second_factor.reset(user=user, by=world.team["administrator"], now=world.now)


def an_address_changes(world: World) -> None:
    """After somebody tried one that a colleague has; then it was not them, and they get it back."""
    user, colleague = make_user(), make_user()
    browser = sign_in(Client(), user)
    browser.post("/account/address/", {"email": colleague.email})
    browser.post("/account/address/", {"email": "new.address@northtown.example"})
    asked = AddressChange.objects.filter(user=user).latest("pk")
    addresses.change(asked=asked, by=user, now=world.now)
    asked.refresh_from_db()
    giving_back.give_back(change=asked, by=world.team["administrator"], now=world.now)


def roles_change(world: World) -> None:
    maker = _maker(world, "Wexcombe Trust")
    about: dict[str, Any] = {"by": maker.leaders.get().user, "now": world.now}
    invited = make_invitation(pledge_maker=maker, role=Role.READER, now=world.now)
    member = accepting.accept(token=token_in_mail(invited.email, "invitation"), now=world.now)
    contributor = memberships.change_role(membership=member, role=Role.CONTRIBUTOR, **about)
    memberships.limit(membership=contributor, objectives=[1, 2], **about)
    leaving = make_member(pledge_maker=maker, role=Role.READER, now=world.now)
    memberships.end(membership=leaving, **about)


def a_statement_is_signed_where_others_coordinate(world: World) -> None:
    maker = _maker(world, "Hartsmead Trust")
    make_statement(pledge_maker=maker, state=StatementState.SIGNED, why="We go on.", now=world.now)


def leaders_change(world: World) -> None:
    """One leaves, two follow: one re-affirms, the other asks for changes."""
    maker = _maker(world, "Brindlewood Trust")
    old, statement = maker.leaders.get(), maker.statements.get()
    first, second = (make_leader(pledge_maker=maker, name=name, now=world.now) for name in ("Dr Ify Eze", "Dr Jo Lee"))
    assert old.user
    after_terms.end_term(leader=old, until_on=timezone.localdate(world.now), by=old.user, now=world.now)
    about: dict[str, Any] = {"statement": statement, "now": world.now}
    terms.ask_for_changes(leader=first, words="Name the partners.", by=first.user, **about)
    terms.reaffirm(leader=second, name=second.name, role_title=second.role_title, by=second.user, **about)


def a_last_day_is_withdrawn(world: World) -> None:
    leader = _maker(world, "Kingsferry Trust").leaders.get()
    ahead = timezone.localdate(world.now) + timedelta(days=30)
    terms.end_term(leader=leader, until_on=ahead, by=leader.user, now=world.now)
    last_days.withdraw(leader=leader, by=leader.user, now=world.now)


def the_team_changes(world: World) -> None:
    team.give_role(user=make_user(), role=SynergiRole.CASEWORKER, by=world.team["administrator"], now=world.now)


def too_few_can_be_reached(world: World) -> None:
    make_public_pledge_maker(name="Thornwick Trust", now=world.now)
    reach_alarms.watch(now=world.now)


EVENTS = (
    the_second_factor_changes,
    an_address_changes,
    roles_change,
    a_statement_is_signed_where_others_coordinate,
    leaders_change,
    a_last_day_is_withdrawn,
    the_team_changes,
    too_few_can_be_reached,
)
