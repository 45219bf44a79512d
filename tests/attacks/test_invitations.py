"""Attacks on invitations: a link is good for one acceptance, for fourteen days, for the place it names."""

import re
import secrets
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import User
from design.templatetags.furniture import long_date
from mail.models import Message
from signatories.models import Invitation, Leader, Membership, Role
from tests.attacks.said import page_says, told
from tests.factories.accounts import make_caseworker, make_user, sign_in
from tests.factories.signatories import make_invitation, make_leader, make_member

pytestmark = pytest.mark.django_db
EMAIL = "ngozi.bello@northtown.example"
REPLACED = ["There is a newer invitation",
            "We have sent you a newer link, and this one stopped working. Look for the latest message from us and open "
            "its link."]  # fmt: skip
UNKNOWN = ["We do not know this invitation",
           "Check that you opened the whole link of the message. Some mail programs break long links."]  # fmt: skip
CLOSED = ["This account is closed",
          "The invitation is for an account that was closed. Ask the Synergi team to open it again: "
          "pledge-team@synergi.example."]  # fmt: skip


def accepted() -> list[str]:
    row = Invitation.objects.get(accepted_at__isnull=False)
    words = f"It was accepted on {long_date(row.accepted_at)}. If that was you, sign in to go on with "
    return ["This invitation was accepted already", f"{words}{row.pledge_maker.name}."]


def expired() -> list[str]:
    until = long_date(Invitation.objects.get().expires_at)
    return ["This invitation has expired", f"An invitation is good for 14 days. This one was good until {until}."]


def withdrawn() -> list[str]:
    name = Invitation.objects.get().pledge_maker.name
    return ["This invitation was withdrawn", f"Somebody has taken it back, so it no longer leads to {name}."]


def link_to(email: str = EMAIL) -> str:
    """The path in the newest invitation to this address."""
    message = Message.objects.filter(to=email, kind="invitation").latest("pk")
    found = re.search(r"/invitation/[\w-]+/", message.text)
    assert found, message.text
    return found.group()


def invited(**more: Any) -> str:
    make_invitation(email=EMAIL, **more)
    return link_to()


def joined() -> tuple[int, int, int]:
    """How many accounts of this person, memberships and leaders there are."""
    return (
        User.objects.filter(email=EMAIL).count(),
        Membership.objects.filter(user__email=EMAIL, ended_at=None).count(),
        Leader.objects.filter(user__email=EMAIL).count(),
    )


def refused(link: str, status: int, sentences: list[str]) -> None:
    """Looking and pressing are answered alike, and nobody has joined."""
    before = joined()
    for answer in (Client().get(link), Client().post(link)):
        assert (answer.status_code, page_says(answer)) == (status, sentences)
    assert joined() == before


def test_a_link_that_was_used_is_used_up() -> None:
    link = invited()
    assert Client().post(link).status_code == 302
    assert joined() == (1, 1, 1)
    refused(link, 410, accepted())


def test_a_link_opens_for_fourteen_days_and_no_second_more() -> None:
    moment = timezone.now()
    link = invited(now=moment)
    with time_machine.travel(moment + timedelta(days=14), tick=False):
        refused(link, 410, expired())
    with time_machine.travel(moment + timedelta(days=14, seconds=-1), tick=False):
        assert Client().post(link).status_code == 302
    assert joined() == (1, 1, 1)


def test_a_link_that_was_withdrawn_is_dead() -> None:
    link = invited()
    staff = sign_in(Client(), make_caseworker())
    staff.post(f"/staff/invite/{Invitation.objects.get().pk}/withdraw/")
    refused(link, 410, withdrawn())


def test_sending_again_kills_the_link_before() -> None:
    old = invited()
    staff = sign_in(Client(), make_caseworker())
    staff.post(f"/staff/invite/{Invitation.objects.get().pk}/again/")
    new = link_to()
    assert new != old
    refused(old, 410, REPLACED)
    assert Client().post(new).status_code == 302
    assert joined() == (1, 1, 1)
    refused(old, 410, REPLACED)


def test_a_link_for_a_closed_account_opens_nothing() -> None:
    make_user(email=EMAIL)
    User.objects.filter(email=EMAIL).update(is_active=False)
    link = invited()
    answer = Client().post(link)
    assert (answer.status_code, page_says(answer)) == (410, CLOSED)
    assert Membership.objects.filter(user__email=EMAIL).count() == 0


@pytest.mark.parametrize("change", ["cut", "one letter", "capitals", "hash", "another", "encoded", "empty"])
def test_guessing_meets_nothing(change: str) -> None:
    """Not even with the hash that the database keeps."""
    token = invited().split("/")[2]
    guess = {
        "cut": token[:-1],
        "one letter": f"{'a' if token[0] != 'a' else 'b'}{token[1:]}",
        "capitals": token.swapcase(),
        "hash": Invitation.objects.get().token_hash,
        "another": secrets.token_urlsafe(32),
        "encoded": f"%20{token}",
        "empty": "%00",
    }[change]
    refused(f"/invitation/{guess}/", 404, UNKNOWN)


def test_the_link_decides_for_whom_it_is_whatever_is_sent_with_it() -> None:
    """Another Pledge Maker, role or address in the address or the body changes nothing."""
    mine, other = make_invitation(email=EMAIL), make_leader().pledge_maker
    more = {"pledge_maker": other.pk, "slug": other.slug, "role": "administrator", "email": "evil@northtown.example"}
    Client().post(f"{link_to()}?pledge_maker={other.pk}&role=leader", more)
    member = Membership.objects.get(user__email=EMAIL)
    assert (member.pledge_maker, member.role) == (mine.pledge_maker, Role.LEADER)
    assert other.memberships.count() == 1


def test_nobody_withdraws_an_invitation_through_the_address_of_their_own_pledge_maker() -> None:
    make_invitation(email=EMAIL, role=Role.READER)
    theirs = Invitation.objects.get(email=EMAIL)
    mine = make_member(role=Role.COORDINATOR)
    client = sign_in(Client(), mine.user)
    for slug in (mine.pledge_maker.slug, theirs.pledge_maker.slug):
        assert client.post(f"/workspace/{slug}/people/withdraw/{theirs.pk}/").status_code == 404
    theirs.refresh_from_db()
    assert theirs.withdrawn_at is None


def test_somebody_who_is_signed_in_does_not_become_who_was_invited() -> None:
    """Accepting with another session neither changes that session nor gives it the role."""
    link, client, me = invited(), Client(), make_user(email="tom@northtown.example")
    sign_in(client, me)
    assert Membership.objects.filter(user__email=EMAIL).count() == 0
    assert told(client.post(link)) == ["Choose which account accepts."]
    page = client.post(link, {"account": "invited"}, follow=True)
    sentence = f"You have accepted as {EMAIL}. Sign out, then sign in with that address."
    assert told(page) == [sentence]
    assert client.session["_auth_user_id"] == str(me.pk)
    assert Membership.objects.filter(user=me).count() == 0
