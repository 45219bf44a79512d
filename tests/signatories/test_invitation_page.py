"""The page that the link of an invitation opens."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent, User
from mail.models import Message
from signatories import invitations
from signatories.models import Invitation, Membership, Role
from tests.factories.accounts import mailed_code, make_caseworker, make_user, sign_in
from tests.factories.signatories import make_invitation, make_pledge_maker, make_public_pledge_maker
from tests.signatories.invited import EMAIL, page_of, token_of

pytestmark = pytest.mark.django_db


def test_opening_the_link_shows_everything_and_changes_nothing(client: Client) -> None:
    invitation = make_invitation(email=EMAIL, name="Dr Ngozi Bello", by=make_caseworker(name="Casey Worker"))
    before = (User.objects.count(), AuditEvent.objects.count())
    page = client.get(page_of(token_of())).content.decode()
    for words in ("Casey Worker", "Dr Ngozi Bello", EMAIL, invitation.pledge_maker.name, "Chief executive"):
        assert words in page
    assert (User.objects.count(), AuditEvent.objects.count()) == before
    invitation.refresh_from_db()
    assert (invitation.accepted_at, client.session.get("_auth_user_id")) == (None, None)


def test_a_leader_reads_whether_they_sign_first_or_follow_somebody(client: Client) -> None:
    first, follows = "As a leader you sign the Statement of Intent", "As its leader you read what it has pledged so far"
    for maker, role, read in (
        (make_pledge_maker(), Role.LEADER, (True, False)),
        (make_public_pledge_maker(), Role.LEADER, (False, True)),
        (make_public_pledge_maker(), Role.READER, (False, False)),
    ):
        make_invitation(email=EMAIL, role=role, pledge_maker=maker)
        page = client.get(page_of(token_of())).content.decode()
        assert (first in page, follows in page) == read


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
