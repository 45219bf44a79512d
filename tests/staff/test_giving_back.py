"""An account that somebody took by changing its address goes back, by an administrator, with both told."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import addresses, giving_back, recovery_codes
from accounts.models import AddressChange, AuditEvent, User
from accounts.second_factor import has_one
from mail.models import Message
from tests.factories.accounts import (
    mailed_code,
    make_administrator,
    make_caseworker,
    make_publisher,
    make_user,
    sign_in,
)

pytestmark = pytest.mark.django_db
OLD, THIEF = "ama@northtown.example", "thief@elsewhere.example"


@pytest.fixture
def ama() -> User:
    return make_user(email=OLD)


@pytest.fixture
def taken(ama: User) -> AddressChange:
    now = timezone.now()
    row = AddressChange.objects.create(user=ama, old_email=OLD, new_email=THIEF, asked_at=now)
    addresses.change(asked=row, by=ama, now=now)
    return row


def address(row: AddressChange) -> str:
    return f"/staff/people/{row.user_id}/give-back/{row.pk}/"


def test_an_administrator_sees_the_address_before_and_gives_the_account_back(
    client: Client, ama: User, taken: AddressChange
) -> None:
    thief = Client()
    thief.post("/account/login/", {"email": THIEF})
    thief.post("/account/login/code/", {"code": mailed_code(THIEF)})
    assert thief.get("/account/").status_code == 200
    recovery_codes.make(user=ama, now=timezone.now(), tell=False)
    sign_in(client, make_administrator())
    page = client.get(f"/staff/people/{ama.pk}/").content.decode()
    assert OLD in page
    assert address(taken) in page
    client.post(address(taken))
    ama.refresh_from_db()
    assert (ama.email, has_one(ama)) == (OLD, False)
    assert thief.get("/account/")["Location"] == "/account/login/?next=/account/"
    told = Message.objects.filter(kind__in=["address_given_back", "address_taken_back"]).values_list("kind", "to")
    assert set(told) == {("address_given_back", OLD), ("address_taken_back", THIEF)}
    event = AuditEvent.objects.get(action="address.given_back")
    assert (event.about_id, event.after) == (ama.pk, {"address_change": AddressChange.objects.latest("pk").pk})


def test_a_second_press_changes_nothing(client: Client, ama: User, taken: AddressChange) -> None:
    sign_in(client, make_administrator())
    client.post(address(taken))
    page = client.post(address(taken), follow=True).content.decode()
    assert "The account has this address already. Nothing was changed." in page
    assert Message.objects.filter(kind="address_given_back").count() == 1


def test_it_waits_for_a_fresh_proof(client: Client, ama: User, taken: AddressChange) -> None:
    sign_in(client, make_administrator(), fresh=False)
    assert client.post(address(taken))["Location"].startswith("/account/confirm/")
    ama.refresh_from_db()
    assert ama.email == THIEF


@pytest.mark.parametrize("make", [make_caseworker, make_publisher, make_user])
def test_nobody_else_can(client: Client, ama: User, taken: AddressChange, make: Any) -> None:
    sign_in(client, make())
    assert client.post(address(taken)).status_code == 404
    assert THIEF in client.get(f"/staff/people/{ama.pk}/").content.decode() or make is make_user
    assert OLD not in client.get(f"/staff/people/{ama.pk}/").content.decode()


def test_an_administrator_gives_nothing_back_to_themselves(client: Client) -> None:
    ruth = make_administrator(email=OLD)
    row = AddressChange.objects.create(user=ruth, old_email=OLD, new_email=THIEF, asked_at=timezone.now())
    addresses.change(asked=row, by=ruth, now=timezone.now())
    sign_in(client, ruth)
    assert client.post(address(row)).status_code == 403


def test_a_change_that_was_never_made_cannot_be_undone(client: Client, ama: User) -> None:
    row = AddressChange.objects.create(user=ama, old_email=OLD, new_email=THIEF, asked_at=timezone.now())
    assert giving_back.changes_of(ama) == []
    sign_in(client, make_administrator())
    assert client.post(address(row)).status_code == 404


def test_the_change_of_somebody_else_is_not_found(client: Client, taken: AddressChange) -> None:
    sign_in(client, make_administrator())
    assert client.post(f"/staff/people/{make_user().pk}/give-back/{taken.pk}/").status_code == 404


def test_an_address_that_somebody_else_has_by_now_stays_theirs(client: Client, ama: User, taken: AddressChange) -> None:
    other = make_user(email=OLD)
    sign_in(client, make_administrator())
    page = client.post(address(taken), follow=True).content.decode()
    assert "Somebody else uses this address now." in page
    ama.refresh_from_db()
    other.refresh_from_db()
    assert (ama.email, other.email) == (THIEF, OLD)
