"""What waits for somebody goes to their new address."""

import pytest

from mail import sending
from mail.models import ErrorClass, Message, State
from mail.outbox import readdress
from tests.factories.mail import NOW, make_message

pytestmark = pytest.mark.django_db
OLD, NEW = "ada@trust.example", "ada.obi@trust.example"


def moved(message: Message) -> str:
    message.refresh_from_db()
    return message.to


@pytest.mark.parametrize(
    ("state", "to"),
    [(State.QUEUED, NEW), (State.HELD, NEW), (State.FAILED, OLD), (State.SKIPPED, OLD)],
)
def test_what_waits_moves_and_what_is_done_stays(state: State, to: str) -> None:
    message = make_message(to=OLD)
    Message.objects.update(state=state, error="why")
    readdress(old=OLD, new=NEW, now=NOW)
    assert moved(message) == to


def test_messages_of_others_stay() -> None:
    message = make_message(to="eve@trust.example")
    assert readdress(old=OLD, new=NEW, now=NOW) == 0
    assert moved(message) == "eve@trust.example"


def test_secret_words_were_meant_for_that_mailbox() -> None:
    message = make_message(to=OLD, secret=True)
    assert readdress(old=OLD, new=NEW, now=NOW) == 0
    assert moved(message) == OLD


def test_what_the_old_address_refused_is_tried_anew_at_once() -> None:
    message = make_message(to=OLD)
    later = NOW.replace(hour=20)
    Message.objects.update(attempts=3, next_attempt_at=later, error_class=ErrorClass.TEMPORARY, error="Full.")
    assert readdress(old=OLD, new=NEW, now=NOW) == 1
    message.refresh_from_db()
    seen = (message.attempts, message.next_attempt_at, message.error_class, message.error)
    assert seen == (0, NOW, "", "")


def test_a_sender_that_has_read_the_old_address_does_not_send_there() -> None:
    as_read = make_message(to=OLD)
    readdress(old=OLD, new=NEW, now=NOW)
    assert sending._claim(as_read, NOW) is False
    assert sending._claim(Message.objects.get(), NOW) is True
