"""Inviting and accepting."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone

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
    with pytest.raises(NotOpen, match="replaced"):
        invitations.find(token=old_token, now=NOW)


MAY_INVITE = {
    "staff": {Role.LEADER, Role.COORDINATOR},
    Role.LEADER: {Role.COORDINATOR, Role.CONTRIBUTOR, Role.READER},
    Role.COORDINATOR: {Role.COORDINATOR, Role.CONTRIBUTOR, Role.READER},
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
    assert f"You have accepted. Now sign in with {EMAIL} to start." in page
    assert f'value="{EMAIL}"' in page


def test_after_accepting_the_mailed_code_opens_the_workspace(client: Client) -> None:
    invitation = make_invitation(email=EMAIL)
    client.post(page_of(token_of()))
    client.post("/account/login/", {"email": EMAIL})
    response = client.post("/account/login/code/", {"code": mailed_code(EMAIL)})
    assert response["Location"] == "/workspace/"
    assert client.get("/workspace/")["Location"] == f"/workspace/{invitation.pledge_maker.slug}/"


def test_somebody_signed_in_as_somebody_else_is_told_and_asked_which_account(client: Client) -> None:
    make_invitation(email=EMAIL)
    sign_in(client, make_user(email="other@northtown.example"))
    page = client.get(page_of(token_of())).content.decode()
    assert f"You are signed in as other@northtown.example. The invitation went to {EMAIL}." in page
    assert re.findall(r'name="account" type="radio" value="(\w+)"( checked)?', page) == [("mine", ""), ("invited", "")]


@pytest.mark.parametrize("typed", [{}, {"account": ""}, {"account": "somebody"}])
def test_without_a_choice_nobody_accepts(client: Client, typed: dict[str, str]) -> None:
    invitation = make_invitation(email=EMAIL)
    sign_in(client, make_user())
    page = client.post(page_of(token_of()), typed).content.decode()
    assert "<title>Error: Your invitation" in page
    assert '<a href="#id_account_0">' in page
    invitation.refresh_from_db()
    assert (invitation.accepted_at, User.objects.filter(email=EMAIL).exists()) == (None, False)


def test_the_invited_address_may_accept_though_somebody_else_is_signed_in(client: Client) -> None:
    invitation = make_invitation(email=EMAIL)
    sign_in(client, make_user())
    client.post(page_of(token_of()), {"account": "invited"})
    assert f"You have accepted as {EMAIL}. Sign out" in client.get("/workspace/").content.decode()
    assert invitation.pledge_maker.memberships.get().user.email == EMAIL


def test_the_account_that_is_signed_in_may_accept_and_the_inviter_is_told_which(client: Client) -> None:
    staff = make_caseworker(name="Casey Worker", email="casey@synergi.example")
    invitation = make_invitation(email=EMAIL, by=staff)
    mine = make_user(email="other@northtown.example", name="Ngozi Bello")
    sign_in(client, mine)
    assert client.post(page_of(token_of()), {"account": "mine"})["Location"] == "/workspace/"
    assert invitation.pledge_maker.memberships.get().user == mine
    assert not User.objects.filter(email=EMAIL).exists()
    told = Message.objects.get(kind="member_joined")
    assert (told.to, told.subject) == (
        "casey@synergi.example",
        f"Ngozi Bello is now a leader of {invitation.pledge_maker.name}",
    )
    assert (
        f"The invitation went to {EMAIL}. It was accepted with the account of other@northtown.example. "
        "If you do not know this address, end the role at once." in told.text
    )


def test_the_invited_person_who_is_signed_in_goes_on(client: Client) -> None:
    invitation = make_invitation(email=EMAIL)
    sign_in(client, make_user(email=EMAIL))
    assert client.post(page_of(token_of()))["Location"] == "/workspace/"
    assert client.get("/workspace/")["Location"] == f"/workspace/{invitation.pledge_maker.slug}/"


CLOSED = {
    "unknown": (404, "We do not know this invitation", "ask whoever invited you to send it again"),
    "accepted": (410, "This invitation was accepted already", "tell Casey Worker, who invited you, at once"),
    "expired": (410, "This invitation has expired", "Ask Casey Worker, who invited you, to send it again."),
    "replaced": (410, "There is a newer invitation", "ask Casey Worker, who invited you, to send it again"),
    "withdrawn": (410, "This invitation was withdrawn", "ask Casey Worker, who invited you."),
    "disabled": (410, "This account is closed", "Ask the Synergi team to open it again: pledge-team@synergi.example"),
    "without its inviter": (410, "This invitation has expired", "Ask the Synergi team to send it again:"),
}


@pytest.mark.parametrize("how", CLOSED)
def test_a_link_that_no_longer_works_says_why_and_whom_to_ask(client: Client, how: str) -> None:
    status, sentence, whom = CLOSED[how]
    staff = make_caseworker(name="Casey Worker")
    invitation = make_invitation(email=EMAIL, by=staff)
    token = token_of()
    if how == "replaced":
        invitations.resend(invitation=invitation, by=staff, now=timezone.now())
    if how == "without its inviter":
        User.objects.filter(pk=staff.pk).update(is_active=False)
    if how == "unknown":
        token = "a" * 43
    elif how == "accepted":
        client.post(page_of(token))
    elif how in ("expired", "without its inviter"):
        Invitation.objects.update(expires_at=invitation.created_at)
    elif how == "withdrawn":
        Invitation.objects.update(withdrawn_at=invitation.created_at)
    elif how == "disabled":
        User.objects.filter(pk=make_user(email=EMAIL).pk).update(is_active=False)
    response = client.post(page_of(token))
    html = response.content.decode()
    assert (response.status_code, sentence in html, whom in html) == (status, True, True)


def test_a_member_who_has_left_is_not_named_as_the_one_to_ask(client: Client) -> None:
    invitation = make_invitation(email=EMAIL, role=Role.READER)
    Invitation.objects.update(expires_at=invitation.created_at)
    assert "Ask Ama Mensah, who invited you" in client.get(page_of(token_of())).content.decode()
    Membership.objects.update(ended_at=timezone.now())
    page = client.get(page_of(token_of())).content.decode()
    assert ("Ama Mensah" in page, "Ask the Synergi team to send it again" in page) == (False, True)


# --- Spelling ----------------------------------------------------------------------------------------------

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
    membership = invitations.accept(token=token_of(invited.lower()), now=NOW)
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
    assert invitations.accept(token=token_of(invited), now=NOW).user != user


def test_the_very_address_wins_over_a_plus_tag_and_two_plus_tags_over_neither() -> None:
    tagged = make_user(email="ngozi+a@northtown.example")
    make_user(email="ngozi+b@northtown.example")
    make_invitation(email=EMAIL, now=NOW)
    made = invitations.accept(token=token_of(), now=NOW).user
    assert made.email == EMAIL
    make_invitation(email="ngozi+a@northtown.example", now=NOW)
    assert invitations.accept(token=token_of("ngozi+a@northtown.example"), now=NOW).user == tagged


def test_the_page_names_the_account_that_accepts_and_the_code_goes_to_its_own_address(client: Client) -> None:
    make_user(email="ngozi@northtown.example")
    make_invitation(email="ngozi+pledge@northtown.example")
    token = token_of("ngozi+pledge@northtown.example")
    page = client.get(page_of(token)).content.decode()
    assert "You have an account with ngozi@northtown.example: it accepts" in page
    client.post(page_of(token))
    assert 'value="ngozi@northtown.example"' in client.get("/account/login/").content.decode()
    client.post("/account/login/", {"email": "ngozi+pledge@northtown.example"})
    assert not Message.objects.filter(kind="sign_in_code").exists()


def test_somebody_signed_in_under_another_spelling_is_not_asked(client: Client) -> None:
    invitation = make_invitation(email="ngozi+pledge@northtown.example")
    user = make_user(email=EMAIL)
    sign_in(client, user)
    assert client.post(page_of(token_of("ngozi+pledge@northtown.example")))["Location"] == "/workspace/"
    assert invitation.pledge_maker.memberships.get().user == user


def test_a_member_is_not_invited_again_under_another_spelling() -> None:
    member = make_member(role=Role.COORDINATOR, email=EMAIL, now=NOW)
    with pytest.raises(ValidationError, match="already a coordinator"):
        make_invitation(pledge_maker=member.pledge_maker, email="Ngozi+x@northtown.example", role=Role.READER, now=NOW)


# --- Sending again -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [timedelta(days=2), timedelta(days=20)])
def test_sent_again_there_is_a_new_link_for_fourteen_days_and_the_old_one_is_dead(after: timedelta) -> None:
    old, staff = invite(), make_caseworker()
    old_token, later = token_of(), NOW + after
    new = invitations.resend(invitation=old, by=staff, now=later)
    assert (new.email, new.role, new.role_title, new.organisation) == (
        old.email,
        old.role,
        old.role_title,
        old.organisation,
    )
    assert (new.invited_by, new.expires_at) == (staff, later + timedelta(days=14))
    with pytest.raises(NotOpen, match="replaced"):
        invitations.accept(token=old_token, now=later)
    assert invitations.accept(token=token_of(), now=later).role == Role.LEADER


def test_a_limit_is_kept_when_it_is_sent_again() -> None:
    maker = make_pledge_maker(now=NOW)
    by = make_member(pledge_maker=maker, role=Role.COORDINATOR, now=NOW).user
    old = invitations.invite(
        pledge_maker=maker, email=EMAIL, name="Connie", role=Role.CONTRIBUTOR, objectives=[5, 2], by=by, now=NOW
    )
    new = invitations.resend(invitation=old, by=by, now=NOW)
    assert new.objectives == [2, 5]
    assert invitations.accept(token=token_of(), now=NOW).objectives == [2, 5]


def test_an_address_is_written_to_four_times_a_day_at_most() -> None:
    invitation, staff = invite(), make_caseworker()
    for _number in range(3):
        invitation = invitations.resend(invitation=invitation, by=staff, now=NOW)
    with pytest.raises(invitations.TooOften, match="invited often enough today"):
        invitations.resend(invitation=invitation, by=staff, now=NOW)
    assert Message.objects.filter(to=EMAIL).count() == 4
    invitation.refresh_from_db()
    assert invitation.withdrawn_at is None
    invitations.resend(invitation=invitation, by=staff, now=NOW + timedelta(days=1))
    other = invite(pledge_maker=make_pledge_maker(now=NOW))
    assert other.withdrawn_at is None


@pytest.mark.parametrize("how", ["accepted", "withdrawn", "replaced"])
def test_what_is_over_is_not_sent_again(how: str) -> None:
    staff = make_caseworker()
    invitation = invite(by=staff)
    if how == "accepted":
        invitations.accept(token=token_of(), now=NOW)
    elif how == "withdrawn":
        invitations.withdraw(invitation=invitation, by=staff, now=NOW)
    else:
        invitations.resend(invitation=invitation, by=staff, now=NOW)
    sent = Message.objects.filter(kind="invitation").count()
    with pytest.raises(NotOpen, match=how):
        invitations.resend(invitation=invitation, by=staff, now=NOW)
    assert Message.objects.filter(kind="invitation").count() == sent


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.READER])
def test_only_whoever_may_invite_sends_again(role: Role) -> None:
    maker = make_pledge_maker(now=NOW)
    invitation = invite(pledge_maker=maker, role=Role.READER)
    with pytest.raises(PermissionDenied):
        invitations.resend(invitation=invitation, by=make_member(pledge_maker=maker, role=role, now=NOW).user, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_presses_leave_one_open_invitation() -> None:
    invitation, staff = invite(), make_caseworker()

    def press(_number: int) -> str:
        try:
            invitations.resend(invitation=invitation, by=staff, now=NOW)
        except (NotOpen, invitations.TooOften):
            return "refused"
        finally:
            connection.close()
        return "sent"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(press, range(20)))
    assert sorted(outcomes) == ["refused"] * 19 + ["sent"]
    assert Invitation.objects.filter(withdrawn_at=None).count() == 1


# --- Who is told -------------------------------------------------------------------------------------------


def test_those_in_charge_and_whoever_invited_hear_that_somebody_has_joined() -> None:
    maker = make_pledge_maker(name="Northtown Trust", now=NOW)
    leader = make_leader(pledge_maker=maker, email="leader@northtown.example", now=NOW).user
    for role in (Role.COORDINATOR, Role.CONTRIBUTOR, Role.READER):
        make_member(pledge_maker=maker, role=role, email=f"{role}@northtown.example", now=NOW)
    Message.objects.all().delete()
    invitations.invite(
        pledge_maker=maker, email=EMAIL, name="Connie", role=Role.CONTRIBUTOR, objectives=[2], by=leader, now=NOW
    )
    invitations.accept(token=token_of(), now=NOW)
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
