"""Passkeys without a browser: what signs in, what does not, and what is on the record. The browser's part is walked
in tests/journeys/test_passkeys.py."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import limits, passkeys
from accounts.models import AuditEvent, RateCount, User
from mail.models import Message
from tests.accounts.passkey_steps import ADD, OPTIONS, SIGN_IN, challenge, signed_in_as, use, who_is_let_in
from tests.factories.accounts import mailed_code, make_caseworker, make_user, sign_in
from tests.factories.passkeys import SoftPasskey, make_passkey, make_recovery_codes, make_soft_passkey

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("make", "page"), [(make_user, "/workspace/"), (make_caseworker, "/staff/")])
def test_a_passkey_alone_signs_in_and_counts_as_both_factors(client: Client, make, page: str) -> None:
    user = make()
    row, soft = make_soft_passkey(user)
    make_recovery_codes(user)
    assert use(client, soft)["Location"] == page
    assert client.get(page).status_code == 200
    event = AuditEvent.objects.get(action="sign_in.succeeded")
    assert (event.by, event.detail["methods"]) == (user, ["webauthn"])
    row.refresh_from_db()
    assert row.last_used_at is not None
    assert not Message.objects.exists()


def test_the_page_that_was_wanted_comes_next_and_no_other_site(client: Client) -> None:
    _row, soft = make_soft_passkey(make_user())
    assert use(client, soft, next="/workspace/northtown/")["Location"] == "/workspace/northtown/"
    assert use(Client(), soft, next="https://evil.example/")["Location"] == "/workspace/"


def test_a_closed_account_is_refused_and_on_the_record(client: Client) -> None:
    user = make_user()
    _row, soft = make_soft_passkey(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert use(client, soft)["Location"] == "/account/inactive/"
    assert signed_in_as(client) is None
    event = AuditEvent.objects.get()
    assert (event.action, event.by, event.detail["closed"]) == ("sign_in.failed", user, True)


def test_an_answer_counts_once_and_in_the_browser_that_was_asked(client: Client) -> None:
    _row, soft = make_soft_passkey(make_user())
    answer = soft.used(challenge(client))
    other = Client()
    challenge(other)
    other.post(SIGN_IN, {"answer": answer})
    assert signed_in_as(other) is None
    client.post(SIGN_IN, {"answer": answer})
    assert signed_in_as(client) is not None
    client.post("/account/logout/")
    client.post(SIGN_IN, {"answer": answer})
    assert signed_in_as(client) is None


def test_without_a_question_there_is_no_answer(client: Client) -> None:
    _row, soft = make_soft_passkey(make_user())
    client.post(SIGN_IN, {"answer": soft.used("YW55")})
    assert signed_in_as(client) is None


def test_the_device_must_have_verified_its_owner(client: Client) -> None:
    _row, soft = make_soft_passkey(make_user())
    client.post(SIGN_IN, {"answer": soft.used(challenge(client), verified=False)})
    assert signed_in_as(client) is None


def test_a_passkey_for_another_site_or_of_another_key_is_refused(client: Client) -> None:
    user = make_user()
    _row, soft = make_soft_passkey(user)
    soft.site = "evil.example"
    use(client, soft)
    assert signed_in_as(client) is None
    other = SoftPasskey(user)
    other.id = soft.id
    use(client, other)
    assert signed_in_as(client) is None


def test_a_passkey_that_was_removed_signs_nobody_in(client: Client) -> None:
    user = make_user()
    row, soft = make_soft_passkey(user)
    passkeys.remove(passkey=row, by=user, now=timezone.now())
    use(client, soft)
    assert signed_in_as(client) is None
    assert AuditEvent.objects.filter(action="sign_in.failed").count() == 1


def test_a_passkey_that_names_somebody_else_signs_nobody_in(client: Client) -> None:
    _row, soft = make_soft_passkey(make_user())
    soft.user = make_caseworker()
    use(client, soft)
    assert signed_in_as(client) is None


def test_a_device_that_has_counted_less_far_is_a_copy_and_refused() -> None:
    row, soft = make_soft_passkey(make_user())
    assert who_is_let_in(soft) is not None
    assert who_is_let_in(soft) is not None
    row.refresh_from_db()
    assert row.data["counter"] == 2
    for count in (0, 1, None):  # the next is one more; None says 0
        soft.count = count
        assert who_is_let_in(soft) is None
    assert AuditEvent.objects.filter(action="sign_in.failed").count() == 3
    soft.count = 2
    assert who_is_let_in(soft) is not None


@pytest.mark.django_db(transaction=True)
def test_of_ten_equal_answers_at_once_one_counts(client: Client) -> None:
    """In one browser, before any of them has used the challenge up."""
    _row, soft = make_soft_passkey(make_user())
    answer, key = soft.used(challenge(client)), client.session.session_key

    def try_it() -> bool:
        browser = Client()
        browser.cookies[settings.SESSION_COOKIE_NAME] = key
        try:
            return browser.post(SIGN_IN, {"answer": answer}).headers.get("Location") == "/workspace/"
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(lambda _number: try_it(), range(10))) == 1
    assert AuditEvent.objects.filter(action="sign_in.succeeded").count() == 1


def test_a_passkey_on_several_devices_does_not_count() -> None:
    _row, soft = make_soft_passkey(make_user())
    soft.count = None
    assert None not in (who_is_let_in(soft), who_is_let_in(soft))


# --- After the mailed code, and as a fresh proof -----------------------------------------------------------


def test_after_the_mailed_code_a_passkey_of_this_person_is_asked_for(client: Client) -> None:
    user = make_caseworker()
    _row, soft = make_soft_passkey(user)
    _other, theirs = make_soft_passkey(make_user())
    client.post("/account/login/", {"email": user.email})
    client.post("/account/login/code/", {"code": mailed_code(user.email)})
    asked = client.post(OPTIONS, {"whose": "mine"}).json()["publicKey"]
    assert len(asked["allowCredentials"]) == 1
    client.post("/account/second-factor/", {"action": "passkey", "answer": theirs.used(asked["challenge"])})
    assert signed_in_as(client) is None
    answer = soft.used(challenge(client, whose="mine"))
    assert client.post("/account/second-factor/", {"action": "passkey", "answer": answer})["Location"] == "/staff/"
    assert client.get("/staff/").status_code == 200
    assert AuditEvent.objects.get(action="sign_in.succeeded").detail["methods"] == ["code", "webauthn"]


def test_a_passkey_is_a_fresh_proof(client: Client) -> None:
    user = make_user()
    _row, soft = make_soft_passkey(user)
    sign_in(client, user, proved=timezone.now() - timedelta(minutes=11))
    assert client.get(ADD)["Location"] == "/account/second-factor/?next=%2Faccount%2Fpasskeys%2Fadd%2F"
    answer = soft.used(challenge(client, whose="mine"))
    proof = client.post("/account/confirm/", {"action": "passkey", "answer": answer, "next": ADD})
    assert proof["Location"] == ADD
    assert client.get(ADD).status_code == 200
    event = AuditEvent.objects.get()
    assert (event.action, event.detail["method"]) == ("proof.given", "passkey")


def test_the_passkey_of_somebody_else_is_no_proof(client: Client) -> None:
    user = make_user()
    make_passkey(user)
    _row, theirs = make_soft_passkey(make_user())
    sign_in(client, user, fresh=False)
    answer = theirs.used(challenge(client, whose="mine"))
    client.post("/account/confirm/", {"action": "passkey", "answer": answer})
    assert AuditEvent.objects.get().action == "proof.failed"


def test_challenges_are_counted_by_network_for_each_keeps_a_session(client: Client) -> None:
    assert client.post(OPTIONS).status_code == 200
    limit = limits.BY_SCOPE["passkey.asked.network"]
    RateCount.objects.filter(scope=limit.scope).update(count=limit.most)
    refused = Client().post(OPTIONS)
    assert (refused.status_code, "Retry-After" in refused.headers) == (429, True)
    assert Client(REMOTE_ADDR="198.51.100.7").post(OPTIONS).status_code == 200
