"""Just before a reminder leaves: is it still owed, and is it the hour?"""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import User
from mail import sending
from mail.models import Message, State
from mail.sending import NOT_WANTED
from progress_updates.models import RoundEntry, WhyNotRequired
from progress_updates.models import State as UpdateState
from reminders.looking_again import NO_LONGER_OWED
from reminders.models import Reminder
from reminders.plan import PlanResult, plan
from signatories.models import Membership, Role
from tests.factories.progress_updates import leader_of, make_round, make_update, take, writer_of
from tests.factories.reminders import DUE_ON, LONG_BEFORE, STEP_DAY, entry_of, make_maker, make_owing
from tests.factories.signatories import make_member

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def planned(**more) -> Message:
    make_owing(**more)
    return plan_one()


def plan_one() -> Message:
    plan(now=STEP_DAY)
    Message.objects.exclude(kind="reminder").delete()
    return Message.objects.get()


def assert_skipped(message: Message, mailoutbox, now: datetime = STEP_DAY) -> None:
    assert sending.send_due(now=now) == 0
    message.refresh_from_db()
    assert (message.state, message.error) == (State.SKIPPED, NOT_WANTED)
    assert list(Reminder.objects.values_list("skipped", flat=True)) == [NO_LONGER_OWED]
    assert mailoutbox == []


def test_what_is_still_owed_leaves(mailoutbox):
    planned()
    assert sending.send_due(now=STEP_DAY) == 1
    assert Reminder.objects.get().skipped == ""


def test_who_submits_after_planning_hears_nothing(mailoutbox):
    maker = make_maker()
    make_round(due_on=DUE_ON, now=LONG_BEFORE)
    make_update(entry=entry_of(maker), state=UpdateState.AWAITING_SIGN_OFF, now=STEP_DAY - HOUR)
    update = entry_of(maker).updates.get()
    Membership.objects.filter(role=Role.COORDINATOR).update(ended_at=STEP_DAY - HOUR)
    message = plan_one()
    take("sign", update, writer=writer_of(maker), leader=leader_of(maker), now=STEP_DAY)
    Message.objects.exclude(pk=message.pk).delete()
    assert_skipped(message, mailoutbox)


def test_an_entry_that_is_no_longer_required(mailoutbox):
    message = planned()
    RoundEntry.objects.update(why_not_required=WhyNotRequired.WITHDRAWN)
    assert_skipped(message, mailoutbox)


def test_an_extension_granted_after_planning(mailoutbox):
    message = planned()
    RoundEntry.objects.update(extended_to=datetime(2026, 10, 14, 22, 59, 59, tzinfo=UTC))
    assert_skipped(message, mailoutbox)


def test_an_extension_granted_for_so_short_that_its_own_step_has_come(mailoutbox):
    message = planned()
    RoundEntry.objects.update(extended_to=datetime(2026, 10, 1, 22, 59, 59, tzinfo=UTC))
    assert_skipped(message, mailoutbox, now=datetime(2026, 9, 29, 9, 0, tzinfo=UTC))
    assert plan(now=datetime(2026, 9, 29, 9, 0, tzinfo=UTC)) == PlanResult(reminders=1, messages=1)


def test_somebody_who_left_after_planning(mailoutbox):
    message = planned()
    Membership.objects.update(ended_at=STEP_DAY)
    assert_skipped(message, mailoutbox)


def test_somebody_who_may_now_only_read(mailoutbox):
    message = planned()
    Membership.objects.update(role=Role.READER)
    assert_skipped(message, mailoutbox)


def test_an_account_disabled_after_planning(mailoutbox):
    message = planned()
    User.objects.update(is_active=False)
    assert_skipped(message, mailoutbox)


def test_workers_down_until_the_due_day_is_over_send_nothing_stale(mailoutbox):
    message = planned()
    assert_skipped(message, mailoutbox, now=datetime(2026, 10, 1, 9, 0, tzinfo=UTC))


def test_workers_down_until_the_evening_wait_for_the_morning(mailoutbox):
    message = planned()
    morning = datetime(2026, 9, 29, 7, 0, tzinfo=UTC)
    assert sending.send_due(now=datetime(2026, 9, 28, 17, 0, tzinfo=UTC)) == 0
    message.refresh_from_db()
    assert (message.state, message.attempts, message.next_attempt_at) == (State.QUEUED, 0, morning)
    assert sending.send_due(now=morning) == 1


def test_a_retry_does_not_leave_in_the_evening_either(mailoutbox):
    message = planned()
    Message.objects.filter(pk=message.pk).update(attempts=3, next_attempt_at=datetime(2026, 9, 28, 17, 30, tzinfo=UTC))
    assert sending.send_due(now=datetime(2026, 9, 28, 17, 30, tzinfo=UTC)) == 0
    assert sending.send_due(now=datetime(2026, 9, 29, 7, 0, tzinfo=UTC)) == 1


@pytest.fixture
def message_about_two():
    """One coordinator of two Pledge Makers whose updates are owed."""
    for name in ("Eastmoor NHS Trust", "Northtown NHS Trust"):
        maker = make_maker(name=name)
        make_member(pledge_maker=maker, email="ada@northtown.example", now=LONG_BEFORE)
    make_round(label="Round 4", due_on=date(2026, 9, 30), now=LONG_BEFORE)
    Membership.objects.filter(role=Role.LEADER).update(ended_at=LONG_BEFORE)
    return plan_one()


def test_when_part_of_a_message_is_owed_it_gets_new_words(message_about_two, mailoutbox):
    RoundEntry.objects.filter(pledge_maker__name="Eastmoor NHS Trust").update(received_at=STEP_DAY)
    assert sending.send_due(now=STEP_DAY) == 1
    [mail] = mailoutbox
    assert mail.subject == "Send your progress update by 30 September: Round 4"
    assert mail.body.startswith("You are a coordinator of Northtown NHS Trust.")
    assert "Eastmoor" not in mail.body + mail.alternatives[0].content
    assert mail.extra_headers["Message-ID"] == message_about_two.message_id
    told = Reminder.objects.filter(message=message_about_two)
    assert set(told.values_list("entry__pledge_maker__name", "skipped")) == {
        ("Eastmoor NHS Trust", NO_LONGER_OWED),
        ("Northtown NHS Trust", ""),
    }


def test_when_nothing_has_changed_the_words_stay(message_about_two, mailoutbox):
    assert sending.send_due(now=STEP_DAY) == 1
    assert mailoutbox[0].subject == message_about_two.subject == "Send 2 progress updates by 30 September"
