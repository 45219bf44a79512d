"""Planning when the due day moves, or an update is recalled: nobody is told the same twice."""

from datetime import UTC, date, datetime

import pytest
from django.db.models import F

from mail import sending
from progress_updates.models import Round, RoundEntry
from progress_updates.models import State as UpdateState
from reminders.looking_again import NO_LONGER_OWED
from reminders.models import Reminder
from reminders.plan import PlanResult, plan
from tests.factories.progress_updates import leader_of, make_round, make_update, take, writer_of
from tests.factories.reminders import DUE_ON, LONG_BEFORE, STEP_DAY, entry_of, make_maker, make_owing
from tests.reminders.planned import DAY, HOUR, NOTHING, extend, forget_other_mail

pytestmark = pytest.mark.django_db


# --- More time ------------------------------------------------------------------------------------------


def test_an_extension_brings_new_reminders_and_repeats_nothing_at_once():
    make_owing()
    plan(now=STEP_DAY)
    extend(date(2026, 10, 14), STEP_DAY + DAY)
    assert plan(now=STEP_DAY + DAY + HOUR) == NOTHING
    assert plan(now=STEP_DAY + 2 * DAY) == NOTHING  # 14 days before: for writers only
    assert plan(now=datetime(2026, 10, 12, 9, 0, tzinfo=UTC)) == PlanResult(reminders=1, messages=1)
    assert list(Reminder.objects.order_by("due_on").values_list("step", "due_on")) == [
        ("2_days_before", DUE_ON),
        ("2_days_before", date(2026, 10, 14)),
    ]


def test_an_extension_by_a_day_says_two_days_before_only_once():
    """The step of the new day fell before the extension was granted, which was told in a mail of its own."""
    make_owing()
    plan(now=STEP_DAY)
    extend(date(2026, 10, 1), STEP_DAY + 2 * DAY)
    assert plan(now=STEP_DAY + 2 * DAY + HOUR) == NOTHING
    assert plan(now=datetime(2026, 10, 2, 9, 0, tzinfo=UTC)).reminders == 1
    assert Reminder.objects.latest("pk").step == "day_after"


def test_the_opening_is_told_once_whatever_becomes_of_the_due_day():
    make_owing()
    plan(now=LONG_BEFORE + HOUR)
    RoundEntry.objects.update(due_at=F("due_at") + 14 * DAY)
    assert plan(now=LONG_BEFORE + 2 * HOUR) == NOTHING


def test_a_later_due_day_for_the_whole_round_repeats_no_step_that_fell_before_the_last_reminder():
    """Told 2 days before; the due day moves by 19 days; 14 days before of the new one fell 2 days ago."""
    make_owing(people=2)
    plan(now=STEP_DAY)
    Round.objects.update(due_at=F("due_at") + 11 * DAY, closes_at=F("closes_at") + 11 * DAY)
    RoundEntry.objects.update(due_at=F("due_at") + 11 * DAY)
    assert plan(now=STEP_DAY + DAY) == NOTHING
    assert plan(now=datetime(2026, 10, 2, 9, 0, tzinfo=UTC)) == PlanResult(reminders=2, messages=2)
    assert Reminder.objects.latest("pk").step == "7_days_before"


# --- Sent in, and recalled ------------------------------------------------------------------------------


def test_who_recalls_after_a_reminder_was_skipped_is_reminded_again(mailoutbox):
    """It was owed, then not, then again: nobody has been told, so it is told now, once."""
    maker = make_maker(members=1)
    make_round(due_on=DUE_ON, now=LONG_BEFORE)
    entry = entry_of(maker)
    update = make_update(entry=entry, state=UpdateState.AWAITING_SIGN_OFF, now=STEP_DAY - DAY)
    plan(now=STEP_DAY)
    forget_other_mail()
    writer, leader = writer_of(maker), leader_of(maker)
    take("sign", update, writer=writer, leader=leader, now=STEP_DAY)
    forget_other_mail()
    assert sending.send_due(now=STEP_DAY) == 0
    take("recall", update, writer=writer, leader=leader, now=STEP_DAY + HOUR)
    forget_other_mail()
    assert plan(now=STEP_DAY + 2 * HOUR) == PlanResult(reminders=2, messages=2)
    assert plan(now=STEP_DAY + 2 * HOUR) == NOTHING
    assert sending.send_due(now=STEP_DAY + 2 * HOUR) == 2
    assert sorted(Reminder.objects.values_list("skipped", flat=True)) == ["", "", *[NO_LONGER_OWED] * 2]


def test_who_was_told_and_recalls_is_not_told_the_same_again(mailoutbox):
    maker = make_maker()
    make_round(due_on=DUE_ON, now=LONG_BEFORE)
    update = make_update(entry=entry_of(maker), state=UpdateState.AWAITING_SIGN_OFF, now=STEP_DAY - DAY)
    plan(now=STEP_DAY)
    forget_other_mail()
    sending.send_due(now=STEP_DAY)
    for step in ("sign", "recall"):
        take(step, update, writer=writer_of(maker), leader=leader_of(maker), now=STEP_DAY + HOUR)
    assert plan(now=STEP_DAY + 2 * HOUR) == NOTHING
