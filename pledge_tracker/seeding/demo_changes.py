"""What has happened to Pledge Makers of the demonstration: one left, one has a new name, one went up in another,
one signed a new Statement: all of it between the second round and the open one. Lately one has a new leader.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING

from pledge_tracker.demo_people import NEW_LEADER
from pledge_tracker.seeding import demo_makers
from pledge_tracker.seeding.dates import at
from progress_updates import after_changes, after_terms
from signatories import accepting, changes, invitations, search, signing, statements
from signatories.models import OrganisationName, Role
from signatories.terms import Successor

if TYPE_CHECKING:
    from accounts.models import User
    from pledge_tracker.seeding.demo import Team
    from signatories.models import PledgeMaker

NAME_BEFORE, NAME_AFTER = "Brindlewood Vale NHS Foundation Trust", "Brindlewood Community NHS Foundation Trust"
WITH_TWO_VERSIONS = "Westmarsh Partnership NHS Trust"
SUCCESSOR = "Stonebeck Mental Health Alliance"
WITH_NEW_LEADER = "Wexcombe Healthcare NHS Foundation Trust"
NEW_REASON = (
    "We signed in our first year because our own figures shamed us. We sign again because they have begun to move, "
    "and because the people who moved them asked us to go further.\n\n"
    "What is new in this version: community organisations decide with us, and each objective has a name beside it."
)


def carry_out(makers: Iterable[PledgeMaker], *, before: date, team: Team) -> None:
    """Everything happens in the weeks before that day, by the functions that the pages of the team call."""
    by_name = {maker.name: maker for maker in makers}
    _withdraw(by_name[demo_makers.WITHDRAWN.name], before - timedelta(days=40), team.caseworker)
    _rename(by_name[NAME_BEFORE], before - timedelta(days=34), team.caseworker)
    _second_version(by_name[WITH_TWO_VERSIONS], before - timedelta(days=30), team.publisher)
    _merge(by_name[demo_makers.MERGED.name], by_name[SUCCESSOR], before - timedelta(days=20), team.caseworker)


def _withdraw(maker: PledgeMaker, day: date, by: User) -> None:
    note = "The trust has joined another scheme and will not report here again."
    after_changes.withdraw(pledge_maker=maker, on=day, note=note, by=by, now=at(day, 11))


def _rename(maker: PledgeMaker, day: date, by: User) -> None:
    """With its only organisation. Its signed records keep the old name."""
    changes.rename(pledge_maker=maker, name=NAME_AFTER, by=by, now=at(day, 11))
    organisation = maker.organisations.get()
    OrganisationName.objects.create(organisation=organisation, name=NAME_BEFORE, until=day - timedelta(days=1))
    organisation.name = NAME_AFTER
    organisation.save(update_fields=["name"])
    search.index_those_of([organisation])


def _second_version(maker: PledgeMaker, day: date, publisher: User) -> None:
    leader = maker.leaders.get(until_on=None)
    by = leader.user
    assert by
    draft = statements.start(pledge_maker=maker, by=by, now=at(day, 10))
    saved_at = at(day + timedelta(days=3), 12)
    draft = statements.save(statement=draft, why=NEW_REASON, plans={}, edit=draft.edit, by=by, now=saved_at)
    signing.sign(
        statement=draft,
        leader=leader,
        name=leader.name,
        role_title=leader.role_title,
        joins_network=True,
        edit=draft.edit,
        by=by,
        now=at(day + timedelta(days=6), 15),
    )
    signing.publish(statement=draft, by=publisher, now=at(day + timedelta(days=9), 9))


def _merge(maker: PledgeMaker, successor: PledgeMaker, day: date, by: User) -> None:
    """Its organisation takes part in the successor from then on."""
    after_changes.merge(pledge_maker=maker, successors=[successor], on=day, by=by, now=at(day, 16))
    [organisation] = maker.organisations.all()
    changes.add_organisation(pledge_maker=successor, organisation=organisation, on=day, by=by, now=at(day, 17))


def change_leader(makers: Iterable[PledgeMaker], *, last_day: date, team: Team) -> None:
    """The leader has left; the successor has accepted, and has not said a word to the pledge yet."""
    maker = next(maker for maker in makers if maker.name == WITH_NEW_LEADER)
    leader = maker.leaders.select_related("organisation").get(until_on=None)
    coordinator = maker.memberships.get(role=Role.COORDINATOR, ended_at=None).user
    named = Successor(NEW_LEADER.name, leader.role_title, NEW_LEADER.email)
    after_terms.end_term(
        leader=leader, until_on=last_day, by=coordinator, now=at(last_day + timedelta(days=2), 15), successor=named
    )
    invitation = invitations.invite(
        pledge_maker=maker,
        email=NEW_LEADER.email,
        name=NEW_LEADER.name,
        role=Role.LEADER,
        role_title=leader.role_title,
        organisation=leader.organisation,
        by=team.caseworker,
        now=at(last_day + timedelta(days=5), 10),
    )
    accepting.accept_found(invitation=invitation, now=at(last_day + timedelta(days=8), 9, 15))
