"""Accepting an invitation: whose account, which role, who is told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import connection

from accounts.models import AuditEvent, User
from mail.models import Message
from signatories import accepting, invitations
from signatories.invitations import NotOpen
from signatories.models import Invitation, Leader, Membership, Role
from tests.factories.accounts import make_caseworker, make_user
from tests.factories.signatories import (
    make_invitation,
    make_leader,
    make_member,
    make_pledge_maker,
)
from tests.signatories.invited import EMAIL, NOW, invite, token_of

pytestmark = pytest.mark.django_db


def test_accepting_makes_account_membership_and_leader() -> None:
    invitation = invite()
    membership = accepting.accept(token=token_of(), now=NOW)
    user = User.objects.get(email=EMAIL)
    assert (membership.user, membership.role, membership.since) == (user, Role.LEADER, NOW)
    assert EmailAddress.objects.filter(user=user, verified=True, primary=True).count() == 1
    leader = Leader.objects.get()
    assert (leader.user, leader.name, leader.role_title, leader.from_on) == (
        user,
        "Dr Ngozi Bello",
        "Chief executive",
        NOW.date(),
    )
    invitation.refresh_from_db()
    assert (invitation.accepted_at, invitation.accepted_by) == (NOW, user)
    assert AuditEvent.objects.get(action="invitation.accepted").by == user


def test_a_coordinator_is_no_leader() -> None:
    make_member(role=Role.COORDINATOR, now=NOW)
    assert Leader.objects.filter(role_title="").count() == 0
    assert Leader.objects.count() == 1  # the one who invited


def test_an_existing_account_joins() -> None:
    user = make_user(email=EMAIL, name="Ngozi Bello")
    invite()
    assert accepting.accept(token=token_of(), now=NOW).user == user
    assert User.objects.filter(email=EMAIL).count() == 1


def test_a_wider_role_replaces_the_narrower_which_stays_as_history() -> None:
    member = make_member(role=Role.CONTRIBUTOR, email=EMAIL, now=NOW)
    later = NOW + timedelta(days=1)
    invite(pledge_maker=member.pledge_maker, role=Role.COORDINATOR, now=later)
    accepting.accept(token=token_of(), now=later)
    rows = Membership.objects.filter(user=member.user).order_by("pk").values_list("role", "ended_at")
    assert list(rows) == [("contributor", later), ("coordinator", None)]


def test_an_older_invitation_to_less_takes_nothing_away() -> None:
    pledge_maker = make_pledge_maker(now=NOW)
    older = invite(pledge_maker=pledge_maker, role=Role.READER)
    token = token_of()
    Invitation.objects.filter(pk=older.pk).update(email="old@northtown.example")
    member = make_member(pledge_maker=pledge_maker, role=Role.COORDINATOR, email=EMAIL, now=NOW)
    Invitation.objects.filter(pk=older.pk).update(email=EMAIL)
    assert accepting.accept(token=token, now=NOW) == member


@pytest.mark.parametrize(
    ("after", "open_"),
    [(timedelta(days=14) - timedelta(seconds=1), True), (timedelta(days=14), False)],
)
def test_an_invitation_is_good_for_fourteen_days(after: timedelta, open_: bool) -> None:
    invite()
    if open_:
        assert accepting.accept(token=token_of(), now=NOW + after).role == Role.LEADER
    else:
        with pytest.raises(NotOpen, match="expired"):
            accepting.accept(token=token_of(), now=NOW + after)


def test_a_second_press_changes_nothing() -> None:
    invite()
    accepting.accept(token=token_of(), now=NOW)
    with pytest.raises(NotOpen, match="accepted"):
        accepting.accept(token=token_of(), now=NOW)
    assert Membership.objects.count() == 1


def test_a_withdrawn_invitation_cannot_be_accepted() -> None:
    staff = make_caseworker()
    invitation = invite(by=staff)
    assert invitations.withdraw(invitation=invitation, by=staff, now=NOW) is True
    assert invitations.withdraw(invitation=invitation, by=staff, now=NOW) is False
    with pytest.raises(NotOpen, match="withdrawn"):
        accepting.accept(token=token_of(), now=NOW)
    assert not User.objects.filter(email=EMAIL).exists()


def test_a_closed_account_cannot_accept() -> None:
    user = make_user(email=EMAIL)
    User.objects.filter(pk=user.pk).update(is_active=False)
    invitation = invite()
    with pytest.raises(NotOpen, match="disabled"):
        accepting.accept(token=token_of(), now=NOW)
    invitation.refresh_from_db()
    assert invitation.accepted_at is None


@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_presses_accept_once() -> None:
    invite()
    token = token_of()

    def press(_number: int) -> str:
        try:
            accepting.accept(token=token, now=NOW)
        except NotOpen as closed:
            return closed.why
        finally:
            connection.close()
        return "joined"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(press, range(20)))
    assert sorted(outcomes) == ["accepted"] * 19 + ["joined"]
    assert (Membership.objects.count(), Leader.objects.count()) == (1, 1)
    assert User.objects.filter(email=EMAIL).count() == 1


# --- Spelling -------------------------------------------------------------------------------------------


ONE_MAILBOX = [
    ("Ngozi@Northtown.example", "ngozi@northtown.example"),
    ("ngozi+pledge@northtown.example", "ngozi@northtown.example"),
    ("ngozi@northtown.example", "ngozi+work@northtown.example"),
    ("ngozi+pledge@northtown.example", "ngozi+work@northtown.example"),
]


@pytest.mark.parametrize(("invited", "known"), ONE_MAILBOX)
def test_case_and_plus_tags_lead_to_the_account_that_is_there(invited: str, known: str) -> None:
    user = make_user(email=known)
    make_invitation(email=invited, now=NOW)
    membership = accepting.accept(token=token_of(invited.lower()), now=NOW)
    assert membership.user == user
    assert [row.email for row in EmailAddress.objects.filter(user=user)] == [known]


OTHER_MAILBOXES = [
    ("ngozi@northtown.example", "ngozi@southtown.example"),
    ("ngozi@northtown.example", "ngozib@northtown.example"),
    ("ngozi@northtown.example", "xngozi@northtown.example"),
    ("ng_zi@northtown.example", "ngozi@northtown.example"),
    ("ng%@northtown.example", "ngozi@northtown.example"),
    ("+ngozi@northtown.example", "+bello@northtown.example"),
]


@pytest.mark.parametrize(("invited", "known"), OTHER_MAILBOXES)
def test_another_mailbox_is_another_person(invited: str, known: str) -> None:
    user = make_user(email=known)
    make_invitation(email=invited, now=NOW)
    assert accepting.accept(token=token_of(invited), now=NOW).user != user


def test_the_very_address_wins_over_a_plus_tag_and_two_plus_tags_over_neither() -> None:
    tagged = make_user(email="ngozi+a@northtown.example")
    make_user(email="ngozi+b@northtown.example")
    make_invitation(email=EMAIL, now=NOW)
    made = accepting.accept(token=token_of(), now=NOW).user
    assert made.email == EMAIL
    make_invitation(email="ngozi+a@northtown.example", now=NOW)
    assert accepting.accept(token=token_of("ngozi+a@northtown.example"), now=NOW).user == tagged


# --- Who is told ----------------------------------------------------------------------------------------


def test_those_in_charge_and_whoever_invited_hear_that_somebody_has_joined() -> None:
    maker = make_pledge_maker(name="Northtown Trust", now=NOW)
    leader = make_leader(pledge_maker=maker, email="leader@northtown.example", now=NOW).user
    for role in (Role.COORDINATOR, Role.CONTRIBUTOR, Role.READER):
        make_member(pledge_maker=maker, role=role, email=f"{role}@northtown.example", now=NOW)
    Message.objects.all().delete()
    invitations.invite(
        pledge_maker=maker, email=EMAIL, name="Connie", role=Role.CONTRIBUTOR, objectives=[2], by=leader, now=NOW
    )
    accepting.accept(token=token_of(), now=NOW)
    told = {message.to: message for message in Message.objects.filter(kind="member_joined")}
    assert set(told) == {"leader@northtown.example", "coordinator@northtown.example"}
    assert told["coordinator@northtown.example"].subject == "Connie is now a contributor of Northtown Trust"
    assert told["coordinator@northtown.example"].text == (
        "Dear Ama Mensah,\n\n"
        "Connie has accepted the invitation of Dr Ngozi Bello and is now a contributor of Northtown Trust. "
        "They write about objective 2.\n\n"
        "See who acts for it:\n"
        "http://127.0.0.1:8000/workspace/northtown-trust/people/\n\n"
        "You receive this message because you invited them, or lead or coordinate for Northtown Trust.\n\n"
        "--\nPledge Tracker, the public memory of the Synergi pledge\nhttp://127.0.0.1:8000\n"
    )
