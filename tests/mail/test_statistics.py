"""The figures of the outbox."""

from datetime import timedelta

import pytest

from mail import sending
from mail.models import Message, State
from mail.statistics import Summary, summary
from tests.factories.mail import NOW, make_message

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_an_empty_outbox():
    assert summary(NOW) == Summary(
        queued=0, scheduled=0, retrying=0, sending=0, sent=0, failed=0, skipped=0, held=0, oldest_unsent_age=None
    )


def test_every_state_is_counted(mailoutbox):
    make_message()
    sending.send_due(now=NOW)
    make_message(now=NOW - HOUR)
    make_message(not_before=NOW + HOUR)
    set_state(State.QUEUED, attempts=2)
    set_state(State.SENDING, lease_until=NOW + HOUR)
    set_state(State.FAILED, error="x")
    set_state(State.SKIPPED, error="x")
    set_state(State.HELD)
    assert summary(NOW) == Summary(
        queued=3, scheduled=1, retrying=1, sending=1, sent=1, failed=1, skipped=1, held=1, oldest_unsent_age=HOUR
    )


def set_state(state: State, **more) -> None:
    message = make_message()
    Message.objects.filter(pk=message.pk).update(state=state, **more)


def test_age_counts_from_when_it_should_have_left():
    make_message(now=NOW - 3 * HOUR, not_before=NOW - HOUR)
    assert summary(NOW).oldest_unsent_age == HOUR


def test_a_retry_does_not_make_a_message_younger(refusing_sink):
    refusing_sink("451 Later")
    make_message(now=NOW - 3 * HOUR)
    sending.send_due(now=NOW)
    assert summary(NOW).oldest_unsent_age == 3 * HOUR


def test_a_message_for_later_is_not_old():
    make_message(not_before=NOW + HOUR)
    assert summary(NOW).oldest_unsent_age is None


def test_it_takes_one_query(django_assert_num_queries):
    make_message()
    with django_assert_num_queries(1):
        summary(NOW)
