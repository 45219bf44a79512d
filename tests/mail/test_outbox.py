"""Writing messages into the outbox."""

from datetime import UTC, datetime

import pytest

from mail.models import Message, State
from mail.outbox import queue

NOW = datetime(2026, 9, 28, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def queue_greeting(*, name: str = "Northtown", note: str = "Thank you.", **more) -> Message:
    return queue(
        **{"to": "ada@trust.example", "kind": "greeting", "template": "greeting", "now": NOW} | more,
        context={"name": name, "note": note},
    )


def test_a_message_is_a_row_that_waits():
    message = queue_greeting()
    assert (message.state, message.to, message.kind) == (State.QUEUED, "ada@trust.example", "greeting")
    assert (message.created_at, message.next_attempt_at, message.attempts) == (NOW, NOW, 0)
    assert Message.objects.get() == message


def test_the_first_line_of_the_template_is_the_subject():
    assert queue_greeting().subject == "Answer Northtown by Friday"


def test_the_text_is_tidy_and_ends_with_who_sent_it():
    assert queue_greeting().text == (
        "Pledge Tracker writes to you because Northtown asked for an answer.\n"
        "\n"
        "Thank you.\n"
        "\n"
        "- one thing\n"
        "- another thing\n"
        "\n"
        "Write your answer:\n"
        "http://127.0.0.1:8000/workspace/northtown/\n"
        "\n"
        "--\n"
        "Pledge Tracker, the public memory of the Synergi pledge\n"
        "http://127.0.0.1:8000\n"
    )
