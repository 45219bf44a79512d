"""Several senders at the same time, on real commits."""

import threading
from collections import Counter

import pytest
from django.db import connection

from mail import sending
from mail.models import Message, State
from mail.sending import LEASE
from tests.factories.mail import NOW, make_message

pytestmark = pytest.mark.django_db(transaction=True)
SENDERS, MESSAGES = 6, 60


def send_from_many(now) -> list[int]:
    start, sent = threading.Barrier(SENDERS), []

    def one_sender() -> None:
        try:
            start.wait()
            sent.append(sending.send_due(now=now))
        finally:
            connection.close()

    threads = [threading.Thread(target=one_sender) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sent


def test_many_senders_send_each_message_once(smtp_sink, settings):
    smtp_sink.use_in(settings)
    ids = [make_message(to=f"person{n}@trust.example").message_id for n in range(MESSAGES)]
    assert sum(send_from_many(NOW)) == MESSAGES
    assert Counter(mail["Message-ID"] for mail in smtp_sink.messages) == Counter(ids)
    assert Message.objects.filter(state=State.SENT, attempts=1).count() == MESSAGES


def test_many_senders_take_over_a_lease_once(smtp_sink, settings):
    smtp_sink.use_in(settings)
    ids = [make_message().message_id for _ in range(MESSAGES)]
    Message.objects.update(state=State.SENDING, attempts=1, lease_until=NOW + LEASE)
    assert sum(send_from_many(NOW + LEASE)) == MESSAGES
    assert Counter(mail["Message-ID"] for mail in smtp_sink.messages) == Counter(ids)


def test_many_who_ask_with_one_key_get_one_message():
    start, found = threading.Barrier(SENDERS), []

    def ask() -> None:
        try:
            start.wait()
            found.append(make_message(unique_key="one").pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(found) == {Message.objects.get().pk}
    assert len(found) == SENDERS
