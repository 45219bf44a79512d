"""A real worker: woken by a commit, it sends over SMTP."""

import pytest
from django.utils import timezone

from mail.models import Message, State
from tests.factories.mail import make_message
from tests.waiting import wait_until

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]


def test_a_queued_message_is_sent_by_a_worker_at_once(celery_worker_process, smtp_sink):
    celery_worker_process(EMAIL_URL=smtp_sink.url)
    message = make_message(now=timezone.now())
    [mail] = smtp_sink.wait_for(1)
    assert mail["Message-ID"] == message.message_id
    wait_until(lambda: Message.objects.filter(state=State.SENT).exists(), what="the message is marked")
