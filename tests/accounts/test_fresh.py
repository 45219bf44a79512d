"""Fresh proof of who you are: asked for, kept to the browser, never waved through."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.account.decorators import reauthentication_required
from allauth.account.models import EmailAddress
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path, reverse
from django.utils import timezone

from accounts.fresh import fresh_sign_in_required, take_typed
from accounts.models import AuditEvent, User
from mail.models import Message
from pledge_tracker import urls
from tests.attacks.said import told
from tests.factories.accounts import mailed_code, make_user, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@fresh_sign_in_required
def signing(request: HttpRequest) -> HttpResponse:
    typed = take_typed(request)
    return HttpResponse(f"{request.method} {typed.getlist('objective') if typed else 'nothing typed'}")


@reauthentication_required
def guarded_by_allauth(request: HttpRequest) -> HttpResponse:
    return HttpResponse("let through")


@fresh_sign_in_required(back=lambda request: "/signing/")
def press(request: HttpRequest) -> HttpResponse:
    return HttpResponse("pressed")


urlpatterns = [
    *urls.urlpatterns,
    path("signing/", signing),
    path("press/", press),
    path("allauth/", guarded_by_allauth),
]
CONFIRM = "/account/confirm/?next=%2Fsigning%2F"


def seconds_ago(seconds: float):
    return timezone.now() - timedelta(seconds=seconds)


def prove(client: Client, user: User) -> HttpResponse:
    client.post(CONFIRM, {"action": "send", "next": "/signing/"})
    return client.post(CONFIRM, {"action": "prove", "next": "/signing/", "code": mailed_code(user.email)})


@pytest.mark.parametrize(
    ("method", "address", "told_so"), [("post", "/signing/", 1), ("post", "/press/", 1), ("get", "/signing/", 0)]
)
def test_whoever_had_pressed_a_button_hears_that_nothing_is_done_yet(
    client: Client, method: str, address: str, told_so: int
) -> None:
    user = make_user()
    sign_in(client, user, fresh=False)
    getattr(client, method)(address)
    assert prove(client, user)["Location"] == "/signing/"
    words = "Thank you. Nothing has been done yet: press the button again."
    assert [client.get("/account/").content.decode().count(words) for _time in range(2)] == [told_so, 0]


def test_somebody_who_just_signed_in_goes_on(client: Client) -> None:
    sign_in(client, make_user(), proved=seconds_ago(595))
    assert client.get("/signing/").content == b"GET nothing typed"


def test_after_ten_minutes_the_proof_is_asked_for_again(client: Client) -> None:
    sign_in(client, make_user(), proved=seconds_ago(601))
    assert client.get("/signing/")["Location"] == CONFIRM


def test_a_proof_from_the_future_counts_for_nothing(client: Client) -> None:
    sign_in(client, make_user(), proved=seconds_ago(-60))
    assert client.get("/signing/")["Location"] == CONFIRM


def test_a_session_without_any_proof_is_asked(client: Client) -> None:
    sign_in(client, make_user(), fresh=False)
    assert client.get("/signing/")["Location"] == CONFIRM


def test_opening_the_page_mails_nothing(client: Client) -> None:
    sign_in(client, make_user(), fresh=False)
    assert client.get(CONFIRM).status_code == 200
    assert not Message.objects.exists()


def test_a_typed_code_brings_the_person_back(client: Client) -> None:
    user = make_user()
    sign_in(client, user, fresh=False)
    assert prove(client, user)["Location"] == "/signing/"
    assert client.get("/signing/").content == b"GET nothing typed"
    assert list(AuditEvent.objects.values_list("action", "by")) == [("proof.given", user.pk)]


def test_what_was_typed_comes_back_once(client: Client) -> None:
    user = make_user()
    sign_in(client, user, fresh=False)
    client.post("/signing/", {"objective": ["two\r\nlines", "ß & ü"]})
    prove(client, user)
    assert client.get("/signing/").content.decode() == "GET ['two\\r\\nlines', 'ß & ü']"
    assert client.get("/signing/").content == b"GET nothing typed"


def test_a_button_without_a_page_of_its_own_names_where_to_come_back_to(client: Client) -> None:
    sign_in(client, make_user(), fresh=False)
    assert client.post("/press/")["Location"] == CONFIRM


def test_a_wrong_code_is_refused_and_on_the_record(client: Client) -> None:
    user = make_user()
    sign_in(client, user, fresh=False)
    client.post(CONFIRM, {"action": "send"})
    page = client.post(CONFIRM, {"action": "prove", "code": "WRNG-WRNG"}).content.decode()
    assert page.count("That is not the code we sent. Check it and try again.") == 2
    assert AuditEvent.objects.get().action == "proof.failed"
    assert client.get("/signing/")["Location"] == CONFIRM


def test_after_five_wrong_codes_a_new_one_is_needed(client: Client) -> None:
    user = make_user()
    sign_in(client, user, fresh=False)
    client.post(CONFIRM, {"action": "send"})
    right = mailed_code(user.email)
    for _number in range(5):
        client.post(CONFIRM, {"action": "prove", "code": "WRNG-WRNG"})
    assert "Ask for a new one." in client.get(CONFIRM).content.decode()
    client.post(CONFIRM, {"action": "prove", "code": right})
    assert client.get("/signing/")["Location"] == CONFIRM


def test_the_code_of_one_browser_is_no_proof_in_another(client: Client) -> None:
    user = make_user()
    other = Client()
    for browser in (client, other):
        sign_in(browser, user, fresh=False)
    client.post(CONFIRM, {"action": "send"})
    other.post(CONFIRM, {"action": "prove", "code": mailed_code(user.email)})
    assert other.get("/signing/")["Location"] == CONFIRM


def test_a_newer_code_voids_the_older(client: Client) -> None:
    user = make_user()
    sign_in(client, user, fresh=False)
    client.post(CONFIRM, {"action": "send"})
    older = mailed_code(user.email)
    client.post(CONFIRM, {"action": "send"})
    client.post(CONFIRM, {"action": "prove", "code": older})
    assert client.get("/signing/")["Location"] == CONFIRM
    client.post(CONFIRM, {"action": "prove", "code": mailed_code(user.email)})
    assert client.get("/signing/").status_code == 200


@pytest.mark.parametrize("page", ["https://evil.example/", "//evil.example/x", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site(client: Client, page: str) -> None:
    user = make_user()
    sign_in(client, user, fresh=False)
    client.post("/account/confirm/", {"action": "send", "next": page})
    response = client.post("/account/confirm/", {"action": "prove", "next": page, "code": mailed_code(user.email)})
    assert response["Location"] == "/workspace/"


def test_an_account_without_a_confirmed_address_is_refused_where_allauth_lets_it_through(client: Client) -> None:
    user = make_user()
    sign_in(client, user, fresh=False)
    EmailAddress.objects.filter(user=user).update(verified=False)
    assert client.get("/allauth/").content == b"let through"
    response = client.get("/signing/")
    assert response.status_code == 403
    assert "no confirmed e-mail address that we can send a code to" in response.content.decode()
    assert AuditEvent.objects.get().action == "proof.refused"


def test_an_account_without_any_address_gets_no_code_either(client: Client) -> None:
    user = make_user()
    sign_in(client, user, fresh=False)
    EmailAddress.objects.filter(user=user).delete()
    assert client.post(CONFIRM, {"action": "send"}).status_code == 403
    assert client.post("/signing/", {"objective": "x"}).status_code == 403
    assert not Message.objects.exists()


def test_a_closed_account_has_no_address_for_a_proof() -> None:
    from accounts.fresh import address_for_proof

    user = make_user()
    assert address_for_proof(user) == user.email
    user.is_active = False
    assert address_for_proof(user) is None


def test_too_many_codes_are_refused_with_a_sentence(client: Client) -> None:
    sign_in(client, make_user(), fresh=False)
    for _number in range(11):
        client.post(CONFIRM, {"action": "send"})
    assert "You have asked for several codes." in client.get(CONFIRM).content.decode()
    assert Message.objects.count() == 10


def test_the_page_is_private(client: Client) -> None:
    assert client.get(reverse("account_confirm"))["Location"] == "/account/login/?next=/account/confirm/"


@pytest.mark.parametrize("typed", [{"action": "prove", "code": "BCDF-GHJK"}, {"action": "passkey", "answer": "{}"}])
def test_after_twenty_tries_of_either_kind_a_proof_has_to_wait(client: Client, typed: dict[str, str]) -> None:
    with time_machine.travel(datetime(2026, 11, 22, 9, tzinfo=UTC), tick=False):
        sign_in(client, make_user(), fresh=False)
        for _number in range(21):
            answer = client.post("/account/confirm/", typed)
        assert answer["Location"] == "/account/confirm/"
        assert told(client.get("/account/confirm/"))[-1] == "You have tried several times. Try again in 10 minutes."
        assert AuditEvent.objects.filter(action="proof.failed").count() == 20
        assert AuditEvent.objects.get(action="limit.reached").detail == {"limit": "proof.tried"}
