"""Every form of the site, found as a browser finds it: nothing but its own boxes counts, nothing that is typed
becomes a header or a line of the log, and nobody is sent to another site."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse

from mail.delivery import as_email
from mail.models import Message
from tests.attacks.found_forms import Box, FoundForm, filled
from tests.attacks.test_headers import told_to_the_log
from tests.attacks.test_redirects import check
from tests.attacks.typed import special, words
from tests.attacks.world import World, post_routes, rows_of, same_dice, taken_back, told_once, watched

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]

# Nobody may say these of themselves or of what they send. A box of the form that has the name is left as it is.
EXTRA = {
    "status": "published",
    "state": "published",
    "owner": "1",
    "author": "1",
    "by": "1",
    "user": "1",
    "user_id": "1",
    "id": "1",
    "pk": "1",
    "version": "77",
    "role": "leader",
    "synergi_role": "administrator",
    "is_active": "",
    "pledge_maker": "1",
    "pledge_maker_id": "1",
    "objectives": "1",
    "caseworker_id": "1",
    "created_at": "2020-01-01T00:00:00Z",
    "signed_by": "1",
    "signed_at": "2020-01-01T00:00:00Z",
    "published_at": "2020-01-01T00:00:00Z",
    "published_by": "1",
    "withheld_at": "",
    "entered_by": "1",
}
# Tables that every request may write to.
BESIDE = {"django_session", "accounts_auditevent", "accounts_ratecount", "usersessions_usersession"}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    yield from told_once(django_db_blocker)


@pytest.fixture(autouse=True)
def _at_that_moment(world: World) -> Iterator[None]:
    with time_machine.travel(world.now, tick=False):
        yield


@dataclass
class Left:
    """What a request left behind."""

    status: int
    rows: dict[str, list[str]] = field(default_factory=dict)

    def unlike(self, other: "Left") -> list[str]:
        tables = sorted(self.rows.keys() | other.rows.keys())
        lines = {table: set(self.rows.get(table, [])) ^ set(other.rows.get(table, [])) for table in tables}
        return [f"{table}: {line}" for table, found in lines.items() for line in sorted(found)]


def leaves(world: World, form: FoundForm, more: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Left:
    with taken_back(), same_dice(monkeypatch), watched() as written:
        answer = world.send(form, filled(form, words, more | special(form)))
        return Left(answer.status_code, {table: rows_of(table) for table in written.tables})


# Else two posts that are refused would be alike as well: every address but these changes rows of its own.
CHANGES_NOTHING = {
    "account/login/passkey/": "wants what only a device can sign",
    "account/passkeys/add/": "wants what only a device can sign",
    "account/passkeys/options/": "puts a challenge into the session",
    "account/passkeys/add/options/": "puts a challenge into the session",
    "account/stay/": "only the session lasts longer",
    "account/logout/": "only the session ends",
    "account/sessions/<int:pk>/end/": "only a session ends",
    "account/sessions/end-others/": "only sessions end",
    "staff/people/": "looks somebody up, whose name belongs in no address",
    "staff/rounds/<slug:slug>/remind/": "shows the mails; another address sends them",
}


def test_twenty_extra_fields_change_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the clock stopped and the dice loaded, a post with the fields leaves the very rows of one without."""
    told, moved = [], set()
    for form in world.posts:
        extra = {name: value for name, value in EXTRA.items() if name not in form.names}
        assert len(extra) >= 20, form
        plain = leaves(world, form, {}, monkeypatch)
        fuzzed = leaves(world, form, extra, monkeypatch)
        if any(plain.rows[table] != world.at_rest(table) for table in plain.rows.keys() - BESIDE):
            moved.add(form.route)
        unlike = fuzzed.unlike(plain)
        if plain.status != fuzzed.status or unlike:
            told.append(f"{form}: {plain.status}, with extra fields {fuzzed.status}\n  " + "\n  ".join(unlike))
    assert told == []
    assert {form.route for form in world.posts} == post_routes()
    assert post_routes() - moved == CHANGES_NOTHING.keys()


# --- Other sites -----------------------------------------------------------------------------------------------

EVIL = dict.fromkeys(("next", "back", "return_to", "redirect_to", "url", "continue"), "//evil.example/")


def test_no_form_leads_to_another_site(world: World) -> None:
    """Whatever name the address has under which it is sent, and wherever the browser came from."""
    for form in world.posts:
        with taken_back():
            data = filled(form, words, special(form) | EVIL)
            check(world.send(form, data, headers={"referer": "https://evil.example/"}))


# --- Line breaks -----------------------------------------------------------------------------------------------

BREAKING = "Northtown\r\nBcc: all@elsewhere.example\r\nX-Evil: 1\r\n\r\n<b>Gone</b>\n2026-01-01 ERROR root Evil"
ALWAYS = {"Content-Type", "MIME-Version", "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted",
          "X-Auto-Response-Suppress"}  # fmt: skip


def breaking(box: Box) -> str:
    return BREAKING if box.kind in ("text", "textarea") and not words(box).isdigit() else f"{words(box)}\r\nX-Evil: 1"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    yield from told_to_the_log()


def test_line_breaks_make_no_header_and_no_line_of_the_log(world: World, log: io.StringIO) -> None:
    """In the mail, in the answer, in the log: whatever was typed, and wherever."""
    wrong, mails = [], 0
    for form in world.posts:
        with taken_back():
            last = Message.objects.order_by("-pk").values_list("pk", flat=True)[0]
            answer = world.send(form, filled(form, breaking, special(form)))
            wrong += [f"{form}: {line}" for line in _broken_headers(answer)]
            for message in Message.objects.filter(pk__gt=last):
                mails += 1
                wrong += [f"{form}: {line}" for line in _broken_mail(message)]
    assert wrong == []
    assert mails > 0
    assert [line for line in log.getvalue().splitlines() if "Evil" in line or "elsewhere" in line] == []


def _broken_headers(answer: HttpResponse) -> list[str]:
    return [f"{name}: {value!r}" for name, value in answer.headers.items() if "\r" in value or "\n" in value] + [
        name for name in answer.headers if name.lower() == "x-evil"
    ]


def _broken_mail(message: Message) -> list[str]:
    sent = message_from_bytes(as_email(message).message().as_bytes())
    names = list(sent.keys())
    return [name for name in names if name not in ALWAYS or names.count(name) > 1]
