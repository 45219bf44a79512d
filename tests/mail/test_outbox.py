"""Writing messages into the outbox."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage

from mail.delivery import as_email
from mail.models import Message, State
from mail.outbox import Draft, queue, queue_many, rewrite
from mail.wording import NoSubject
from tests.factories.mail import NOW, make_message

pytestmark = pytest.mark.django_db
BREAKS = ["\n", "\r", "\r\n", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"]


def draft(to: str = "ada@trust.example", **more) -> Draft:
    return Draft(to=to, kind="greeting", template="greeting", context={"name": "Northtown", "note": "Hello."}, **more)


def test_a_message_is_a_row_that_waits():
    message = make_message()
    assert (message.state, message.to, message.kind) == (State.QUEUED, "ada@trust.example", "greeting")
    assert (message.created_at, message.next_attempt_at, message.attempts) == (NOW, NOW, 0)
    assert Message.objects.get() == message


def test_the_first_line_of_the_template_is_the_subject():
    assert make_message().subject == "Answer Northtown by Friday"


def test_the_text_is_tidy_and_ends_with_who_sent_it():
    assert make_message().text == (
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


def test_mail_of_a_demonstration_says_so(settings):
    settings.DEMO = True
    message = make_message()
    assert message.text.endswith("Demonstration data: people, organisations and answers are invented.\n")
    assert "Demonstration data: people, organisations and answers are invented." in message.html


def test_the_action_is_one_button():
    html = make_message().html
    assert re.findall(r'<a class="button" href="([^"]+)">([^<]+)</a>', html) == [
        ("http://127.0.0.1:8000/workspace/northtown/", "Write your answer")
    ]


def test_what_was_typed_is_plain_in_the_text_and_escaped_in_the_html():
    message = make_message(note="<b>O'Brien & co</b>")
    assert "<b>O'Brien & co</b>" in message.text
    assert "&lt;b&gt;O&#x27;Brien &amp; co&lt;/b&gt;" in message.html
    assert "<b>" not in message.html


def test_html_loads_nothing_and_tracks_nobody():
    html = make_message(note='<img src="https://spy.example/1.gif">').html
    assert "url(" not in html
    assert "@import" not in html
    assert set(re.findall(r"<([a-z]+)", html)) == {
        "html", "head", "meta", "title", "style", "body", "div", "p", "br", "ul", "li", "a"
    }  # fmt: skip


@pytest.mark.parametrize("line_break", BREAKS)
def test_no_line_break_in_a_name_starts_a_new_header(line_break):
    attack = f"Northtown{line_break}Bcc: everybody@press.example{line_break}"
    message = make_message(name=attack, to_name=attack)
    sent = as_email(message).message()
    assert sent["Bcc"] is None
    assert sent["Subject"].startswith("Answer Northtown")
    assert "\n" not in message.subject + message.to_name
    assert as_email(message).recipients() == [as_email(message).to[0]]


@pytest.mark.parametrize("line_break", BREAKS)
@pytest.mark.parametrize("address", ["ada@trust.example{}Bcc: eve@press.example", "ada{}@trust.example", "{}"])
def test_an_address_that_is_not_one_address_is_refused(address, line_break):
    with pytest.raises(ValidationError):
        make_message(to=address.format(line_break))
    assert Message.objects.count() == 0


def test_two_addresses_are_refused():
    with pytest.raises(ValidationError):
        make_message(to="ada@trust.example, eve@press.example")


def test_a_very_long_subject_is_cut_with_a_mark():
    subject = make_message(name="N" * 300).subject
    assert (len(subject), subject[-1]) == (200, "…")


def test_a_template_without_a_subject_is_a_mistake():
    with pytest.raises(NoSubject):
        queue(to="ada@trust.example", kind="x", template="footer", context={}, now=NOW)


def test_a_template_with_an_empty_subject_is_a_mistake():
    with pytest.raises(NoSubject):
        queue(to="ada@trust.example", kind="x", template="no_subject", context={}, now=NOW)


def test_the_same_key_gives_the_row_that_is_there():
    first = make_message(unique_key="reminder-1")
    again = make_message(unique_key="reminder-1", name="Southtown", now=NOW + timedelta(days=1))
    assert again == first
    assert again.subject == "Answer Northtown by Friday"
    assert Message.objects.count() == 1


def test_without_a_key_each_call_is_a_message():
    assert make_message().message_id != make_message().message_id
    assert Message.objects.count() == 2


def test_a_message_for_later_waits_until_then():
    later = NOW + timedelta(hours=3)
    message = make_message(not_before=later)
    assert (message.not_before, message.next_attempt_at) == (later, later)
    assert list(Message.objects.due(later - timedelta(seconds=1))) == []
    assert list(Message.objects.due(later)) == [message]


def test_a_time_that_has_passed_means_now():
    assert make_message(not_before=NOW - timedelta(days=1)).next_attempt_at == NOW


def test_the_message_id_names_this_site(settings):
    settings.SITE_URL = "https://pledge.example"
    assert re.fullmatch(r"<[0-9a-f]{32}@pledge\.example>", make_message().message_id)


@pytest.mark.parametrize("count", [1, 3, 100])
def test_queueing_many_takes_two_queries_for_any_number(count, django_assert_num_queries):
    drafts = [draft(to=f"person{n}@trust.example", unique_key=f"many-{n}") for n in range(count)]
    with django_assert_num_queries(4):  # savepoint, insert, read back, release
        messages = queue_many(drafts, now=NOW)
    assert [message.to for message in messages] == [d.to for d in drafts]
    assert all(message.pk for message in messages)


def test_queueing_many_keeps_those_that_are_there():
    old = make_message(unique_key="b")
    messages = queue_many([draft(unique_key="a"), draft(unique_key="b"), draft()], now=NOW)
    assert messages[1] == old
    assert Message.objects.count() == 3


def test_queueing_none_is_nothing():
    assert queue_many([], now=NOW) == []


def test_new_words_keep_the_message():
    message = make_message(unique_key="a")
    rewrite(message, template="greeting", context={"name": "Southtown", "note": "Hello again."})
    stored = Message.objects.get()
    assert stored.subject == "Answer Southtown by Friday"
    assert "Hello again." in stored.text
    assert "Hello again." in stored.html
    assert stored.message_id == message.message_id


def test_a_worker_is_woken_when_something_is_due(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        make_message()
    assert len(callbacks) == 1


def test_nobody_is_woken_for_later(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        make_message(not_before=NOW + timedelta(days=1))
    assert callbacks == []


def test_the_mail_has_both_parts_our_message_id_and_asks_machines_not_to_answer():
    message = make_message(to_name="Ada Ånström")
    email: EmailMessage = as_email(message)
    sent = email.message()
    assert [part.get_content_type() for part in sent.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert sent["Message-ID"] == message.message_id
    assert sent["Auto-Submitted"] == "auto-generated"
    assert sent["To"] == "=?utf-8?b?QWRhIMOFbnN0csO2bQ==?= <ada@trust.example>"
    assert email.attachments == []
