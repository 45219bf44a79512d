"""How often something may be tried: exactly so often, in parallel too, and nobody shuts somebody else out."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import limits
from accounts.models import AuditEvent, MailedCode, RateCount, User
from pledge_tracker import keeping
from tests.factories.accounts import mailed_code, make_caseworker, make_user, sign_in

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, 0, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOME, ELSEWHERE = "192.0.2.7", "198.51.100.9"


@pytest.fixture
def nine_o_clock() -> Iterator[None]:
    """No stretch of time ends while a test counts."""
    with time_machine.travel(NOW, tick=False):
        yield


def allow(now: datetime = NOW, key: str = "ama", most: int = 3) -> bool:
    return limits.allow(scope="code.asked", key=key, most=most, within=MINUTE, now=now)


def test_so_many_are_allowed_and_no_more() -> None:
    assert [allow() for _try in range(5)] == [True, True, True, False, False]
    assert RateCount.objects.get().count == 3


def test_each_key_and_each_scope_has_its_own_count() -> None:
    assert [allow(key=key, most=1) for key in ("ama", "ben", "ama")] == [True, True, False]
    assert limits.allow(scope="proof.asked", key="ama", most=1, within=MINUTE, now=NOW)


def test_the_next_stretch_begins_anew() -> None:
    assert [allow(most=1), allow(most=1, now=NOW + timedelta(seconds=29))] == [True, False]
    assert [allow(most=1, now=NOW + timedelta(seconds=30)), allow(most=1, now=NOW + MINUTE)] == [True, False]


def test_a_key_is_kept_as_a_hash_only() -> None:
    allow(key="ama@northtown.example")
    row = RateCount.objects.values().get()
    assert ("ama" in str(row), len(row["key_hash"])) == (False, 64)


def test_the_same_key_has_another_hash_in_another_scope() -> None:
    for scope in ("code.asked", "proof.asked"):
        limits.allow(scope=scope, key="ama", most=1, within=MINUTE, now=NOW)
    assert RateCount.objects.values("key_hash").distinct().count() == 2


@pytest.mark.parametrize(("tries_before", "queries"), [(0, 4), (1, 1), (3, 2)])
def test_counting_costs_few_queries(tries_before: int, queries: int, django_assert_num_queries) -> None:
    for _try in range(tries_before):
        allow()
    with django_assert_num_queries(queries):
        allow()


@pytest.mark.django_db(transaction=True)
def test_of_twenty_parallel_tries_twenty_count_and_the_next_is_refused() -> None:
    def once(_number: int) -> bool:
        try:
            return allow(most=20)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=20) as pool:
        answers = list(pool.map(once, range(20)))
    assert answers.count(True) == 20
    assert [allow(most=20), RateCount.objects.get().count] == [False, 20]


@pytest.mark.django_db(transaction=True)
def test_of_sixty_parallel_tries_exactly_twenty_are_allowed() -> None:
    def once(_number: int) -> bool:
        try:
            return allow(most=20)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=20) as pool:
        answers = list(pool.map(once, range(60)))
    assert (answers.count(True), RateCount.objects.get().count) == (20, 20)


def test_the_first_refusal_of_a_stretch_is_on_the_record_and_says_when_to_come_back() -> None:
    user, refusals = make_user(), []
    for _try in range(limits.BY_SCOPE["code.asked"].most + 3):
        try:
            limits.check("code.asked", key="ama", about=user, now=NOW)
        except limits.TooOften as refusal:
            refusals.append(refusal)
    assert [(str(each), each.seconds) for each in refusals] == [
        ("You have asked for several codes. The newest one works. Try again in 10 minutes.", 570)
    ] * 3
    event = AuditEvent.objects.get()
    assert (event.action, event.by, event.about_id, event.detail) == (
        "limit.reached", None, user.pk, {"limit": "code.asked"}
    )  # fmt: skip


def test_counts_of_yesterday_are_tidied_away() -> None:
    allow()
    assert keeping.tidy(now=NOW + timedelta(hours=23))["limits"] == 0
    assert keeping.tidy(now=NOW + timedelta(hours=24))["limits"] == 1
    assert RateCount.objects.count() == 0


def test_no_stretch_is_longer_than_counts_are_kept() -> None:
    assert max(limit.within for limit in limits.LIMITS) <= limits.DAY
    assert len(limits.BY_SCOPE) == len(limits.LIMITS)


# --- In the pages ------------------------------------------------------------------------------------------


def ask(email: str, place: str = HOME, client: Client | None = None):  # type: ignore[no-untyped-def]
    return (client or Client()).post(reverse("account_login"), {"email": email}, REMOTE_ADDR=place)


def test_a_sixth_code_within_ten_minutes_is_refused_with_a_sentence(nine_o_clock: None) -> None:
    user = make_user()
    for _number in range(5):
        ask(user.email)
    answer = ask(user.email)
    assert (answer.status_code, answer["Retry-After"]) == (429, "570")
    page = answer.content.decode()
    assert page.count("You have asked for several codes. The newest one works. Try again in 10 minutes.") == 2
    assert f'value="{user.email}"' in page
    assert (AuditEvent.objects.get().about_id, MailedCode.objects.count()) == (user.pk, 5)


def test_who_tries_my_address_from_elsewhere_uses_up_nothing_of_mine(nine_o_clock: None) -> None:
    user, mine = make_user(), Client()
    assert [ask(user.email, ELSEWHERE).status_code for _number in range(6)] == [302] * 5 + [429]
    assert ask(user.email, HOME, mine).status_code == 302
    code = {"code": mailed_code(user.email)}
    mine.post(reverse("account_confirm_login_code"), code, REMOTE_ADDR=HOME)
    assert mine.session["_auth_user_id"] == str(user.pk)


def test_a_limit_says_nothing_of_who_has_an_account(nine_o_clock: None) -> None:
    known, pages = make_user(email="known@northtown.example"), []
    for email in (known.email, "other@northtown.example"):
        answers = [ask(email) for _number in range(6)]
        pages.append((answers[-1].status_code, answers[-1]["Retry-After"], len(answers[-1].content)))
    assert pages[0] == pages[1]


def test_a_whole_trust_asks_from_one_network_address_and_a_robot_does_not(nine_o_clock: None) -> None:
    limit = limits.BY_SCOPE["code.asked.network"]
    RateCount.objects.all().delete()
    assert ask("first@northtown.example").status_code == 302
    RateCount.objects.filter(scope=limit.scope).update(count=limit.most - 1)
    assert [ask(f"person{n}@northtown.example").status_code for n in range(2)] == [302, 429]
    assert ask("person3@northtown.example", ELSEWHERE).status_code == 302


def test_codes_typed_across_accounts_are_counted_for_the_network_and_the_code_stays_good(nine_o_clock: None) -> None:
    user, browser = make_user(), Client()
    ask(user.email, client=browser)
    limit = limits.BY_SCOPE["code.typed.network"]
    browser.post(reverse("account_confirm_login_code"), {"code": "WRNG-WRNG"}, REMOTE_ADDR=HOME)
    RateCount.objects.filter(scope=limit.scope).update(count=limit.most)
    code = {"code": mailed_code(user.email)}
    answer = browser.post(reverse("account_confirm_login_code"), code, REMOTE_ADDR=HOME)
    assert (answer.status_code, "Too many codes were typed from your network." in answer.content.decode()) == (
        429,
        True,
    )
    assert MailedCode.objects.get().attempts == 1
    browser.post(reverse("account_confirm_login_code"), code, REMOTE_ADDR=ELSEWHERE)
    assert browser.session["_auth_user_id"] == str(user.pk)


def test_an_eleventh_fresh_proof_is_not_mailed(client: Client, nine_o_clock: None) -> None:
    sign_in(client, make_user())
    for _number in range(11):
        client.post(reverse("account_confirm"), {"action": "send"})
    page = client.get(reverse("account_confirm")).content.decode()
    assert "You have asked for several codes. The newest one works. Try again in 10 minutes." in page
    assert MailedCode.objects.count() == 10


def _used_up(scope: str, client: Client, address: str, typed: dict[str, str] | None) -> None:
    """One request that counts, and all others that are allowed."""
    client.post(address, typed) if typed is not None else client.get(address)
    assert RateCount.objects.filter(scope=scope).update(count=limits.BY_SCOPE[scope].most) == 1


def test_files_are_limited_for_an_account(client: Client, nine_o_clock: None) -> None:
    sign_in(client, make_caseworker())
    _used_up("export.taken", client, "/staff/queue.csv", None)
    taken = AuditEvent.objects.filter(action="staff.exported").count()
    answer = client.get("/staff/queue.csv")
    assert (answer.status_code, answer["Retry-After"]) == (429, "3570")
    assert "You have taken many files. Try again in 60 minutes." in answer.content.decode()
    assert AuditEvent.objects.filter(action="staff.exported").count() == taken
    other = sign_in(Client(), make_caseworker())
    assert other.get("/staff/queue.csv").status_code == 200


def test_invitations_are_limited_and_what_was_typed_is_on_the_page(client: Client, nine_o_clock: None) -> None:
    by: User = make_caseworker()
    sign_in(client, by)
    typed = {"name": "Ngozi Bello", "email": "ngozi@northtown.example"}
    _used_up("invitation.sent", client, "/staff/invite/", typed)
    answer = client.post("/staff/invite/", typed)
    page = answer.content.decode()
    assert (answer.status_code, "You have sent many invitations." in page) == (429, True)
    assert [value in page for value in typed.values()] == [True, True]
    assert client.get("/staff/invite/").status_code == 200
    assert AuditEvent.objects.get(action="limit.reached").by == by


@pytest.mark.parametrize("address", ["/supporters/link/", "/supporters/join/", "/sign-the-pledge/"])
def test_forms_of_those_who_join_are_limited_for_a_network(address: str, client: Client, nine_o_clock: None) -> None:
    limit = limits.BY_SCOPE["joining.sent.network"]
    Client().post("/supporters/link/", {"email": "ama@northtown.example"})
    RateCount.objects.filter(scope=limit.scope).update(count=limit.most)
    answer = client.post(address, FORMS[address])
    assert (answer.status_code, answer["Retry-After"]) == (429, "3570")
    assert "We have had many forms from your network. Try again in 60 minutes." in answer.content.decode()
    assert client.post(address, FORMS[address], REMOTE_ADDR=ELSEWHERE).status_code == 302


FORMS = {
    "/supporters/link/": {"email": "ama@northtown.example"},
    "/supporters/join/": {
        "kind": "person", "name": "Ama Mensah", "statement": "I was a patient here.",
        "email": "ama@northtown.example", "consents": "on",
    },
    "/sign-the-pledge/": {
        "organisation_name": "Northtown Trust", "leader_name": "Dr Ngozi Bello", "leader_role_title": "Chief executive",
        "leader_email": "bello@northtown.example", "contact_name": "Ama Mensah",
        "contact_email": "ama@northtown.example", "why": "We want to.",
    },
}  # fmt: skip
