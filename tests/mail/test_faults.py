"""kill -9 at each marked point of a sender: nothing is lost, at most one duplicate a kill, told by its id.

Set FAULTS_ROUNDS=50 for the long form.
"""

import os
import signal
from collections import Counter

import pytest

from mail import sending
from mail.models import Message, State
from mail.sending import LEASE
from tests.factories.mail import NOW, make_message
from tests.waiting import wait_until

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]
ROUNDS = int(os.environ.get("FAULTS_ROUNDS", "10"))
# Where the sender dies, and how often the message it held is seen by its reader in the end.
POINTS = {"mail.claimed": 1, "mail.sending": 1, "mail.sent": 2, "mail.marked": 1}


@pytest.mark.parametrize("point", POINTS)
def test_a_sender_killed_at_a_marked_point_loses_nothing(point, start_child, smtp_sink, settings):
    smtp_sink.use_in(settings)
    for _ in range(ROUNDS):
        Message.objects.all().delete()
        smtp_sink.messages.clear()
        ids = [make_message(to=f"person{n}@trust.example").message_id for n in range(3)]
        send_and_die(start_child, smtp_sink, CRASH_AT=point)
        sending.send_due(now=NOW + 2 * LEASE)
        seen = Counter(str(mail["Message-ID"]) for mail in smtp_sink.messages)
        assert seen == Counter(ids) + Counter({ids[0]: POINTS[point] - 1})
        assert Message.objects.filter(state=State.SENT).count() == 3
        assert words_by_id(smtp_sink) == 3


def send_and_die(start_child, smtp_sink, **environment: str) -> None:
    child = start_child("django", "send_mail", "--now", NOW.isoformat(), EMAIL_URL=smtp_sink.url, **environment)
    assert child.process.wait(60) == -signal.SIGKILL, child.said()


def words_by_id(smtp_sink) -> int:
    """How many different messages arrived; a duplicate is the same to the letter."""
    return len({(mail["Message-ID"], mail["To"], mail.get_body().get_content()) for mail in smtp_sink.messages})


@pytest.mark.parametrize("after", range(1, 6))
def test_a_sender_killed_at_any_moment_loses_nothing(after, start_child, smtp_sink, settings):
    smtp_sink.use_in(settings)
    ids = [make_message(to=f"person{n}@trust.example").message_id for n in range(100)]
    child = start_child("django", "send_mail", "--now", NOW.isoformat(), EMAIL_URL=smtp_sink.url)
    wait_until(lambda: len(smtp_sink.messages) >= 7 * after, what="the sender is at work")
    child.kill()
    sending.send_due(now=NOW + 2 * LEASE)
    seen = Counter(str(mail["Message-ID"]) for mail in smtp_sink.messages)
    assert set(seen) == set(ids)
    assert seen.total() <= len(ids) + 1
    assert Message.objects.filter(state=State.SENT).count() == 100


def test_a_marked_point_is_inert_outside_the_tests(settings, monkeypatch, mailoutbox):
    settings.ENVIRONMENT = "production"
    monkeypatch.setenv("CRASH_AT", "mail.claimed")
    make_message()
    assert sending.send_due(now=NOW) == 1
