"""Signing in by mailed code, by invitation only."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from accounts.models import AuditEvent, MailedCode, User
from mail.models import Message
from tests.accounts.passkey_steps import challenge
from tests.factories.accounts import mailed_code, make_caseworker, make_user, sign_in
from tests.factories.passkeys import SoftPasskey, make_recovery_codes, make_soft_passkey

pytestmark = pytest.mark.django_db


def ask(client: Client, email: str, **more: str):
    return client.post(reverse("account_login"), {"email": email, **more})


def type_code(client: Client, code: str):
    return client.post(reverse("account_confirm_login_code"), {"code": code})


def signed_in_as(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def test_a_typed_code_signs_in_and_is_on_the_record(client: Client) -> None:
    user = make_user(email="ama@northtown.example")
    assert ask(client, user.email)["Location"] == reverse("account_confirm_login_code")
    page = client.get(reverse("account_confirm_login_code")).content.decode()
    assert "We have sent a code to <strong>ama@northtown.example</strong>" in page
    response = type_code(client, mailed_code(user.email))
    assert (response["Location"], signed_in_as(client)) == ("/workspace/", str(user.pk))
    assert list(AuditEvent.objects.values_list("action", "by")) == [("sign_in.succeeded", user.pk)]


def test_capitals_in_the_address_do_not_matter(client: Client) -> None:
    user = make_user(email="ama@northtown.example")
    ask(client, "Ama@Northtown.Example ")
    type_code(client, mailed_code(user.email))
    assert signed_in_as(client) == str(user.pk)


def test_staff_come_to_the_staff_pages(client: Client) -> None:
    user = make_caseworker()
    ask(client, user.email)
    assert type_code(client, mailed_code(user.email))["Location"] == "/staff/"


def test_the_person_comes_to_the_page_they_wanted(client: Client) -> None:
    user = make_user()
    ask(client, user.email, next="/workspace/northtown/people/")
    assert type_code(client, mailed_code(user.email))["Location"] == "/workspace/northtown/people/"


@pytest.mark.parametrize("page", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "http:///x"])
def test_nobody_is_sent_to_another_site(client: Client, page: str) -> None:
    user = make_user()
    ask(client, user.email, next=page)
    assert type_code(client, mailed_code(user.email))["Location"] == "/workspace/"


def test_a_wrong_code_says_so_and_is_on_the_record(client: Client) -> None:
    user = make_user()
    ask(client, user.email)
    page = type_code(client, "WRNG-WRNG").content.decode()
    assert page.count("That is not the code we sent. Check it and try again.") == 2
    assert "<title>Error: Enter your code" in page
    assert list(AuditEvent.objects.values_list("action", "by")) == [("sign_in.failed", user.pk)]
    assert signed_in_as(client) is None


def test_after_five_wrong_codes_a_new_one_is_needed(client: Client) -> None:
    user = make_user()
    ask(client, user.email)
    right = mailed_code(user.email)
    for _number in range(5):
        response = type_code(client, "WRNG-WRNG")
    assert response["Location"] == reverse("account_login")
    page = client.get(reverse("account_login")).content.decode()
    assert "This code can no longer be used. Ask for a new one." in page
    assert f'value="{user.email}"' in page
    type_code(client, right)
    assert signed_in_as(client) is None


def test_the_code_works_only_in_the_browser_that_asked(client: Client) -> None:
    user = make_user()
    ask(client, user.email)
    other = Client()
    ask(other, user.email)
    own = mailed_code(user.email)
    type_code(client, own)
    assert signed_in_as(client) is None
    type_code(other, own)
    assert signed_in_as(other) == str(user.pk)


def test_without_asking_there_is_no_page_for_the_code(client: Client) -> None:
    assert client.get(reverse("account_confirm_login_code"))["Location"] == reverse("account_login")


def test_a_code_eleven_minutes_old_is_refused(client: Client) -> None:
    user = make_user()
    ask(client, user.email)
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        type_code(client, mailed_code(user.email))
    assert signed_in_as(client) is None


def _comparable(page: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)


def _kind(sql: str) -> str:
    """The work of a query: what it does, and to which table."""
    words = sql.split()
    return " ".join(words[:3]) if words[0] in {"INSERT", "DELETE"} else words[0]


def test_known_and_unknown_addresses_look_the_same_and_do_the_same_work() -> None:
    make_user(email="known@northtown.example")
    ask(Client(), "first@northtown.example")  # the limit of this network address is being counted from now on
    pages, counts = [], []
    for email in ("known@northtown.example", "other@northtown.example"):
        browser = Client()
        with CaptureQueriesContext(connection) as queries:
            answer = ask(browser, email)
        counts.append([_kind(query["sql"]) for query in queries if not query["sql"].startswith("ROLLBACK TO")])
        page = browser.get(reverse("account_confirm_login_code")).content.decode()
        wrong = type_code(browser, "WRNG-WRNG").content.decode()
        pages.append((answer.status_code, answer["Location"], *map(_comparable, (page, wrong))))
    assert [part.replace("known@", "other@") for part in map(str, pages[0])] == list(map(str, pages[1]))
    assert counts[0] == counts[1]


def test_an_unknown_address_gets_no_mail(client: Client) -> None:
    ask(client, "nobody@northtown.example")
    assert not Message.objects.exists()


@pytest.mark.parametrize("how", ["inactive", "unverified"])
def test_an_account_that_cannot_sign_in_gets_no_code(client: Client, how: str) -> None:
    user = make_user()
    if how == "inactive":
        type(user).objects.filter(pk=user.pk).update(is_active=False)
    else:
        EmailAddress.objects.filter(user=user).update(verified=False)
    response = ask(client, user.email)
    assert response["Location"] == reverse("account_confirm_login_code")
    assert not Message.objects.exists()


def test_closing_an_account_ends_its_session_at_once(client: Client) -> None:
    user = make_user()
    sign_in(client, user)
    assert client.get("/workspace/").status_code == 200
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    assert client.get("/workspace/")["Location"] == "/account/login/?next=/workspace/"


def test_a_whole_trust_can_ask_for_codes_from_one_network_address() -> None:
    people = [make_user() for _number in range(25)]
    for user in people:
        ask(Client(), user.email)
    assert MailedCode.objects.count() == len(people)


@pytest.mark.parametrize("typed", ["", "not an address", f"{'a' * 250}@northtown.example"])
def test_a_bad_address_gets_a_sentence(client: Client, typed: str) -> None:
    page = ask(client, typed).content.decode()
    assert 'class="govuk-error-summary"' in page
    assert not MailedCode.objects.exists()


def test_an_address_that_is_too_long_only_in_small_letters_gets_a_sentence(client: Client) -> None:
    """A capital letter can become two small ones."""
    address = f"ama@{'.'.join(['İ' * 25] * 9)}.example"
    assert (len(address), len(address.lower())) == (245, 470)
    for page in ("/account/login/", "/account/address/"):
        answer = client.post(page, {"email": address})
        assert (answer.status_code, list(answer.context["form"].errors)) == (200, ["email"])
        sign_in(client, make_user())


def test_the_message_with_the_code_is_secret(client: Client) -> None:
    user = make_user()
    ask(client, user.email)
    assert Message.objects.get().secret is True


def test_the_session_keeps_no_code(client: Client) -> None:
    user = make_user()
    ask(client, user.email)
    code = mailed_code(user.email)
    kept = str(dict(client.session))
    assert [code in kept, code.replace("-", "") in kept] == [False, False]


def test_the_session_lasts_twenty_hours_and_a_moment_to_say_that_it_has_ended(client: Client) -> None:
    user = make_user()
    ask(client, user.email)
    type_code(client, mailed_code(user.email))
    assert client.session.get_expiry_age() == (20 * 60 + 5) * 60


def test_signing_in_changes_the_session_key(client: Client) -> None:
    user = make_user()
    ask(client, user.email)
    before = client.session.session_key
    type_code(client, mailed_code(user.email))
    assert client.session.session_key != before


def by_mailed_code(client: Client, user: User) -> None:
    client.post("/account/confirm/", {"action": "send"})
    client.post("/account/confirm/", {"action": "prove", "code": mailed_code(user.email)})


def by_passkey(client: Client, user: User) -> None:
    _row, soft = make_soft_passkey(user)
    client.post("/account/confirm/", {"action": "passkey", "answer": soft.used(challenge(client, whose="mine"))})


def by_recovery_code(client: Client, user: User) -> None:
    client.post("/account/second-factor/", {"action": "code", "code": make_recovery_codes(user)[0]})


def by_a_new_passkey(client: Client, user: User) -> None:
    made = SoftPasskey(user).made(challenge(client, "/account/passkeys/add/options/"))
    client.post("/account/passkeys/add/", {"name": "Laptop", "answer": json.dumps(made)})


@pytest.mark.parametrize("proves", [by_mailed_code, by_passkey, by_recovery_code, by_a_new_passkey])
def test_each_further_proof_changes_the_session_key_too(proves: Callable[[Client, User], None]) -> None:
    user, client, thief = make_user(), Client(), Client()
    ask(client, user.email)
    type_code(client, mailed_code(user.email))
    thief.cookies[settings.SESSION_COOKIE_NAME] = client.session.session_key
    assert thief.get("/account/").status_code == 200
    proves(client, user)
    assert (client.get("/account/").status_code, thief.get("/account/").status_code) == (200, 302)
    [listed] = UserSession.objects.filter(user=user)
    assert listed.session_key == client.session.session_key


def test_signing_out_needs_the_button(client: Client) -> None:
    user = make_user()
    sign_in(client, user)
    assert "Do you want to sign out?" in client.get(reverse("account_logout")).content.decode()
    assert signed_in_as(client) == str(user.pk)
    client.post(reverse("account_logout"))
    assert signed_in_as(client) is None


def test_somebody_signed_in_is_not_asked_again(client: Client) -> None:
    sign_in(client, make_user())
    assert client.get(reverse("account_login"))["Location"] == "/workspace/"


@pytest.mark.parametrize(
    "page",
    [
        "signup/",
        "password/reset/",
        "password/set/",
        "password/change/",
        "email/",
        "reauthenticate/",
        "3rdparty/",
        "2fa/",
    ],
)
def test_pages_of_allauth_that_we_do_not_use_do_not_exist(client: Client, page: str) -> None:
    sign_in(client, make_user())
    assert client.get(f"/account/{page}").status_code == 404


def test_there_is_no_sign_up() -> None:
    with pytest.raises(NoReverseMatch):
        reverse("account_signup")
