"""Sending: claimed once, looked at again, sent, marked; refused and tried again."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail as django_mail
from django.core.management import CommandError, call_command

from mail import guards, sending, tasks
from mail.models import ErrorClass, Message, State
from mail.sending import BACKOFF, DIED, LEASE, MAX_ATTEMPTS, NOT_WANTED, TOO_LATE, CannotRetry
from tests.factories.accounts import make_user
from tests.factories.mail import NOW, make_message
from tests.servers import free_port

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def guard_greetings():
    """guard_greetings(answer): the guard of greetings answers so until the end of the test."""
    yield lambda answer: guards.register("greeting", answer)
    guards.unregister("greeting")


def test_what_is_due_is_sent_and_marked(mailoutbox):
    message = make_message()
    assert sending.send_due(now=NOW) == 1
    message.refresh_from_db()
    assert (message.state, message.attempts, message.lease_until) == (State.SENT, 1, None)
    assert NOW <= message.sent_at < NOW + MINUTE
    assert [mail.to for mail in mailoutbox] == [["ada@trust.example"]]


def test_a_second_run_sends_nothing(mailoutbox):
    make_message()
    sending.send_due(now=NOW)
    assert sending.send_due(now=NOW + timedelta(days=30)) == 0
    assert len(mailoutbox) == 1


def test_nothing_leaves_before_its_time(mailoutbox):
    make_message(not_before=NOW + timedelta(hours=3))
    assert sending.send_due(now=NOW + timedelta(hours=3) - timedelta(seconds=5)) == 0
    assert sending.send_due(now=NOW + timedelta(hours=3)) == 1


def test_the_longest_waiting_leaves_first(mailoutbox):
    make_message(to="second@trust.example", now=NOW)
    make_message(to="first@trust.example", now=NOW - MINUTE)
    sending.send_due(now=NOW)
    assert [mail.to[0] for mail in mailoutbox] == ["first@trust.example", "second@trust.example"]


@pytest.mark.parametrize("count", [1, 3, 25])
def test_a_message_costs_two_queries_and_a_run_one(count, django_assert_num_queries, mailoutbox):
    for _ in range(count):
        make_message()
    with django_assert_num_queries(1 + 2 * count):  # read the page; claim and mark each
        assert sending.send_due(now=NOW) == count


def test_more_than_a_page_is_sent_in_one_run(monkeypatch, mailoutbox):
    monkeypatch.setattr(sending, "PAGE", 2)
    for _ in range(5):
        make_message()
    assert sending.send_due(now=NOW) == 5
    assert len(mailoutbox) == 5


def test_a_run_ends_in_time_and_the_next_goes_on(monkeypatch, mailoutbox):
    make_message()
    monkeypatch.setattr(sending, "LONGEST_RUN", -1.0)
    assert sending.send_due(now=NOW) == 0
    monkeypatch.undo()
    assert sending.send_due(now=NOW) == 1


# --- No longer wanted -----------------------------------------------------------------------------


def test_a_message_no_longer_wanted_is_skipped(guard_greetings, mailoutbox):
    guard_greetings(lambda message, now: False)
    message = make_message()
    assert sending.send_due(now=NOW) == 0
    message.refresh_from_db()
    assert (message.state, message.error, message.sent_at) == (State.SKIPPED, NOT_WANTED, None)
    assert mailoutbox == []


def test_the_guard_sees_the_message_and_the_time(guard_greetings, mailoutbox):
    seen = []
    guard_greetings(lambda message, now: bool(seen.append((message.pk, message.state, now))) or True)
    message = make_message()
    assert sending.send_due(now=NOW) == 1
    [(pk, state, now)] = seen
    assert (pk, state) == (message.pk, State.SENDING)
    assert NOW <= now < NOW + MINUTE


def test_other_kinds_are_not_asked_about(guard_greetings, mailoutbox):
    guard_greetings(lambda message, now: False)
    make_message(kind="other")
    assert sending.send_due(now=NOW) == 1


def test_a_guard_that_fails_stops_nobody_else(guard_greetings, mailoutbox):
    guard_greetings(lambda message, now: 1 / 0)
    broken, fine = make_message(), make_message(kind="other", to="bo@trust.example")
    assert sending.send_due(now=NOW) == 1
    broken.refresh_from_db()
    fine.refresh_from_db()
    assert fine.state == State.SENT
    assert (broken.state, broken.error_class) == (State.QUEUED, ErrorClass.INTERNAL)
    assert broken.error == "ZeroDivisionError: division by zero"


def raise_later(until):
    raise guards.Later(until)


def test_a_guard_can_put_a_message_off_and_it_does_not_count_as_a_try(guard_greetings, mailoutbox):
    later = NOW + timedelta(hours=14)
    guard_greetings(lambda message, now: now >= later or raise_later(later))
    message = make_message()
    assert sending.send_due(now=NOW) == 0
    message.refresh_from_db()
    assert (message.state, message.attempts, message.next_attempt_at) == (State.QUEUED, 0, later)
    assert sending.send_due(now=later) == 1


def test_a_guard_that_puts_off_into_the_past_does_not_keep_the_sender_busy(guard_greetings):
    guard_greetings(lambda message, now: raise_later(NOW))
    message = make_message()
    assert sending.send_due(now=NOW) == 0
    message.refresh_from_db()
    assert message.next_attempt_at >= NOW + MINUTE


def test_what_comes_too_late_is_skipped(mailoutbox):
    message = make_message(useful_until=NOW + MINUTE)
    sending.send_due(now=NOW + 2 * MINUTE)
    message.refresh_from_db()
    assert (message.state, message.error) == (State.SKIPPED, TOO_LATE)


def test_what_comes_in_time_is_sent(mailoutbox):
    make_message(useful_until=NOW + MINUTE)
    assert sending.send_due(now=NOW) == 1


# --- Secrets --------------------------------------------------------------------------------------


def test_words_of_a_secret_are_blanked_once_sent(mailoutbox):
    message = make_message(secret=True, note="Your code is 123456.")
    sending.send_due(now=NOW)
    message.refresh_from_db()
    assert (message.state, message.text, message.html) == (State.SENT, "", "")
    assert "Your code is 123456." in mailoutbox[0].body


def test_words_of_a_secret_are_blanked_when_too_late(mailoutbox):
    message = make_message(secret=True, useful_until=NOW)
    sending.send_due(now=NOW + MINUTE)
    message.refresh_from_db()
    assert (message.state, message.text, message.html) == (State.SKIPPED, "", "")


def test_words_of_others_stay(mailoutbox):
    message = make_message()
    sending.send_due(now=NOW)
    message.refresh_from_db()
    assert "Thank you." in message.text


# --- Leases ---------------------------------------------------------------------------------------


def claimed_by_a_sender_that_died(*, attempts: int = 1) -> Message:
    message = make_message()
    Message.objects.filter(pk=message.pk).update(state=State.SENDING, attempts=attempts, lease_until=NOW + LEASE)
    return message


def test_a_claimed_message_is_left_to_its_sender(mailoutbox):
    claimed_by_a_sender_that_died()
    assert sending.send_due(now=NOW + LEASE - MINUTE) == 0
    assert mailoutbox == []


def test_a_lease_that_ran_out_is_taken_over_with_the_same_message_id(mailoutbox):
    message = claimed_by_a_sender_that_died()
    assert sending.send_due(now=NOW + LEASE) == 1
    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.SENT, 2)
    assert mailoutbox[0].extra_headers["Message-ID"] == message.message_id


def test_a_message_whose_senders_all_die_is_given_up(mailoutbox):
    message = claimed_by_a_sender_that_died(attempts=MAX_ATTEMPTS)
    assert sending.send_due(now=NOW + LEASE) == 0
    message.refresh_from_db()
    assert (message.state, message.error_class, message.error) == (State.FAILED, ErrorClass.INTERNAL, DIED)


def test_a_sender_that_lost_its_lease_marks_nothing(guard_greetings, mailoutbox):
    def somebody_else_is_faster(message: Message, now) -> bool:
        Message.objects.filter(pk=message.pk).update(lease_until=now + 2 * LEASE, attempts=7)
        return False

    guard_greetings(somebody_else_is_faster)
    message = make_message()
    sending.send_due(now=NOW)
    message.refresh_from_db()
    assert (message.state, message.attempts, message.error) == (State.SENDING, 7, "")


def test_a_message_taken_by_somebody_faster_is_passed_over(mailoutbox):
    message = make_message()
    as_read = Message.objects.get()
    Message.objects.filter(pk=message.pk).update(state=State.HELD)
    assert sending._claim(as_read, NOW) is False
    message.refresh_from_db()
    assert message.state == State.HELD


# --- The mail server says no ----------------------------------------------------------------------


def test_come_back_later_is_tried_again_later(refusing_sink):
    refusing_sink("451 4.7.1 Greylisted, come back later")
    message = make_message()
    sending.send_due(now=NOW)
    message.refresh_from_db()
    assert (message.state, message.error_class) == (State.QUEUED, ErrorClass.TEMPORARY)
    assert message.error == "451 4.7.1 Greylisted, come back later"
    assert BACKOFF[0] <= message.next_attempt_at - NOW < BACKOFF[0] + MINUTE


def test_tries_grow_apart_and_end(refusing_sink):
    refusing_sink("451 4.7.1 Later")
    message, now, waits = make_message(), NOW, []
    for _ in range(MAX_ATTEMPTS):
        assert sending.send_due(now=now) == 0
        message.refresh_from_db()
        waits.append(round((message.next_attempt_at - now) / MINUTE))
        now = message.next_attempt_at
    assert waits[:-1] == [1, 5, 15, 60, 240, 480, 720, 1440]
    assert (message.state, message.attempts, message.error) == (State.FAILED, 9, "451 4.7.1 Later")
    assert sending.send_due(now=now + timedelta(days=30)) == 0


def test_after_a_while_it_arrives_and_the_error_is_gone(refusing_sink, smtp_sink):
    refusing_sink("451 4.7.1 Later")
    message = make_message()
    sending.send_due(now=NOW)
    smtp_sink.behave()
    assert sending.send_due(now=NOW + 2 * MINUTE) == 1
    message.refresh_from_db()
    assert (message.state, message.error_class, message.error) == (State.SENT, ErrorClass.NONE, "")
    assert [mail["Message-ID"] for mail in smtp_sink.messages] == [message.message_id]


def test_a_permanent_no_fails_at_once_and_is_not_tried_again(refusing_sink):
    refusing_sink("550 5.1.1 No such person")
    message = make_message()
    sending.send_due(now=NOW)
    message.refresh_from_db()
    assert (message.state, message.error_class) == (State.FAILED, ErrorClass.PERMANENT)
    assert message.error == "550 5.1.1 No such person"
    assert sending.send_due(now=NOW + timedelta(days=30)) == 0


@pytest.mark.parametrize(
    ("answer", "state", "error_class"),
    [
        ("550 5.1.1 No such person", State.FAILED, ErrorClass.PERMANENT),
        ("450 4.2.1 Mailbox busy", State.QUEUED, ErrorClass.TEMPORARY),
    ],
)
def test_a_refused_recipient_stops_nobody_else(choosy_sink, answer, state, error_class):
    choosy_sink.refused["gone@trust.example"] = answer
    refused, taken = make_message(to="gone@trust.example"), make_message(to="here@trust.example")
    assert sending.send_due(now=NOW) == 1
    refused.refresh_from_db()
    taken.refresh_from_db()
    assert (refused.state, refused.error_class, refused.error) == (state, error_class, answer)
    assert taken.state == State.SENT
    assert [mail["To"] for mail in choosy_sink.messages] == ["here@trust.example"]


def test_a_refused_sender_is_our_mistake_and_tried_again(choosy_sink):
    choosy_sink.refuse_sender = "550 5.7.1 Not you"
    message = make_message()
    sending.send_due(now=NOW)
    message.refresh_from_db()
    assert (message.state, message.error_class) == (State.QUEUED, ErrorClass.TEMPORARY)
    assert message.error == "550 5.7.1 Not you"


def test_a_message_that_cannot_be_put_together_is_our_mistake_and_tried_again(choosy_sink, settings):
    settings.DEFAULT_FROM_EMAIL = "Pledge Tracker\n<no-reply@pledge.example>"
    message = make_message()
    sending.send_due(now=NOW)
    message.refresh_from_db()
    assert (message.state, message.error_class) == (State.QUEUED, ErrorClass.INTERNAL)
    assert message.error == "ValueError: Invalid address; address parts cannot contain newlines."


def test_one_connection_serves_a_run(choosy_sink):
    for _ in range(5):
        make_message()
    assert sending.send_due(now=NOW) == 5
    assert choosy_sink.connections == 1


def send_to_port(port: int, settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 1


def test_a_server_that_is_away_costs_one_try_and_the_others_wait(settings):
    send_to_port(free_port(), settings)
    first, second = make_message(now=NOW - MINUTE), make_message()
    assert sending.send_due(now=NOW) == 0
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.error_class, first.attempts) == (State.QUEUED, ErrorClass.UNREACHABLE, 1)
    assert first.error.startswith("ConnectionRefusedError: ")
    assert (second.state, second.attempts) == (State.QUEUED, 0)


def test_a_server_that_accepts_and_never_answers_is_left_after_a_second(silent_server, settings):
    send_to_port(silent_server, settings)
    message = make_message()
    assert sending.send_due(now=NOW) == 0
    message.refresh_from_db()
    assert (message.state, message.error_class) == (State.QUEUED, ErrorClass.UNREACHABLE)
    assert message.error == "SMTPServerDisconnected: Connection unexpectedly closed: timed out"


def test_a_server_that_takes_the_words_and_never_answers_is_left(smtp_sink, settings):
    smtp_sink.use_in(settings)
    settings.EMAIL_TIMEOUT = 1
    smtp_sink.hang()
    message = make_message()
    assert sending.send_due(now=NOW) == 0
    smtp_sink.behave()
    message.refresh_from_db()
    assert (message.state, message.error_class) == (State.QUEUED, ErrorClass.UNREACHABLE)
    assert message.error.startswith("SMTPServerDisconnected: ")


@pytest.mark.parametrize("answer", [lambda: False, lambda: raise_later(NOW + timedelta(hours=1))])
def test_trouble_of_an_earlier_run_does_not_end_this_one(guard_greetings, mailoutbox, answer):
    guard_greetings(lambda message, now: message.to != "gone@trust.example" or answer())
    gone = make_message(to="gone@trust.example")
    Message.objects.filter(pk=gone.pk).update(error_class=ErrorClass.UNREACHABLE, error="x")
    make_message()
    assert sending.send_due(now=NOW) == 1


# --- What staff can do ----------------------------------------------------------------------------


def failed_message(**more) -> Message:
    message = make_message(**more)
    Message.objects.filter(pk=message.pk).update(
        state=State.FAILED, attempts=9, error="550 No", error_class=ErrorClass.PERMANENT
    )
    message.refresh_from_db()
    return message


def test_staff_can_try_a_failed_message_again(mailoutbox):
    message, person = failed_message(), make_user()
    sending.retry(message=message, by=person, now=NOW)
    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.QUEUED, 0)
    assert (message.retried_by, message.retried_at) == (person, NOW)
    assert sending.send_due(now=NOW) == 1


def test_a_second_press_changes_nothing():
    message, person = failed_message(), make_user()
    sending.retry(message=message, by=person, now=NOW)
    with pytest.raises(CannotRetry):
        sending.retry(message=message, by=make_user(), now=NOW + MINUTE)
    message.refresh_from_db()
    assert (message.retried_by, message.retried_at) == (person, NOW)


def test_a_message_that_did_not_fail_cannot_be_tried_again():
    with pytest.raises(CannotRetry):
        sending.retry(message=make_message(), by=make_user(), now=NOW)


def test_a_secret_cannot_be_tried_again():
    message = make_message(secret=True)
    Message.objects.filter(pk=message.pk).update(state=State.FAILED, error="x", text="", html="")
    with pytest.raises(CannotRetry):
        sending.retry(message=message, by=make_user(), now=NOW)


# --- How it is run --------------------------------------------------------------------------------


def test_the_task_sends_what_is_due(mailoutbox):
    make_message()
    assert (tasks.send_due(), tasks.send_due()) == (1, 0)
    assert len(mailoutbox) == 1


def test_the_command_says_what_it_sent(mailoutbox):
    make_message(not_before=NOW + timedelta(days=1))
    out = StringIO()
    call_command("send_mail", "--now", "2026-09-28T23:00", stdout=out)
    call_command("send_mail", "--now", "2026-09-29T10:00:00+01:00", stdout=out)
    assert out.getvalue() == "Sent: 0\nSent: 1\n"


@pytest.mark.parametrize("text", ["tomorrow", "2026-13-01T00:00"])
def test_the_command_refuses_what_is_no_time(text):
    with pytest.raises(CommandError, match="Not a date and time"):
        call_command("send_mail", "--now", text)


def test_no_mail_is_sent_by_queueing():
    make_message()
    assert django_mail.outbox == []
