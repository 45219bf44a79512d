"""kill -9 at each marked point of planning: nobody is forgotten, nobody is told twice.

Set FAULTS_ROUNDS=50 for the long form.
"""

import os
import signal
from collections import Counter

import pytest

from mail import sending
from mail.models import Message
from mail.sending import LEASE
from reminders.models import Reminder
from reminders.plan import PlanResult, plan
from tests.factories.reminders import STEP_DAY, make_owing

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]
ROUNDS = int(os.environ.get("FAULTS_ROUNDS", "10"))
PEOPLE = 3
# Where the planner dies, and how many reminders are then there: all or none.
POINTS = {
    "reminders.looked": 0,
    "reminders.claimed": 0,
    "reminders.queued": 0,
    "reminders.linked": 0,
    "reminders.committed": PEOPLE,
}


@pytest.mark.parametrize("point", POINTS)
def test_a_planner_killed_at_a_marked_point_forgets_nobody(point, start_child, smtp_sink, settings):
    smtp_sink.use_in(settings)
    make_owing(people=PEOPLE)
    for _ in range(ROUNDS):
        start_afresh(smtp_sink)
        die(start_child, "plan_reminders", CRASH_AT=point)
        assert Reminder.objects.count() == Message.objects.count() == POINTS[point]
        left = PEOPLE - POINTS[point]
        assert plan(now=STEP_DAY) == PlanResult(reminders=left, messages=left)
        sending.send_due(now=STEP_DAY)
        assert recipients(smtp_sink) == everybody()


@pytest.mark.parametrize("point", ["mail.claimed", "mail.sending", "mail.sent", "mail.marked"])
def test_a_sender_of_reminders_killed_at_a_marked_point_loses_none(point, start_child, smtp_sink, settings):
    smtp_sink.use_in(settings)
    make_owing(people=PEOPLE)
    start_afresh(smtp_sink)
    plan(now=STEP_DAY)
    die(start_child, "send_mail", CRASH_AT=point, EMAIL_URL=smtp_sink.url)
    assert plan(now=STEP_DAY + LEASE) == PlanResult()
    sending.send_due(now=STEP_DAY + 2 * LEASE)
    duplicates = recipients(smtp_sink) - everybody()
    assert set(recipients(smtp_sink)) == set(everybody())
    assert duplicates.total() == (point == "mail.sent")
    assert len({mail["Message-ID"] for mail in smtp_sink.messages}) == PEOPLE


def start_afresh(smtp_sink) -> None:
    Reminder.objects.all().delete()
    Message.objects.all().delete()
    smtp_sink.messages.clear()


def die(start_child, command: str, **environment: str) -> None:
    child = start_child("django", command, "--now", STEP_DAY.isoformat(), **environment)
    assert child.process.wait(60) == -signal.SIGKILL, child.said()


def recipients(smtp_sink) -> Counter[str]:
    return Counter(mail["To"].addresses[0].addr_spec for mail in smtp_sink.messages)


def everybody() -> Counter[str]:
    return Counter(Reminder.objects.values_list("user__email", flat=True))
