"""Attacks on mailed codes: whoever was not meant to come in stays outside, and reads what to do."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.limits import BY_SCOPE
from accounts.models import AuditEvent, MailedCode, User
from tests.attacks.said import told
from tests.factories.accounts import mailed_code, make_user, sign_in

pytestmark = pytest.mark.django_db
LOGIN, CODE, CONFIRM = "/account/login/", "/account/login/code/", "/account/confirm/"
WRONG = ["That is not the code we sent. Check it and try again."]
SPENT = ["This code can no longer be used. Ask for a new one."]
ASKED_TOO_OFTEN = ["You have asked for several codes. The newest one works. Try again in 10 minutes."]
TYPED_TOO_OFTEN = ["Too many codes were typed from your network. Try again in 10 minutes."]
NEVER = "WRNG-WRNG"
# Half a minute after a stretch of ten minutes has begun.
MOMENT = datetime(2027, 3, 1, 9, 0, 30, tzinfo=UTC)


def ask(client: Client, email: str) -> HttpResponse:
    return client.post(LOGIN, {"email": email})  # type: ignore[return-value]


def types(client: Client, code: str) -> HttpResponse:
    """Types the code and reads the page that comes."""
    return client.post(CODE, {"code": code}, follow=True)  # type: ignore[return-value]


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@pytest.fixture
def user() -> User:
    return make_user(email="ama@northtown.example")


@pytest.fixture
def asked(client: Client, user: User) -> Client:
    """A browser that has asked for a code."""
    ask(client, user.email)
    return client


def stolen(thief: Client, client: Client) -> Client:
    """The session of another browser, cookie and all."""
    for name, morsel in client.cookies.items():
        thief.cookies[name] = morsel.value
    return thief


# --- Signing in ------------------------------------------------------------------------------------------------


def test_a_code_that_was_used_opens_nothing_more(asked: Client, user: User) -> None:
    """Not after signing out, and not from the cookie of before."""
    code, before = mailed_code(user.email), stolen(Client(), asked)
    types(asked, code)
    assert is_in(asked)
    asked.post("/account/logout/")
    assert told(types(asked, code)) == SPENT
    assert told(types(before, code)) == SPENT
    assert [is_in(asked), is_in(before)] == [False, False]


def test_a_code_is_worth_nothing_in_another_browser(asked: Client, user: User) -> None:
    """Neither in one that asked for nothing, nor in one that asked for a code of its own."""
    code, empty, other = mailed_code(user.email), Client(), Client()
    ask(other, "somebody.else@northtown.example")
    assert told(types(empty, code)) == SPENT
    assert told(types(other, code)) == WRONG
    assert [is_in(empty), is_in(other)] == [False, False]
    types(asked, code)
    assert is_in(asked)


@pytest.mark.parametrize(("seconds", "good"), [(599, True), (600, True), (601, False), (660, False)])
def test_a_code_is_good_for_ten_minutes_and_no_second_more(user: User, seconds: int, good: bool) -> None:
    client, moment = Client(), timezone.now()
    with time_machine.travel(moment, tick=False):
        ask(client, user.email)
    with time_machine.travel(moment + timedelta(seconds=seconds), tick=False):
        page = types(client, mailed_code(user.email))
    assert is_in(client) is good
    assert told(page) == ([] if good else SPENT)


def test_the_sixth_try_is_refused_although_it_is_right(asked: Client, user: User) -> None:
    right = mailed_code(user.email)
    tries = [told(types(asked, NEVER)) for _number in range(5)]
    assert tries == [WRONG] * 4 + [SPENT]
    assert told(types(asked, right)) == SPENT
    assert not is_in(asked)


def test_a_new_code_voids_the_one_before(asked: Client, user: User) -> None:
    old = mailed_code(user.email)
    ask(asked, user.email)
    assert told(types(asked, old)) == WRONG
    types(asked, mailed_code(user.email))
    assert is_in(asked)


def test_a_voided_code_is_dead_in_the_cookie_of_before_too(asked: Client, user: User) -> None:
    old, before = mailed_code(user.email), stolen(Client(), asked)
    ask(asked, user.email)
    types(before, old)
    assert not is_in(before)


@pytest.mark.django_db(transaction=True)
def test_forty_wrong_tries_at_once_are_five() -> None:
    """Forty browsers with one session: five tries are counted, and the right code comes too late."""
    user, client = make_user(), Client()
    ask(client, user.email)
    right = mailed_code(user.email)

    def guess(_number: int) -> list[str]:
        try:
            return told(types(stolen(Client(), client), NEVER))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, range(40)))
    assert MailedCode.objects.get().attempts == 5
    assert [answers.count(WRONG) <= 4, answers.count(WRONG) + answers.count(SPENT)] == [True, 40]
    assert told(types(stolen(Client(), client), right)) == SPENT


# --- Many accounts from one network address ------------------------------------------------------------------


def test_guessing_at_two_hundred_accounts_is_stopped_and_a_real_user_still_comes_in(user: User) -> None:
    """One network address asks for codes of 200 people and guesses at each; somebody at another address signs in,
    and so does one of the 200: their tries are counted apart from those of who guesses at them."""
    people = [make_user(email=f"person.{number}@northtown.example") for number in range(200)]
    with time_machine.travel(MOMENT, tick=False):
        answers = [answer for person in people[:199] for answer in _guessed(person, 3)] + _guessed(people[199], 11)
        assert answers == [WRONG] * BY_SCOPE["code.typed.network"].most + [TYPED_TOO_OFTEN] * 8
        for person in (user, people[0], people[199]):
            real = Client(REMOTE_ADDR="203.0.113.7")
            ask(real, person.email)
            types(real, mailed_code(person.email))
            assert is_in(real)
    assert AuditEvent.objects.filter(action="limit.reached").count() == 1


def _guessed(person: User, times: int) -> list[list[str]]:
    """What so many guesses at this person are answered with, in a browser of their own."""
    robot = Client(REMOTE_ADDR="198.51.100.9")
    ask(robot, person.email)
    return [told(robot.post(CODE, {"code": NEVER})) for _number in range(times)]


def test_asking_over_and_over_for_somebody_leaves_their_own_tries_alone(user: User) -> None:
    """At one network address the sixth code in ten minutes is refused; at another it is the first."""
    with time_machine.travel(MOMENT, tick=False):
        answers = [ask(Client(REMOTE_ADDR="198.51.100.9"), user.email) for _number in range(6)]
        assert [answer.status_code for answer in answers] == [302] * 5 + [429]
        assert (told(answers[5]), answers[5].headers["Retry-After"]) == (ASKED_TOO_OFTEN, "570")
        real = Client(REMOTE_ADDR="203.0.113.7")
        ask(real, user.email)
        types(real, mailed_code(user.email))
    assert is_in(real)


# --- Fresh proof -----------------------------------------------------------------------------------------------


def prove(client: Client, code: str) -> HttpResponse:
    return client.post(CONFIRM, {"action": "prove", "code": code, "next": CONFIRM}, follow=True)  # type: ignore[return-value]


@pytest.fixture
def proving(client: Client, user: User) -> Client:
    """Signed in long ago, and has asked for a fresh code."""
    sign_in(client, user, fresh=False)
    client.post(CONFIRM, {"action": "send", "next": CONFIRM})
    return client


def proofs(client: Client) -> int:
    """How often this session proved who it is."""
    return len(client.session.get("account_authentication_methods", []))


def test_a_proof_that_was_used_proves_nothing_more(proving: Client, user: User) -> None:
    code = mailed_code(user.email)
    prove(proving, code)
    assert proofs(proving) == 1
    assert told(prove(proving, code)) == SPENT
    assert proofs(proving) == 1


def test_the_proof_of_one_browser_is_none_in_another_session_of_the_same_person(proving: Client, user: User) -> None:
    other = sign_in(Client(), user, fresh=False)
    assert told(prove(other, mailed_code(user.email))) == SPENT
    assert proofs(other) == 0


def test_a_code_for_signing_in_is_no_proof(proving: Client, user: User) -> None:
    other = Client()
    ask(other, user.email)
    assert told(prove(proving, mailed_code(user.email))) == WRONG
    assert proofs(proving) == 0


@pytest.mark.parametrize(("seconds", "good"), [(599, True), (601, False)])
def test_a_proof_is_good_for_ten_minutes(user: User, seconds: int, good: bool) -> None:
    moment, client = timezone.now(), Client()
    with time_machine.travel(moment, tick=False):
        sign_in(client, user, fresh=False)
        client.post(CONFIRM, {"action": "send"})
    with time_machine.travel(moment + timedelta(seconds=seconds), tick=False):
        page = prove(client, mailed_code(user.email))
    assert (proofs(client) == 1) is good
    assert told(page) == ([] if good else SPENT)


def test_the_sixth_proof_is_refused_although_it_is_right(proving: Client, user: User) -> None:
    right = mailed_code(user.email)
    assert [told(prove(proving, NEVER)) for _number in range(5)] == [WRONG] * 4 + [SPENT]
    assert told(prove(proving, right)) == SPENT
    assert proofs(proving) == 0
