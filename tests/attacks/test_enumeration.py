"""Nobody learns from us who has an account: every address gets the same answer, made by the same work."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from celery import current_app
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from jobs import waking
from mail.models import Message
from tests.factories.accounts import make_user, sign_in
from tests.factories.signatories import make_invitation
from tests.servers import free_port

pytestmark = pytest.mark.django_db
LOGIN, CODE = "/account/login/", "/account/login/code/"
# All of one length, so that pages that repeat them are too.
KNOWN = "known.ab@northtown.example"
OTHERS = {
    "nobody's": "unknown1@northtown.example",
    "disabled": "disabled@northtown.example",
    "invited": "invited1@northtown.example",
    "erased": "erased.a@northtown.example",
}


@dataclass
class Seen:
    """What a browser sees of an answer, and what the database was asked for it."""

    status: int
    headers: dict[str, str]
    body: str
    length: int
    statements: list[str]
    later: int


@pytest.fixture(autouse=True)
def _at_one_moment() -> Iterator[None]:
    """So that what tells the time tells the same."""
    with time_machine.travel(timezone.now(), tick=False):
        yield


@pytest.fixture
def people() -> None:
    make_user(email=KNOWN)
    make_user(email=OTHERS["disabled"])
    User.objects.filter(email=OTHERS["disabled"]).update(is_active=False)
    make_invitation(email=OTHERS["invited"])


class Statements:
    """Each statement as it is sent, without its values."""

    def __init__(self) -> None:
        self.sql: list[str] = []

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        # To take back is part of writing for nobody; a savepoint's name is a number.
        if not sql.startswith("ROLLBACK TO"):
            self.sql.append(re.sub(r'"s\d+_x\d+"|"?\bs\d+_x\d+"?', "savepoint", sql))
        return execute(sql, params, many, context)


def seen(act: Callable[[], Any], email: str, capture: Any) -> Seen:
    statements = Statements()
    with connection.execute_wrapper(statements), capture(execute=True) as later:
        answer = act()
    html = re.sub(r'(name="(?:csrfmiddlewaretoken|written_by)" value=")[^"]+', r"\1", answer.content.decode())
    headers = {name: value for name, value in answer.headers.items() if name != "Date"}
    cookies = {name: re.sub(r"=\w+;", "=;", str(morsel)) for name, morsel in answer.cookies.items()}
    cookies = {name: re.sub(r"expires=[^;]+", "", cookie) for name, cookie in cookies.items()}
    return Seen(
        answer.status_code,
        headers | cookies,
        html.replace(email, "THE ADDRESS"),
        len(answer.content),
        statements.sql,
        len(later),
    )


def story(email: str, capture: Any) -> list[Seen]:
    """Somebody asks for a code, reads the next page, and guesses."""
    browser = Client()
    acts = (
        lambda: browser.post(LOGIN, {"email": email}),
        lambda: browser.get(CODE),
        lambda: browser.post(CODE, {"code": "WRNG-WRNG"}),
        lambda: browser.post(LOGIN, {"email": email}),
        *(lambda: browser.post(CODE, {"code": "WRNG-WRNG"}) for _number in range(5)),
        lambda: browser.get(LOGIN),
    )
    return [seen(act, email, capture) for act in acts]


@pytest.fixture(params=["all is well", "mail server down", "Redis refuses"])
def weather(request: pytest.FixtureRequest, settings: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "mail server down":
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    if request.param == "Redis refuses":
        monkeypatch.setattr(waking, "REST", 0.0)
        monkeypatch.setattr(current_app.conf, "broker_url", f"redis://127.0.0.1:{free_port()}/0")
    return str(request.param)


@pytest.mark.parametrize("who", OTHERS)
def test_every_address_gets_the_same_answers_and_the_same_work(
    who: str, people: None, weather: str, django_capture_on_commit_callbacks: Any
) -> None:
    """Text, status, headers, length, statements in their order, wakes after the commit."""
    story("warm.upp@northtown.example", django_capture_on_commit_callbacks)
    known = story(KNOWN, django_capture_on_commit_callbacks)
    other = story(OTHERS[who], django_capture_on_commit_callbacks)
    assert [step.statements for step in other] == [step.statements for step in known]
    assert other == known
    outbox = [line for line in known[0].statements if line.startswith('INSERT INTO "mail_message"')]
    assert len(outbox) == 1


def test_asking_for_a_new_address_tells_nobody_whose_it_is(
    people: None, django_capture_on_commit_callbacks: Any
) -> None:
    """Somebody signed in who types an address of somebody else gets the page of one who types a free one."""

    def story_of(email: str) -> list[Seen]:
        browser = sign_in(Client(), make_user(email=f"asker.{email[:2]}@northtown.example"))
        acts = (
            lambda: browser.post("/account/address/", {"email": email}),
            lambda: browser.get("/account/address/code/"),
            lambda: browser.post("/account/address/code/", {"code": "WRNG-WRNG"}),
        )
        return [seen(act, email, django_capture_on_commit_callbacks) for act in acts]

    story_of("warm.upp@northtown.example")
    free, taken = story_of(OTHERS["nobody's"]), story_of(KNOWN)
    assert [step.statements for step in taken] == [step.statements for step in free]
    assert taken == free


@pytest.mark.parametrize("email", ["", KNOWN, *OTHERS.values()])
def test_a_typed_address_is_told_of_no_passkey(email: str, people: None) -> None:
    """The browser is asked for any passkey of this site: which ones somebody has is nobody else's business."""
    holder = User.objects.get(email=KNOWN)
    Authenticator.objects.create(
        user=holder, type=Authenticator.Type.WEBAUTHN, data={"name": "Phone", "credential": {}}
    )
    statements = Statements()
    with connection.execute_wrapper(statements):
        answer = Client().post("/account/passkeys/options/", {"whose": "mine", "email": email, "user": str(holder.pk)})
    told = answer.json()["publicKey"]
    assert answer.status_code == 200
    assert told.get("allowCredentials", []) == []
    assert sorted(told.keys() - {"allowCredentials"}) == ["challenge", "rpId", "userVerification"]
    assert [line for line in statements.sql if "mfa_authenticator" in line or "accounts_user" in line] == []


def test_only_who_can_sign_in_is_mailed(people: None) -> None:
    for email in (KNOWN, *OTHERS.values()):
        Client().post(LOGIN, {"email": email})
    assert list(Message.objects.filter(kind="sign_in_code").values_list("to", flat=True)) == [KNOWN]
