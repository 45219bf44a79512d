"""One message covers all that a person is owed, in words for their role."""

from datetime import date
from urllib.parse import urlsplit

import pytest
from django.urls import resolve

from mail import sending
from mail.models import Message
from reminders.plan import PlanResult, plan
from signatories.models import Membership, Role
from tests.factories.progress_updates import make_round
from tests.factories.reminders import DUE_ON, LONG_BEFORE, STEP_DAY, make_maker, make_owing
from tests.factories.signatories import make_member
from tests.reminders.planned import forget_other_mail

pytestmark = pytest.mark.django_db


def test_one_message_covers_all_that_a_person_is_owed(mailoutbox):
    first, second = make_maker(name="Eastmoor NHS Trust"), make_maker(name="Northtown NHS Trust")
    for maker, role in ((second, Role.COORDINATOR), (first, Role.CONTRIBUTOR)):
        make_member(pledge_maker=maker, role=role, email="ada@northtown.example", now=LONG_BEFORE)
    make_round(label="Round 4, autumn 2026", due_on=DUE_ON, now=LONG_BEFORE)
    forget_other_mail()
    assert plan(now=STEP_DAY) == PlanResult(reminders=4, messages=3)
    sending.send_due(now=STEP_DAY)
    [mail] = [mail for mail in mailoutbox if "ada@northtown.example" in mail.to[0]]
    assert mail.subject == "Send 2 progress updates by 30 September"
    assert mail.body.startswith(
        "You act for Pledge Makers that still owe 2 progress updates.\n"
        "\n"
        "- Eastmoor NHS Trust: Round 4, autumn 2026, due by the end of Wednesday 30 September 2026. "
        "It is sent when a leader signs it.\n"
        "- Northtown NHS Trust: Round 4, autumn 2026, due by the end of Wednesday 30 September 2026. "
        "It is sent when a leader signs it.\n"
        "\n"
        "See what is left to do:\n"
        "http://127.0.0.1:8000/workspace/\n"
        "\n"
        "Once a progress update is signed, no more reminders of it come.\n"
    )


def test_two_due_days_in_one_message_name_the_first():
    make_owing(people=1, label="Round 4")
    make_round(label="Round 5", due_on=date(2026, 9, 29), now=LONG_BEFORE)
    assert plan(now=STEP_DAY) == PlanResult(reminders=2, messages=1)
    assert message().subject == "Send 2 progress updates, the first by 29 September"


def message() -> Message:
    return Message.objects.get(kind="reminder")


def test_a_writer_reads_what_to_do_by_when_and_where():
    maker = make_maker(name="Northtown NHS Trust", members=1)
    make_round(label="Round 4, autumn 2026", due_on=DUE_ON, now=LONG_BEFORE)
    Membership.objects.filter(role=Role.LEADER).update(ended_at=STEP_DAY)
    plan(now=STEP_DAY)
    assert message().subject == "Send your progress update by 30 September: Round 4, autumn 2026"
    assert message().text.startswith(
        "You are a coordinator of Northtown NHS Trust. Its progress update for Round 4, autumn 2026 is due by "
        "the end of Wednesday 30 September 2026, and we have not received it yet.\n"
        "\n"
        "It is sent when a leader signs it. Finish the draft and ask for the signature, so that there is time "
        "to read it.\n"
        "\n"
        "Finish the progress update:\n"
        f"http://127.0.0.1:8000/workspace/{maker.slug}/round-4-autumn-2026/\n"
        "\n"
        "Once a progress update is signed, no more reminders of it come.\n"
    )


def test_a_leader_reads_other_words():
    maker = make_maker(name="Northtown NHS Trust")
    make_round(label="Round 4, autumn 2026", due_on=DUE_ON, now=LONG_BEFORE)
    plan(now=STEP_DAY)
    assert message().subject == "Check and sign your progress update by 30 September: Round 4, autumn 2026"
    assert message().text.startswith(
        "You are a leader of Northtown NHS Trust. Its progress update for Round 4, autumn 2026 is due by "
        "the end of Wednesday 30 September 2026, and we have not received it yet.\n"
        "\n"
        "Your signature sends it. Read it and sign it, or see how far your colleagues are.\n"
        "\n"
        "Open the progress update:\n"
        f"http://127.0.0.1:8000/workspace/{maker.slug}/round-4-autumn-2026/\n"
        "\n"
        "Once a progress update is signed, no more reminders of it come.\n"
    )


def test_the_address_in_a_message_is_a_page_of_the_workspace():
    make_owing()
    plan(now=STEP_DAY)
    [address] = [line for line in message().text.splitlines() if "/workspace/" in line]
    assert resolve(urlsplit(address).path).view_name == "progress_updates:task_list"


def test_names_are_plain_text_whatever_they_hold():
    make_maker(name="Care & <b>Co</b> 100% O'Brien")
    make_round(due_on=DUE_ON, now=LONG_BEFORE)
    plan(now=STEP_DAY)
    assert message().text.startswith("You are a leader of Care & <b>Co</b> 100% O'Brien. Its progress")
    assert "<b>" not in message().html
