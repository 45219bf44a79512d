"""Mail on hold: planned and queued as always, sent only once it is let go."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError

from mail import holding, sending
from mail.models import Hold, Message, State
from tests.factories.mail import NOW, make_message

pytestmark = pytest.mark.django_db


def states() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("state", flat=True))


def test_what_waits_and_what_is_queued_later_stays_until_it_is_released(mailoutbox):
    make_message()
    assert holding.begin(now=NOW) == 1
    make_message()
    assert sending.send_due(now=NOW) == 0
    assert states() == [State.HELD, State.QUEUED]
    assert holding.end() == 1
    assert sending.send_due(now=NOW) == 2
    assert states() == [State.SENT, State.SENT]


def test_sign_in_codes_leave_while_mail_is_on_hold(mailoutbox):
    holding.begin(now=NOW)
    make_message(kind="sign_in_code")
    assert sending.send_due(now=NOW) == 1


def test_what_a_dead_sender_left_stays_too(mailoutbox):
    message = make_message()
    Message.objects.filter(pk=message.pk).update(state=State.SENDING, lease_until=NOW, attempts=1)
    holding.begin(now=NOW)
    assert sending.send_due(now=NOW) == 0
    holding.end()
    assert sending.send_due(now=NOW) == 1


def test_a_second_hold_changes_nothing_and_a_second_release_neither():
    holding.begin(now=NOW)
    assert (holding.begin(now=NOW), Hold.objects.count(), holding.since()) == (0, 1, NOW)
    assert (holding.end(), holding.end(), holding.since()) == (0, 0, None)


def test_there_is_at_most_one_hold():
    holding.begin(now=NOW)
    with pytest.raises(IntegrityError, match="mail_hold_at_most_one"):
        Hold.objects.create(pk=2, since=NOW)


def test_the_commands_say_how_many(capsys):
    make_message()
    call_command("hold_mail")
    call_command("release_mail")
    assert capsys.readouterr().out.splitlines() == [
        "Mail is on hold. Messages that were waiting: 1",
        "Mail leaves again. Messages that were on hold: 1",
    ]
