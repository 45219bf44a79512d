"""Changing who acts for a Pledge Maker: roles, limits, ends; who may, what is kept, who is told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from accounts.models import AuditEvent, User
from mail.models import Message
from signatories import memberships
from signatories.memberships import Refused
from signatories.models import Invitation, Membership, PledgeMaker, Role
from tests.factories.accounts import make_caseworker
from tests.factories.signatories import make_invitation, make_leader, make_member, make_pledge_maker

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


@pytest.fixture
def maker() -> PledgeMaker:
    """Northtown Trust with a leader."""
    return make_leader(pledge_maker=make_pledge_maker(name="Northtown Trust", now=NOW), now=NOW).pledge_maker


def member(maker: PledgeMaker, role: str, name: str = "Kofi Asante", **more: str) -> Membership:
    return make_member(pledge_maker=maker, role=role, name=name, now=NOW, **more)


def leader_of(maker: PledgeMaker) -> User:
    return Membership.objects.get(pledge_maker=maker, role=Role.LEADER).user


def now_of(user: User) -> list[tuple[str, list[int]]]:
    return list(Membership.objects.filter(user=user, ended_at=None).values_list("role", "objectives"))


# --- Another role ------------------------------------------------------------------------------------------


def test_another_role_is_a_new_row_and_the_old_one_stays_as_history(maker: PledgeMaker) -> None:
    before, by = member(maker, Role.READER), leader_of(maker)
    after = memberships.change_role(membership=before, role=Role.COORDINATOR, by=by, now=LATER)
    before.refresh_from_db()
    assert (before.role, before.ended_at, before.ended_by) == ("reader", LATER, by)
    assert (after.user, after.role, after.since, after.ended_at) == (before.user, "coordinator", LATER, None)


def test_a_role_change_keeps_before_and_after_in_the_audit_trail(maker: PledgeMaker) -> None:
    before, by = member(maker, Role.COORDINATOR), leader_of(maker)
    member(maker, Role.COORDINATOR)
    after = memberships.change_role(membership=before, role=Role.CONTRIBUTOR, objectives=[5, 2], by=by, now=LATER)
    event = AuditEvent.objects.get(action="membership.role_changed")
    assert (event.by, event.about_id, event.at) == (by, after.pk, LATER)
    assert event.before == {"role": "coordinator", "objectives": []}
    assert event.after == {"role": "contributor", "objectives": [2, 5]}
    assert event.detail == {"person": before.user_id, "pledge_maker": maker.pk}


def test_the_same_role_again_is_refused_and_changes_nothing(maker: PledgeMaker) -> None:
    here = member(maker, Role.READER)
    with pytest.raises(Refused, match="has this role already"):
        memberships.change_role(membership=here, role=Role.READER, by=leader_of(maker), now=LATER)
    assert now_of(here.user) == [("reader", [])]


@pytest.mark.parametrize("to_leader", [True, False])
def test_leaders_come_and_go_by_their_terms(maker: PledgeMaker, *, to_leader: bool) -> None:
    staff = make_caseworker()
    here = member(maker, Role.READER) if to_leader else Membership.objects.get(pledge_maker=maker, role=Role.LEADER)
    role = Role.LEADER if to_leader else Role.READER
    with pytest.raises(Refused, match="go when their term is ended"):
        memberships.change_role(membership=here, role=role, by=staff, now=LATER)
    if not to_leader:
        with pytest.raises(Refused, match="go when their term is ended"):
            memberships.end(membership=here, by=staff, now=LATER)


def test_a_role_that_was_changed_meanwhile_is_left_alone(maker: PledgeMaker) -> None:
    seen, by = member(maker, Role.READER), leader_of(maker)
    memberships.change_role(membership=seen, role=Role.CONTRIBUTOR, by=by, now=LATER)
    with pytest.raises(Refused, match="Somebody was faster"):
        memberships.change_role(membership=seen, role=Role.COORDINATOR, by=by, now=LATER)
    with pytest.raises(Refused, match="Somebody was faster"):
        memberships.end(membership=seen, by=by, now=LATER)
    assert now_of(seen.user) == [("contributor", [])]


# Who may change whom, into what: {who: {role of the other: roles that they may be given}}.
ALL_BUT_OWN = {
    Role.COORDINATOR: {Role.CONTRIBUTOR, Role.READER},
    Role.CONTRIBUTOR: {Role.COORDINATOR, Role.READER},
    Role.READER: {Role.COORDINATOR, Role.CONTRIBUTOR},
}
NOBODY: dict[Role, set[Role]] = {role: set() for role in ALL_BUT_OWN}
MAY_CHANGE: dict[str, dict[str, set[Role]]] = {
    "staff": ALL_BUT_OWN,
    Role.LEADER: ALL_BUT_OWN,
    Role.COORDINATOR: ALL_BUT_OWN | {Role.COORDINATOR: set()},
    Role.CONTRIBUTOR: NOBODY,
    Role.READER: NOBODY,
    "a leader elsewhere": NOBODY,
    "somebody who left": NOBODY,
}


def somebody(who: str, maker: PledgeMaker) -> User:
    if who == "staff":
        return make_caseworker()
    if who == "a leader elsewhere":
        return leader_of(make_leader(now=NOW).pledge_maker)
    if who == Role.LEADER:
        return leader_of(maker)
    here = member(maker, Role.COORDINATOR if who == "somebody who left" else who)
    if who == "somebody who left":
        Membership.objects.filter(pk=here.pk).update(ended_at=NOW)
    return here.user


@pytest.mark.parametrize("of", list(ALL_BUT_OWN))
@pytest.mark.parametrize("who", list(MAY_CHANGE))
def test_who_may_give_whom_which_role(maker: PledgeMaker, who: str, of: Role) -> None:
    by = somebody(who, maker)
    member(maker, Role.COORDINATOR)
    given = set()
    for role in set(ALL_BUT_OWN) - {of}:
        try:
            memberships.change_role(membership=member(maker, of), role=role, by=by, now=LATER)
            given.add(role)
        except PermissionDenied:
            pass
    assert given == MAY_CHANGE[who][of]


@pytest.mark.parametrize("of", list(ALL_BUT_OWN))
@pytest.mark.parametrize("who", list(MAY_CHANGE))
def test_who_may_end_whose_role(maker: PledgeMaker, who: str, of: Role) -> None:
    by, here = somebody(who, maker), member(maker, of)
    member(maker, Role.COORDINATOR)
    if MAY_CHANGE[who][of]:
        memberships.end(membership=here, by=by, now=LATER)
        assert now_of(here.user) == []
    else:
        with pytest.raises(PermissionDenied):
            memberships.end(membership=here, by=by, now=LATER)
        assert now_of(here.user) == [(of, [])]


@pytest.mark.parametrize(
    ("own", "role", "may"),
    [
        (Role.COORDINATOR, Role.CONTRIBUTOR, True),
        (Role.COORDINATOR, Role.READER, True),
        (Role.CONTRIBUTOR, Role.READER, True),
        (Role.CONTRIBUTOR, Role.COORDINATOR, False),
        (Role.READER, Role.CONTRIBUTOR, False),
    ],
)
def test_everybody_may_step_back_and_nobody_widens_their_own_role(
    maker: PledgeMaker, own: Role, role: Role, *, may: bool
) -> None:
    member(maker, Role.COORDINATOR)
    me = member(maker, own)
    if may:
        assert memberships.change_role(membership=me, role=role, by=me.user, now=LATER).role == role
    else:
        with pytest.raises(PermissionDenied):
            memberships.change_role(membership=me, role=role, by=me.user, now=LATER)


# --- Limits ------------------------------------------------------------------------------------------------


def test_a_contributor_is_limited_to_objectives_and_set_free_again(maker: PledgeMaker) -> None:
    here, by = member(maker, Role.CONTRIBUTOR), leader_of(maker)
    limited = memberships.limit(membership=here, objectives=[5, 2, 5], by=by, now=LATER)
    assert now_of(here.user) == [("contributor", [2, 5])]
    memberships.limit(membership=limited, objectives=range(1, 8), by=by, now=LATER)
    assert now_of(here.user) == [("contributor", [])]
    events = AuditEvent.objects.filter(action="membership.limited").order_by("pk")
    assert [(event.before["objectives"], event.after["objectives"]) for event in events] == [([], [2, 5]), ([2, 5], [])]


@pytest.mark.parametrize("objectives", [[0], [8], [2, 99]])
def test_an_objective_that_the_pledge_has_not_is_refused(maker: PledgeMaker, objectives: list[int]) -> None:
    here = member(maker, Role.CONTRIBUTOR)
    with pytest.raises(Refused, match="Choose objectives of the pledge"):
        memberships.limit(membership=here, objectives=objectives, by=leader_of(maker), now=LATER)


def test_the_same_limit_again_tells_nobody(maker: PledgeMaker) -> None:
    here = member(maker, Role.CONTRIBUTOR)
    with pytest.raises(Refused, match="has this limit already"):
        memberships.limit(membership=here, objectives=[], by=leader_of(maker), now=LATER)
    assert not Message.objects.filter(kind="limit_changed").exists()


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.READER])
def test_only_contributors_are_limited(maker: PledgeMaker, role: Role) -> None:
    here, by = member(maker, role), leader_of(maker)
    with pytest.raises(PermissionDenied):
        memberships.limit(membership=here, objectives=[2], by=by, now=LATER)
    contributor = member(maker, Role.CONTRIBUTOR)
    member(maker, Role.COORDINATOR)
    with pytest.raises(Refused, match="Only a contributor can be limited"):
        memberships.change_role(membership=contributor, role=role, objectives=[2], by=by, now=LATER)
    assert now_of(contributor.user) == [("contributor", [])]


def test_a_limit_goes_with_the_role(maker: PledgeMaker) -> None:
    here, by = member(maker, Role.CONTRIBUTOR), leader_of(maker)
    limited = memberships.limit(membership=here, objectives=[2], by=by, now=LATER)
    assert memberships.change_role(membership=limited, role=Role.COORDINATOR, by=by, now=LATER).objectives == []


# --- The last coordinator ----------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["end", "change_role"])
@pytest.mark.parametrize("who", ["themselves", Role.LEADER, "staff"])
def test_the_last_coordinator_stays(maker: PledgeMaker, who: str, act: str) -> None:
    last = member(maker, Role.COORDINATOR)
    by = last.user if who == "themselves" else somebody(who, maker)
    more = {"role": Role.READER} if act == "change_role" else {}
    is_last = "You are" if who == "themselves" else "Kofi Asante is"
    with pytest.raises(Refused, match=f"{is_last} the last coordinator of Northtown Trust"):
        getattr(memberships, act)(membership=last, by=by, now=LATER, **more)
    assert now_of(last.user) == [("coordinator", [])]


@pytest.mark.parametrize(("who", "goes"), [("themselves", False), (Role.LEADER, False), ("staff", True)])
def test_an_invited_successor_is_enough_for_the_team_only(maker: PledgeMaker, who: str, *, goes: bool) -> None:
    last = member(maker, Role.COORDINATOR)
    make_invitation(pledge_maker=maker, role=Role.COORDINATOR, now=NOW)
    by = last.user if who == "themselves" else somebody(who, maker)
    if goes:
        memberships.end(membership=last, by=by, now=LATER)
    else:
        with pytest.raises(Refused, match="First invite another one, who accepts"):
            memberships.end(membership=last, by=by, now=LATER)
    assert (now_of(last.user) == []) == goes


@pytest.mark.parametrize("change", ["expired", "withdrawn", "a contributor’s"])
def test_an_invitation_that_leads_nowhere_is_no_successor(maker: PledgeMaker, change: str) -> None:
    last = member(maker, Role.COORDINATOR)
    invitation = make_invitation(pledge_maker=maker, role=Role.COORDINATOR, now=NOW)
    values = {"expired": {"expires_at": NOW}, "withdrawn": {"withdrawn_at": NOW}}.get(change, {"role": "contributor"})
    Invitation.objects.filter(pk=invitation.pk).update(**values)
    with pytest.raises(Refused, match="Invite a successor first"):
        memberships.end(membership=last, by=make_caseworker(), now=LATER)


def test_a_coordinator_whose_account_is_closed_is_no_successor(maker: PledgeMaker) -> None:
    last, closed = member(maker, Role.COORDINATOR), member(maker, Role.COORDINATOR)
    User.objects.filter(pk=closed.user_id).update(is_active=False)
    with pytest.raises(Refused, match="last coordinator"):
        memberships.end(membership=last, by=last.user, now=LATER)


def test_with_a_second_coordinator_anybody_may_leave(maker: PledgeMaker) -> None:
    first, second = member(maker, Role.COORDINATOR), member(maker, Role.COORDINATOR)
    memberships.end(membership=first, by=first.user, now=LATER)
    first.refresh_from_db()
    assert (first.ended_at, first.ended_by) == (LATER, None)
    with pytest.raises(Refused):
        memberships.end(membership=second, by=second.user, now=LATER)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["end", "step back"])
def test_two_coordinators_who_go_in_the_same_moment_cannot_both_go(act: str) -> None:
    maker = make_pledge_maker(now=NOW)
    both = [member(maker, Role.COORDINATOR) for _number in range(2)]

    def go(me: Membership) -> str:
        try:
            if act == "end":
                memberships.end(membership=me, by=me.user, now=LATER)
            else:
                memberships.change_role(membership=me, role=Role.READER, by=me.user, now=LATER)
        except Refused:
            return "stays"
        finally:
            connection.close()
        return "goes"

    for _round in range(10):
        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(go, both)) == ["goes", "stays"]
        Membership.objects.filter(pledge_maker=maker, since=LATER).delete()
        Membership.objects.filter(pk__in=[row.pk for row in both]).update(ended_at=None, ended_by=None)


# --- Who is told -------------------------------------------------------------------------------------------


def mails(kind: str) -> dict[str, Message]:
    return {message.to: message for message in Message.objects.filter(kind__startswith=kind)}


@pytest.fixture
def staffed(maker: PledgeMaker) -> PledgeMaker:
    """With two coordinators, a contributor, a reader, one who left and one whose account is closed."""
    for role, name in (
        (Role.COORDINATOR, "cora"),
        (Role.COORDINATOR, "colin"),
        (Role.CONTRIBUTOR, "connie"),
        (Role.READER, "rita"),
        (Role.COORDINATOR, "left"),
        (Role.COORDINATOR, "closed"),
    ):
        member(maker, role, name=name.capitalize(), email=f"{name}@northtown.example")
    Membership.objects.filter(user__name="Left").update(ended_at=NOW)
    User.objects.filter(name="Closed").update(is_active=False)
    User.objects.filter(pk=leader_of(maker).pk).update(email="leader@northtown.example")
    Message.objects.all().delete()
    return maker


def of(name: str) -> Membership:
    return Membership.objects.get(user__name=name, ended_at=None)


TOLD = {"connie@northtown.example", "cora@northtown.example", "colin@northtown.example", "leader@northtown.example"}


def test_the_person_and_those_in_charge_hear_of_a_new_role_once_each(staffed: PledgeMaker) -> None:
    memberships.change_role(membership=of("Connie"), role=Role.COORDINATOR, by=of("Cora").user, now=LATER)
    found = mails("role_changed")
    assert (set(found), Message.objects.count()) == (TOLD, 4)
    assert found["connie@northtown.example"].subject == "You are now a coordinator of Northtown Trust"
    assert found["connie@northtown.example"].text == (
        "Dear Connie,\n\n"
        "Cora has changed your role for Northtown Trust. You were a contributor; now you are a coordinator.\n\n"
        "You can now:\n"
        "- Read the Statement of Intent, the draft and what was sent\n"
        "- Write the progress update\n"
        "- Ask for the leader’s signature, recall what was sent, correct what was published\n"
        "- Ask for more time, and say something beside the public status\n"
        "- Write the Statement of Intent\n"
        "- Invite a coordinator\n"
        "- Invite a contributor\n"
        "- Invite a reader\n"
        "- Change, limit or end the role of a contributor\n"
        "- Change or end the role of a reader\n"
        "- Enter the last day of a leader, and name the successor\n"
        "- Leave the Pledge Maker\n\n"
        "See who can do what:\n"
        "http://127.0.0.1:8000/workspace/northtown-trust/roles/\n\n"
        "You receive this message because you act for Northtown Trust. If this is not right, ask Cora.\n\n"
        + FOOTER
    )  # fmt: skip
    assert found["leader@northtown.example"].subject == "Connie is now a coordinator of Northtown Trust"
    assert found["leader@northtown.example"].text == (
        "Dear Dr Ngozi Bello,\n\n"
        "Cora has changed the role of Connie for Northtown Trust: contributor before, coordinator now.\n\n"
        "See who acts for it:\n"
        "http://127.0.0.1:8000/workspace/northtown-trust/people/\n\n"
        "You receive this message because you lead or coordinate for Northtown Trust.\n\n" + FOOTER
    )


FOOTER = "--\nPledge Tracker, the public memory of the Synergi pledge\nhttp://127.0.0.1:8000\n"


def test_the_person_and_those_in_charge_hear_of_a_limit(staffed: PledgeMaker) -> None:
    staff = make_caseworker(name="Casey Worker")
    memberships.limit(membership=of("Connie"), objectives=[2, 3, 5], by=staff, now=LATER)
    found = mails("limit_changed")
    assert set(found) == TOLD
    mine = found["connie@northtown.example"]
    assert mine.subject == "Write about objectives 2, 3 and 5 for Northtown Trust"
    assert mine.text == (
        "Dear Connie,\n\n"
        "Casey Worker of the Synergi team has changed what you write for Northtown Trust. "
        "From now on it is objectives 2, 3 and 5. You can read everything else.\n\n"
        "See who can do what:\n"
        "http://127.0.0.1:8000/workspace/northtown-trust/roles/\n\n"
        "You receive this message because you are a contributor of Northtown Trust. "
        "If this is not right, ask Casey Worker.\n\n" + FOOTER
    )
    assert found["cora@northtown.example"].subject == "Connie now writes other parts for Northtown Trust"
    assert "From now on it is objectives 2, 3 and 5.\n" in found["cora@northtown.example"].text


def test_the_person_and_those_in_charge_hear_of_an_end(staffed: PledgeMaker) -> None:
    memberships.end(membership=of("Connie"), by=of("Cora").user, now=LATER)
    found = mails("role_ended")
    assert set(found) == TOLD
    assert found["connie@northtown.example"].subject == "You no longer act for Northtown Trust"
    assert found["connie@northtown.example"].text == (
        "Dear Connie,\n\n"
        "Cora has ended your role as a contributor of Northtown Trust. "
        "What you wrote stays. You can no longer open its pages, and no reminder goes to you. Your account stays.\n\n"
        "See for whom you act:\n"
        "http://127.0.0.1:8000/workspace/\n\n"
        "You receive this message because you acted for Northtown Trust. If this is not right, ask Cora.\n\n" + FOOTER
    )
    assert found["colin@northtown.example"].text == (
        "Dear Colin,\n\n"
        "Cora has ended the role of Connie as a contributor of Northtown Trust. What they wrote stays. "
        "If somebody is missing now, invite them.\n\n"
        "See who acts for it now:\n"
        "http://127.0.0.1:8000/workspace/northtown-trust/people/\n\n"
        "You receive this message because you lead or coordinate for Northtown Trust.\n\n" + FOOTER
    )


def test_whoever_leaves_is_told_too_in_case_it_was_not_them(staffed: PledgeMaker) -> None:
    memberships.end(membership=of("Cora"), by=of("Cora").user, now=LATER)
    found = mails("role_ended")
    assert set(found) == TOLD - {"connie@northtown.example"}
    assert "You have left Northtown Trust, where you were a coordinator." in found["cora@northtown.example"].text
    assert "If it was not you who left, tell the Synergi team." in found["cora@northtown.example"].text
    assert "Cora has left Northtown Trust, as a coordinator." in found["colin@northtown.example"].text


def test_what_is_refused_tells_nobody(staffed: PledgeMaker) -> None:
    memberships.end(membership=of("Cora"), by=of("Cora").user, now=LATER)
    Message.objects.all().delete()
    with pytest.raises(Refused):
        memberships.end(membership=of("Colin"), by=of("Colin").user, now=LATER)
    assert Message.objects.count() == 0
