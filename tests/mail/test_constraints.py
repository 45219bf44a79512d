"""What must always hold of a message, each broken once."""

from datetime import timedelta

import pytest
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from mail.models import Message
from tests.factories.accounts import make_user
from tests.factories.mail import NOW, make_message

pytestmark = pytest.mark.django_db


def assert_breaks(name: str, **changes) -> None:
    message = make_message()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Message.objects.filter(pk=message.pk).update(**changes)


def test_a_state_is_one_of_the_list():
    assert_breaks("message_state_known", state="posted")


def test_a_class_of_error_is_one_of_the_list():
    assert_breaks("message_error_known", error_class="odd")


def test_sent_has_a_time():
    assert_breaks("message_sent_exactly_when_it_has_a_time", state="sent")


def test_only_sent_has_a_time():
    assert_breaks("message_sent_exactly_when_it_has_a_time", sent_at=NOW)


def test_sending_has_a_lease():
    assert_breaks("message_leased_exactly_while_sending", state="sending")


def test_only_sending_has_a_lease():
    assert_breaks("message_leased_exactly_while_sending", lease_until=NOW)


@pytest.mark.parametrize("state", ["failed", "skipped"])
def test_giving_up_says_why(state):
    assert_breaks("message_given_up_says_why", state=state)


@pytest.mark.parametrize("line_break", ["\n", "\r"])
def test_a_subject_is_one_line(line_break):
    assert_breaks("message_subject_one_line", subject=f"Hello{line_break}Bcc: eve@press.example")


@pytest.mark.parametrize("to", ["ada@trust.example\nBcc: x@y.example", "ada@trust.example\r", ""])
def test_a_recipient_is_one_line(to):
    assert_breaks("message_recipient_one_line", to=to)


@pytest.mark.parametrize(
    "end", [{"state": "sent", "sent_at": NOW}, {"state": "failed", "error": "x"}, {"state": "skipped", "error": "x"}]
)
def test_words_of_a_secret_go_when_it_is_done(end):
    assert_breaks("message_secret_blanked_when_done", secret=True, **end)


def test_a_retry_has_a_time():
    assert_breaks("message_retry_has_a_person_and_a_time", retried_by=make_user())


def test_a_retry_has_a_person():
    assert_breaks("message_retry_has_a_person_and_a_time", retried_at=timezone.now())


def test_a_message_id_is_never_used_twice():
    first = make_message()
    assert_breaks("message_id", message_id=first.message_id)


def test_a_unique_key_is_never_used_twice():
    make_message(unique_key="a")
    assert_breaks("unique_key", unique_key="a")


def test_attempts_are_never_negative():
    message = make_message()
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        Message.objects.filter(pk=message.pk).update(attempts=-1)


def test_due_needs_its_time():
    message = make_message(not_before=NOW + timedelta(hours=1))
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.filter(pk=message.pk).update(next_attempt_at=None)
