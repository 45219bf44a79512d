"""Inviting and accepting."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client

from accounts.models import AuditEvent, User
from mail.models import Message
from signatories import invitations
from signatories.invitations import NotOpen
from signatories.models import Invitation, Leader, Membership, PledgeMaker, Role
from tests.factories.accounts import mailed_code, make_caseworker, make_user, sign_in
from tests.factories.signatories import (
    make_invitation,
    make_leader,
    make_member,
    make_organisation,
    make_pledge_maker,
)

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
EMAIL = "ngozi@northtown.example"
pytestmark = pytest.mark.django_db


def token_of(email: str = EMAIL) -> str:
    """From the newest invitation that was mailed: the token stands nowhere else."""
    message = Message.objects.filter(to=email, kind="invitation").latest("pk")
    found = re.search(r"/invitation/([\w-]+)/", message.text)
    assert found
    return found.group(1)


def invite(**more) -> Invitation:
    return make_invitation(**{"email": EMAIL, "name": "Dr Ngozi Bello", "now": NOW} | more)


# --- Inviting --------------------------------------------------------------------------------------------


def test_an_invitation_says_who_invites_whom_for_what() -> None:
    staff = make_caseworker(name="Casey Worker")
    invitation = invite(by=staff)
    message = Message.objects.get(kind="invitation")
    assert (message.to, message.secret) == (EMAIL, True)
    assert message.subject == (f"Accept your invitation to sign the pledge for {invitation.pledge_maker.name}")
    assert (
        f"Casey Worker of the Synergi team invites you to be a leader of {invitation.pledge_maker.name}" in message.text
    )
    assert "The invitation is good until 15 March 2027." in message.text


def test_only_the_hash_of_the_token_is_kept() -> None:
    invitation = invite()
    token = token_of()
    assert token not in str(Invitation.objects.filter(pk=invitation.pk).values().get())
    assert invitation.token_hash == invitations.token_hash(token)


def test_a_newer_invitation_withdraws_the_older() -> None:
    first = invite()
    old_token = token_of()
    second = invite(pledge_maker=first.pledge_maker)
    first.refresh_from_db()
    assert (first.withdrawn_at, second.withdrawn_at) == (NOW, None)
    with pytest.raises(NotOpen, match="withdrawn"):
        invitations.find(token=old_token, now=NOW)


MAY_INVITE = {
    "staff": {Role.LEADER},
    Role.LEADER: {Role.COORDINATOR, Role.CONTRIBUTOR, Role.READER},
    Role.COORDINATOR: {Role.CONTRIBUTOR, Role.READER},
    Role.CONTRIBUTOR: set(),
    Role.READER: set(),
    "a leader elsewhere": set(),
}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("who", list(MAY_INVITE))
def test_who_may_invite_whom(who: str, role: Role) -> None:
    pledge_maker = make_pledge_maker(now=NOW)
    by = {
        "staff": make_caseworker,
        "a leader elsewhere": lambda: make_leader(now=NOW).user,
    }.get(who, lambda: make_member(pledge_maker=pledge_maker, role=who, now=NOW).user)()
    if role in MAY_INVITE[who]:
        assert invite(pledge_maker=pledge_maker, role=role, by=by).role == role
    else:
        with pytest.raises(PermissionDenied):
            invite(pledge_maker=pledge_maker, role=role, by=by)


def test_nobody_is_invited_to_less_than_they_have() -> None:
    member = make_member(role=Role.COORDINATOR, email=EMAIL, now=NOW)
    with pytest.raises(ValidationError, match="already a coordinator"):
        invite(pledge_maker=member.pledge_maker, role=Role.READER)


def test_staff_invite_a_leader_for_a_new_partnership() -> None:
    trust, council = make_organisation(name="Northtown Trust"), make_organisation(name="Northtown Council")
    invitation = invitations.invite_leader(
        organisations=[trust, council],
        pledge_maker_name="Northtown Partnership",
        name="Dr Ngozi Bello",
        email=EMAIL,
        role_title="Chief executive",
        by=make_caseworker(),
        now=NOW,
    )
    pledge_maker = invitation.pledge_maker
    assert (pledge_maker.name, pledge_maker.slug) == ("Northtown Partnership", "northtown-partnership")
    assert set(pledge_maker.organisations.all()) == {trust, council}
    assert (invitation.organisation, invitation.role_title) == (trust, "Chief executive")


def test_a_second_leader_of_the_same_organisation_joins_its_pledge_maker() -> None:
    pledge_maker = make_pledge_maker(name="Northtown Trust", now=NOW)
    invitation = invitations.invite_leader(
        organisations=list(pledge_maker.organisations.all()),
        pledge_maker_name="",
        name="Dr Ngozi Bello",
        email=EMAIL,
        role_title="Medical director",
        by=make_caseworker(),
        now=NOW,
    )
    assert (invitation.pledge_maker, PledgeMaker.objects.count()) == (pledge_maker, 1)


# --- Accepting -------------------------------------------------------------------------------------------


def test_accepting_makes_account_membership_and_leader() -> None:
    invitation = invite()
    membership = invitations.accept(token=token_of(), now=NOW)
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
    assert invitations.accept(token=token_of(), now=NOW).user == user
    assert User.objects.filter(email=EMAIL).count() == 1


def test_a_wider_role_replaces_the_narrower_which_stays_as_history() -> None:
    member = make_member(role=Role.CONTRIBUTOR, email=EMAIL, now=NOW)
    later = NOW + timedelta(days=1)
    invite(pledge_maker=member.pledge_maker, role=Role.COORDINATOR, now=later)
    invitations.accept(token=token_of(), now=later)
    rows = Membership.objects.filter(user=member.user).order_by("pk").values_list("role", "ended_at")
    assert list(rows) == [("contributor", later), ("coordinator", None)]


def test_an_older_invitation_to_less_takes_nothing_away() -> None:
    pledge_maker = make_pledge_maker(now=NOW)
    older = invite(pledge_maker=pledge_maker, role=Role.READER)
    token = token_of()
    Invitation.objects.filter(pk=older.pk).update(email="old@northtown.example")
    member = make_member(pledge_maker=pledge_maker, role=Role.COORDINATOR, email=EMAIL, now=NOW)
    Invitation.objects.filter(pk=older.pk).update(email=EMAIL)
    assert invitations.accept(token=token, now=NOW) == member


@pytest.mark.parametrize(
    ("after", "open_"),
    [(timedelta(days=14) - timedelta(seconds=1), True), (timedelta(days=14), False)],
)
def test_an_invitation_is_good_for_fourteen_days(after: timedelta, open_: bool) -> None:
    invite()
    if open_:
        assert invitations.accept(token=token_of(), now=NOW + after).role == Role.LEADER
    else:
        with pytest.raises(NotOpen, match="expired"):
            invitations.accept(token=token_of(), now=NOW + after)


def test_a_second_press_changes_nothing() -> None:
    invite()
    invitations.accept(token=token_of(), now=NOW)
    with pytest.raises(NotOpen, match="accepted"):
        invitations.accept(token=token_of(), now=NOW)
    assert Membership.objects.count() == 1


def test_a_withdrawn_invitation_cannot_be_accepted() -> None:
    staff = make_caseworker()
    invitation = invite(by=staff)
    assert invitations.withdraw(invitation=invitation, by=staff, now=NOW) is True
    assert invitations.withdraw(invitation=invitation, by=staff, now=NOW) is False
    with pytest.raises(NotOpen, match="withdrawn"):
        invitations.accept(token=token_of(), now=NOW)
    assert not User.objects.filter(email=EMAIL).exists()


def test_a_closed_account_cannot_accept() -> None:
    user = make_user(email=EMAIL)
    User.objects.filter(pk=user.pk).update(is_active=False)
    invitation = invite()
    with pytest.raises(NotOpen, match="disabled"):
        invitations.accept(token=token_of(), now=NOW)
    invitation.refresh_from_db()
    assert invitation.accepted_at is None


def test_a_contributor_cannot_withdraw_an_invitation() -> None:
    pledge_maker = make_pledge_maker(now=NOW)
    invitation = invite(pledge_maker=pledge_maker, role=Role.READER)
    contributor = make_member(pledge_maker=pledge_maker, role=Role.CONTRIBUTOR, now=NOW).user
    with pytest.raises(PermissionDenied):
        invitations.withdraw(invitation=invitation, by=contributor, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_presses_accept_once() -> None:
    invite()
    token = token_of()

    def press(_number: int) -> str:
        try:
            invitations.accept(token=token, now=NOW)
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


# --- The page --------------------------------------------------------------------------------------------


def page_of(token: str) -> str:
    return f"/invitation/{token}/"


def test_opening_the_link_shows_everything_and_changes_nothing(client: Client) -> None:
    invitation = make_invitation(email=EMAIL, name="Dr Ngozi Bello", by=make_caseworker(name="Casey Worker"))
    before = (User.objects.count(), AuditEvent.objects.count())
    page = client.get(page_of(token_of())).content.decode()
    for words in ("Casey Worker", "Dr Ngozi Bello", EMAIL, invitation.pledge_maker.name, "Chief executive"):
        assert words in page
    assert (User.objects.count(), AuditEvent.objects.count()) == before
    invitation.refresh_from_db()
    assert (invitation.accepted_at, client.session.get("_auth_user_id")) == (None, None)


def test_the_button_accepts_and_signs_nobody_in(client: Client) -> None:
    make_invitation(email=EMAIL)
    response = client.post(page_of(token_of()))
    assert response["Location"] == "/account/login/"
    assert "_auth_user_id" not in client.session
    page = client.get("/account/login/").content.decode()
    assert "You have accepted. Now sign in to start." in page
    assert f'value="{EMAIL}"' in page


def test_after_accepting_the_mailed_code_opens_the_workspace(client: Client) -> None:
    invitation = make_invitation(email=EMAIL)
    client.post(page_of(token_of()))
    client.post("/account/login/", {"email": EMAIL})
    response = client.post("/account/login/code/", {"code": mailed_code(EMAIL)})
    assert response["Location"] == "/workspace/"
    assert client.get("/workspace/")["Location"] == f"/workspace/{invitation.pledge_maker.slug}/"


def test_somebody_signed_in_as_somebody_else_is_told(client: Client) -> None:
    make_invitation(email=EMAIL)
    sign_in(client, make_user())
    client.post(page_of(token_of()))
    assert f"You have accepted as {EMAIL}. Sign out" in client.get("/workspace/").content.decode()


def test_the_invited_person_who_is_signed_in_goes_on(client: Client) -> None:
    invitation = make_invitation(email=EMAIL)
    sign_in(client, make_user(email=EMAIL))
    assert client.post(page_of(token_of()))["Location"] == "/workspace/"
    assert client.get("/workspace/")["Location"] == f"/workspace/{invitation.pledge_maker.slug}/"


@pytest.mark.parametrize(
    ("how", "status", "sentence"),
    [
        ("unknown", 404, "We do not know this invitation"),
        ("accepted", 410, "This invitation was accepted already"),
        ("expired", 410, "This invitation has expired"),
        ("withdrawn", 410, "This invitation was withdrawn"),
        ("disabled", 410, "This account is closed"),
    ],
)
def test_a_link_that_no_longer_works_says_why(client: Client, how: str, status: int, sentence: str) -> None:
    invitation = make_invitation(email=EMAIL)
    token = token_of()
    if how == "unknown":
        token = "a" * 43
    elif how == "accepted":
        client.post(page_of(token))
    elif how == "expired":
        Invitation.objects.update(expires_at=invitation.created_at)
    elif how == "withdrawn":
        Invitation.objects.update(withdrawn_at=invitation.created_at)
    else:
        User.objects.filter(pk=make_user(email=EMAIL).pk).update(is_active=False)
    response = client.post(page_of(token))
    assert (response.status_code, sentence in response.content.decode()) == (status, True)
