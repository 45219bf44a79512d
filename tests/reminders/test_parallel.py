"""Several planners and senders at the same time, on real commits."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from mail import sending
from mail.models import Message
from progress_updates.models import Round
from reminders import chase as chasing
from reminders.models import Reminder
from reminders.plan import plan
from tests.factories.accounts import make_caseworker
from tests.factories.reminders import STEP_DAY, make_owing

pytestmark = pytest.mark.django_db(transaction=True)
PLANNERS, PEOPLE = 6, 40


def at_the_same_time(*works: Callable[[], object]) -> list[object]:
    """What each returned, after all have started together; an error in one fails the test."""
    start, results = threading.Barrier(len(works)), []

    def run(work: Callable[[], object]) -> None:
        try:
            start.wait()
            results.append(work())
        except Exception as error:
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not [result for result in results if isinstance(result, Exception)]
    return results


@pytest.fixture
def _people_who_owe():
    make_owing(people=PEOPLE)
    Message.objects.exclude(kind="reminder").delete()


@pytest.mark.usefixtures("_people_who_owe")
def test_many_planners_tell_each_person_once():
    results = at_the_same_time(*[lambda: plan(now=STEP_DAY)] * PLANNERS)
    assert sum(result.reminders for result in results) == PEOPLE
    assert sum(result.messages for result in results) == PEOPLE
    assert Reminder.objects.count() == Message.objects.count() == PEOPLE
    assert set(Counter(Message.objects.values_list("to", flat=True)).values()) == {1}
    assert Reminder.objects.filter(message=None).count() == 0


@pytest.mark.usefixtures("_people_who_owe")
def test_planners_and_senders_together_send_one_mail_a_person(smtp_sink, settings):
    smtp_sink.use_in(settings)
    later = STEP_DAY + timedelta(minutes=1)
    at_the_same_time(
        *[lambda: plan(now=STEP_DAY)] * 3, *[lambda: (plan(now=STEP_DAY), sending.send_due(now=later))] * 4
    )
    sending.send_due(now=later)
    assert Counter(mail["To"].addresses[0].addr_spec for mail in smtp_sink.messages) == Counter(
        Reminder.objects.values_list("user__email", flat=True)
    )
    assert len(smtp_sink.messages) == PEOPLE


@pytest.mark.usefixtures("_people_who_owe")
def test_of_several_who_remind_in_bulk_at_once_one_does_and_the_others_hear_that_nobody_is_left():
    round_, by = Round.objects.get(), make_caseworker()
    entries = list(round_.entries.values_list("pk", flat=True))
    seen = chasing.preview(round_=round_, entries=entries, now=STEP_DAY).fingerprint

    def start() -> str:
        try:
            chasing.start(round_=round_, entries=entries, sentence="", seen=seen, by=by, now=STEP_DAY)
        except chasing.ChaseRefused as refusal:
            return str(refusal)
        return "started"

    results = at_the_same_time(*[start] * 4)
    assert sorted(results) == [*["There is nobody to remind."] * 3, "started"]
    assert Reminder.objects.count() == Message.objects.filter(kind="chase").count() == PEOPLE
