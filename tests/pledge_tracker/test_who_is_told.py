"""Each event of the table really queues to exactly these people; the page is the table."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from mail.models import Message
from pledge_tracker.who_is_told import CODES, TABLE, Event
from reminders.ladder import CHASE, LADDER, NOBODY_REACHABLE
from tests.pledge_tracker.acts import ACTS
from tests.pledge_tracker.cast import Cast, make_cast

PAGE = Path(settings.BASE_DIR) / "docs" / "who-is-told.md"
ALSO_HOW_TO_LEAVE = ("supporter_published", "supporter_declined")
EVENTS = {f"{chapter.title}: {event.name}": event for chapter in TABLE for event in chapter.events}


def test_the_page_equals_the_table() -> None:
    printed = StringIO()
    call_command("who_is_told", stdout=printed)
    assert PAGE.read_text(encoding="utf-8") == printed.getvalue()


def test_every_event_has_an_act() -> None:
    assert set(ACTS) == set(EVENTS)


def test_every_mail_stands_in_a_table() -> None:
    """In this one, or in that of the reminders; else it is a code, or a part of other mails."""
    told = {template for event in EVENTS.values() for template in event.told.values()}
    reminders = {words for step in (*LADDER, NOBODY_REACHABLE, CHASE) for words in step.words.values()}
    mails = {path.stem for path in (Path(settings.BASE_DIR) / "templates" / "mail").glob("*.txt")}
    assert mails - told - reminders - {*CODES, "footer", "reminder_several"} == set()
    assert told - mails == set()


@pytest.mark.django_db
@pytest.mark.parametrize("name", list(EVENTS))
def test_an_act_tells_exactly_these_people(name: str, tmp_path: Path, settings) -> None:
    settings.MEDIA_ROOT = tmp_path
    cast, event = make_cast(), EVENTS[name]
    act: Callable[[Cast], None] = ACTS[name]
    act(cast)
    assert _told() == _expected(cast, event)
    assert len(_told()) == Message.objects.exclude(kind="sign_in_code").count()
    _each_asks_for_one_thing()


def _told() -> set[tuple[str, str]]:
    rows = Message.objects.exclude(kind="sign_in_code")
    return {(message.to, message.kind) for message in rows}


def _expected(cast: Cast, event: Event) -> set[tuple[str, str]]:
    expected = {(address, template) for who, template in event.told.items() for address in cast.addresses(who)}
    assert expected, "An act that tells nobody needs no row."
    return expected


def _each_asks_for_one_thing() -> None:
    """One address at most, but for our own at its foot; none in a subject; nothing left to fill in."""
    for message in Message.objects.all():
        words = message.text.partition("\n--\n")[0]
        addresses = [line for line in words.splitlines() if line.startswith(settings.SITE_URL)]
        assert len(addresses) <= (2 if message.kind in ALSO_HOW_TO_LEAVE else 1), message.kind
        assert "://" not in message.subject
        assert [left for left in ("{{", "None", "()") if left in words] == [], message.text
