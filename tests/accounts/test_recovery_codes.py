"""Recovery codes: ten, each good once, shown once; used up they are no way around the second factor."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts import recovery_codes
from mail.models import Message
from tests.accounts.second_factor_steps import GIVE, actions, by_code, give_code
from tests.factories.accounts import make_caseworker, make_user, sign_in
from tests.factories.passkeys import make_recovery_codes

pytestmark = pytest.mark.django_db
CODES, HOME = "/account/recovery-codes/", "/account/"


def test_there_are_ten_different_codes_and_each_works_once() -> None:
    user, now = make_user(), timezone.now()
    codes = make_recovery_codes(user)
    assert (len(codes), len(set(codes))) == (10, 10)
    assert recovery_codes.use(user=user, typed=f" {codes[3][:4]}-{codes[3][4:]} ", now=now) is not None
    assert recovery_codes.use(user=user, typed=codes[3], now=now) is None
    assert recovery_codes.left(recovery_codes.of(user)) == 9


@pytest.mark.django_db(transaction=True)
def test_of_ten_who_use_one_code_at_once_one_has_used_it() -> None:
    user = make_user()
    code, now = make_recovery_codes(user)[0], timezone.now()

    def use() -> bool:
        try:
            return recovery_codes.use(user=user, typed=code, now=now) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        assert sorted(pool.map(lambda _number: use(), range(10))) == [False] * 9 + [True]
    assert recovery_codes.left(recovery_codes.of(user)) == 9


@pytest.mark.parametrize("typed", ["", "0", "1234 5678 9", "ᚠᚢᚦᚨ", "\0", "x" * 10_000])
def test_anything_else_is_no_code(typed: str) -> None:
    user = make_user()
    make_recovery_codes(user)
    assert recovery_codes.use(user=user, typed=typed, now=timezone.now()) is None


def test_the_codes_of_somebody_else_are_no_use() -> None:
    user, other = make_user(), make_user()
    make_recovery_codes(user)
    [code, *_rest] = make_recovery_codes(other)
    assert recovery_codes.use(user=user, typed=code, now=timezone.now()) is None


def test_a_copy_of_the_database_alone_gives_nobody_a_code(settings) -> None:
    user = make_user()
    codes = make_recovery_codes(user)
    settings.SECRET_KEY = "another key, as somebody has who copied the database only"
    assert recovery_codes.left(recovery_codes.of(user)) == 0
    assert recovery_codes.use(user=user, typed=codes[0], now=timezone.now()) is None


def test_codes_outlive_a_change_of_the_secret_key(settings) -> None:
    user = make_user()
    codes = make_recovery_codes(user)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "the new key of the site" * 3
    assert recovery_codes.use(user=user, typed=codes[0], now=timezone.now()) is not None


def test_a_wrong_code_is_refused_with_a_sentence_and_on_the_record(client: Client) -> None:
    user = make_user()
    make_recovery_codes(user)
    by_code(client, user)
    page = give_code(client, "0000 0000").content.decode()
    assert page.count("That is not one of your recovery codes, or you have used it before.") == 2
    assert actions() == ["recovery_codes.made", "second_factor.failed"]


def test_the_eleventh_try_within_ten_minutes_is_refused(client: Client) -> None:
    user = make_user()
    codes = make_recovery_codes(user)
    by_code(client, user)
    for _number in range(10):
        give_code(client, "0000 0000")
    assert give_code(client, codes[0])["Location"] == GIVE
    assert "You have tried several times. Try again in" in client.get(GIVE).content.decode()
    assert actions()[-1] == "limit.reached"


def test_how_many_are_left_is_said_and_running_low_is_told_by_mail(client: Client) -> None:
    user = make_user()
    codes = make_recovery_codes(user)
    sign_in(client, user, second_factor=False)
    give_code(client, codes[0])
    assert "You used a recovery code. 9 are left." in client.get(HOME).content.decode()
    for code in codes[1:6]:
        recovery_codes.use(user=user, typed=code, now=timezone.now())
    assert not Message.objects.filter(kind="second_factor").exists()
    other = sign_in(Client(), user, second_factor=False)
    give_code(other, codes[6])
    page = other.get(HOME).content.decode()
    assert "Only 3 recovery codes are left. Make new ones under “Your account”." in page
    assert Message.objects.get(kind="second_factor").subject == "Make new recovery codes: 3 left"


def test_codes_that_are_used_up_are_no_way_around_the_second_factor(client: Client) -> None:
    user = make_caseworker()
    for code in make_recovery_codes(user):
        recovery_codes.use(user=user, typed=code, now=timezone.now())
    assert by_code(client, user)["Location"] == GIVE
    assert "Add a passkey" not in client.get(GIVE).content.decode()


def make_codes(client: Client) -> HttpResponse:
    return client.post(CODES, {"action": "make", "next": "/staff/"})


def test_a_member_of_the_team_may_have_codes_only_and_types_one_to_go_on(client: Client) -> None:
    user = make_caseworker()
    sign_in(client, user, second_factor=False)
    assert make_codes(client)["Location"] == f"{CODES}?next=%2Fstaff%2F"
    shown = client.get(f"{CODES}?next=%2Fstaff%2F").context["codes"]
    assert client.post(CODES, {"next": "/staff/"})["Location"] == "/staff/"
    assert client.get("/staff/")["Location"] == f"{GIVE}?next=%2Fstaff%2F"
    assert give_code(client, shown[0], next="/staff/")["Location"] == "/staff/"
    assert client.get("/staff/").status_code == 200


def test_codes_are_shown_until_they_are_kept_and_then_never_again(client: Client) -> None:
    user = make_caseworker()
    sign_in(client, user)
    make_codes(client)
    shown = client.get(CODES).context["codes"]
    assert (len(shown), client.get(CODES).context["codes"]) == (10, shown)
    file = client.get("/account/recovery-codes.txt")
    assert file["Content-Disposition"] == 'attachment; filename="pledge-tracker-recovery-codes.txt"'
    assert [line for line in file.content.decode().splitlines() if line in shown] == shown
    assert file["Cache-Control"] == "no-store, private"
    client.post(CODES)
    page = client.get(CODES).content.decode()
    assert [code for code in shown if code in page] == []
    assert "10 codes are left." in page
    assert client.get("/account/recovery-codes.txt").status_code == 404


def test_codes_are_shown_in_the_browser_that_made_them_and_for_ten_minutes(client: Client) -> None:
    user = make_caseworker()
    sign_in(client, user)
    make_codes(client)
    assert sign_in(Client(), user).get(CODES).context["codes"] == []
    with time_machine.travel(timezone.now() + timedelta(seconds=605)):
        assert client.get(CODES).context["codes"] == []


def test_new_codes_void_the_old_ones_and_are_told_by_mail(client: Client) -> None:
    user = make_caseworker()
    old = make_recovery_codes(user)
    sign_in(client, user)
    make_codes(client)
    assert recovery_codes.use(user=user, typed=old[0], now=timezone.now()) is None
    assert Message.objects.get().subject == "New recovery codes for your account"
    assert actions() == ["recovery_codes.made", "recovery_codes.made"]


def test_making_codes_asks_for_a_fresh_proof(client: Client) -> None:
    sign_in(client, make_caseworker(), proved=timezone.now() - timedelta(minutes=11))
    assert make_codes(client)["Location"].startswith("/account/confirm/?next=%2Faccount%2Frecovery-codes%2F")
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("address", [CODES, "/account/passkeys/add/"])
def test_a_mailed_code_alone_adds_nothing_to_an_account_that_has_a_second_factor(client: Client, address: str) -> None:
    user = make_user()
    old = make_recovery_codes(user)
    sign_in(client, user, second_factor=False)
    for answer in (client.get(address), client.post(address, {"action": "make"})):
        assert answer["Location"].startswith(f"{GIVE}?next=")
    assert client.post("/account/passkeys/add/options/").status_code == 302
    assert recovery_codes.use(user=user, typed=old[0], now=timezone.now()) is not None
