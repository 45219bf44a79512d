"""Whoever opens the links of a mail before its reader does, changes nothing.

Mail services open every link they see, from another machine and without cookies: five times by GET and by HEAD, and
once as Microsoft's preview. Every kind of mail that the site can send is made here by what causes it (`letters.py`);
a template without a letter fails. Every link in text and HTML is opened so: the database stays as it was, nothing is
accepted, signed, consumed or unsubscribed, and nobody is signed in. Afterwards the person to whom the mail was sent
can still use it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.test.signals import template_rendered

from accounts.models import User
from mail.models import Message
from signatories.models import Invitation, Supporter, SupporterState
from tests.factories.accounts import mailed_code, sign_in
from tests.people.checksum import LEFT_OUT, changed_tables, of_database
from tests.people.everybody import Words, World, world
from tests.people.letters import EVENTS, Kept

pytestmark = pytest.mark.django_db
# Parts of every mail, and the pages of the demonstration's mailbox.
NO_LETTERS = {"footer"}
TIMES = 5
PREVIEW = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120 Safari/537.36 MicrosoftPreview/2.0"
LINK = re.compile(rf"{re.escape(settings.SITE_URL)}[^\s\"'<>]*")


@dataclass
class Post:
    """All that was mailed, and by which templates."""

    world: World
    kept: Kept
    templates: set[str]

    def links(self) -> dict[str, Message]:
        """Each address that stands in a mail → the newest mail that has it."""
        found = {}
        for message in Message.objects.order_by("pk"):
            for link in LINK.findall(f"{message.text}\n{message.html}"):
                found[link.rstrip(".,").removeprefix(settings.SITE_URL) or "/"] = message
        return found


@pytest.fixture(scope="module")
def post(django_db_setup: None, django_db_blocker: Any) -> Iterator[Post]:
    templates = set[str]()

    def note(sender: Any, template: Any, **kwargs: Any) -> None:
        if template.name and template.name.startswith("mail/"):
            templates.add(Path(template.name).stem)

    with django_db_blocker.unblock(), transaction.atomic():
        template_rendered.connect(note)
        made, kept = world(Words()), Kept()
        for event in EVENTS:
            event(made, kept)
        template_rendered.disconnect(note)
        waiting = Invitation.objects.filter(accepted_at=None).values("email")
        Message.objects.filter(kind="invitation").exclude(to__in=waiting).delete()
        yield Post(made, kept, templates)
        transaction.set_rollback(True)


def test_every_kind_of_mail_has_a_letter(post: Post) -> None:
    on_disk = {path.stem for path in Path("templates/mail").glob("*.txt")} - NO_LETTERS
    assert sorted(on_disk - post.templates) == []


def test_opening_every_link_of_every_mail_changes_nothing(post: Post) -> None:
    links = post.links()
    assert len(links) > 20
    before = of_database(left_out=ONLY_SEEN)
    failed = []
    for path in links:
        for answer in opened_by_scanners(path):
            if answer.status_code >= 400:
                failed.append(f"{answer.status_code} {path}")
            assert settings.SESSION_COOKIE_NAME not in answer.cookies, f"{path} begins a session"
    assert changed_tables(before) == []
    assert failed == []


# Not even a session or a row of the audit trail.
ONLY_SEEN = {name: why for name, why in LEFT_OUT.items() if name == "shared_cache"}


def opened_by_scanners(path: str) -> Iterator[Any]:
    for _time in range(TIMES):
        yield Client().get(path)
        yield Client().head(path)
    yield Client(headers={"user-agent": PREVIEW}).get(path)
    yield Client(headers={"user-agent": PREVIEW}).head(path)


# --- Afterwards, the person who was meant --------------------------------------------------------------------------


def test_everybody_can_still_use_their_mail(post: Post) -> None:
    """Whoever has an account opens the page signed in; the links with a token are for whoever has the mail."""
    unused = []
    for path, message in post.links().items():
        list(opened_by_scanners(path))
        if "/invitation/" in path:
            unused += [] if accepts(path) else [path]
        elif "/supporters/manage/" in path:
            unused += [] if leaves(path) else [path]
        elif user := User.objects.filter(email=message.to).first():
            answer = sign_in(Client(), user).get(path, follow=True)
            unused += [] if answer.status_code == 200 else [f"{answer.status_code} {path}"]
        else:
            unused += [] if Client().get(path).status_code == 200 else [path]
    assert unused == []


def accepts(path: str) -> bool:
    """By pressing the button, which the page holds."""
    found = Client().get(path).context["invitation"]
    assert found.accepted_at is None
    Client().post(path)
    return Invitation.objects.get(pk=found.pk).accepted_at is not None


def leaves(path: str) -> bool:
    found = Client().get(path).context["supporter"]
    assert found.state != SupporterState.LEFT
    Client().post(path, {"action": "leave"})
    return Supporter.objects.get(pk=found.pk).state == SupporterState.LEFT


def test_a_code_that_a_scanner_has_read_still_signs_in(post: Post) -> None:
    """There is no link in that mail that knows the code, and only the browser that asked can use it."""
    for email, browser in post.kept.asked.items():
        message = Message.objects.filter(to=email, kind="sign_in_code").latest("pk")
        code = mailed_code(email)
        assert code not in "".join(LINK.findall(f"{message.text}\n{message.html}"))
        assert "_auth_user_id" not in browser.session
        browser.post("/account/login/code/", {"code": code})
        assert browser.session["_auth_user_id"] == str(User.objects.get(email=email).pk)
