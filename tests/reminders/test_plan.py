"""Planning: everybody who is owed a reminder gets one message, once."""

from datetime import UTC, date, datetime, timedelta
from email.utils import parseaddr
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from accounts.models import User
from jobs import heartbeat
from mail import sending
from mail.models import Message, State
from progress_updates.models import Round, RoundEntry, WhyNotRequired
from progress_updates.models import State as UpdateState
from reminders import tasks
from reminders.models import Reminder
from reminders.plan import PlanResult, plan
from signatories.models import Membership, PledgeMaker, Role
from tests.factories.accounts import make_caseworker
from tests.factories.progress_updates import make_round, make_update
from tests.factories.reminders import DUE_ON, LONG_BEFORE, STEP_DAY, entry_of, make_maker, make_owing
from tests.factories.signatories import make_member
from tests.reminders.planned import DAY, HOUR, NOTHING, forget_other_mail, recipients

pytestmark = pytest.mark.django_db


# --- Who is told ----------------------------------------------------------------------------------------


def test_everybody_who_writes_or_signs_gets_one_message(mailoutbox):
    make_owing(people=5)
    forget_other_mail()
    assert plan(now=STEP_DAY) == PlanResult(reminders=5, messages=5)
    assert sending.send_due(now=STEP_DAY) == 5
    members = Membership.objects.exclude(role=Role.READER).values_list("user__email", flat=True)
    assert recipients(mailoutbox) == sorted(members)


def test_a_reminder_knows_its_message():
    make_owing(people=2)
    plan(now=STEP_DAY)
    for reminder in Reminder.objects.select_related("user", "message"):
        assert reminder.message.to == reminder.user.email
        assert (reminder.step, reminder.due_on, reminder.planned_at) == ("2_days_before", DUE_ON, STEP_DAY)


def test_readers_get_none():
    maker = make_maker()
    make_member(pledge_maker=maker, role=Role.READER, now=LONG_BEFORE)
    make_round(due_on=DUE_ON, now=LONG_BEFORE)
    assert plan(now=STEP_DAY) == PlanResult(reminders=1, messages=1)


def test_who_has_left_gets_none():
    make_owing(people=3)
    Membership.objects.filter(role=Role.COORDINATOR).update(ended_at=LONG_BEFORE + DAY)
    assert plan(now=STEP_DAY) == PlanResult(reminders=2, messages=2)


def test_a_disabled_account_gets_none():
    make_owing(people=1)
    User.objects.filter(memberships__isnull=False).update(is_active=False)
    plan(now=STEP_DAY)
    assert set(Reminder.objects.values_list("step", flat=True)) == {"nobody_reachable"}


def test_an_address_that_cannot_be_mailed_is_counted_and_stops_nobody():
    make_owing(people=2)
    User.objects.filter(memberships__role=Role.COORDINATOR).update(email="not an address")
    assert plan(now=STEP_DAY) == PlanResult(reminders=1, messages=1, unreachable=1)


def test_who_has_submitted_gets_none():
    maker, other = make_maker(members=2), make_maker(members=1)
    make_round(due_on=DUE_ON, now=LONG_BEFORE)
    make_update(entry=entry_of(maker), state=UpdateState.SUBMITTED, now=STEP_DAY - DAY)
    assert plan(now=STEP_DAY) == PlanResult(reminders=2, messages=2)
    assert set(Reminder.objects.values_list("entry__pledge_maker", flat=True)) == {other.pk}


def test_who_was_sent_an_update_back_gets_none():
    make_round_entry = entry_of(_maker_in_round())
    make_update(entry=make_round_entry, state=UpdateState.RETURNED, now=STEP_DAY - DAY)
    assert plan(now=STEP_DAY) == NOTHING


@pytest.mark.parametrize("state", [UpdateState.DRAFT, UpdateState.AWAITING_SIGN_OFF])
def test_a_draft_is_not_a_submission(state):
    entry = entry_of(_maker_in_round())
    make_update(entry=entry, state=state, now=STEP_DAY - DAY)
    assert plan(now=STEP_DAY).reminders == 2  # the leader, and the coordinator who wrote it


def _maker_in_round():
    maker = make_maker()
    make_round(due_on=DUE_ON, now=LONG_BEFORE)
    return maker


@pytest.mark.parametrize("why", WhyNotRequired.values)
def test_an_entry_that_requires_nothing_reminds_nobody(why):
    make_owing(people=2)
    RoundEntry.objects.update(why_not_required=why)
    assert plan(now=STEP_DAY) == NOTHING


def test_a_round_that_has_not_opened_reminds_nobody():
    make_maker()
    make_round(due_on=DUE_ON, now=LONG_BEFORE, opened=False)
    assert plan(now=STEP_DAY) == NOTHING


# --- When -----------------------------------------------------------------------------------------------


def test_nobody_is_told_before_the_hour_of_the_day():
    make_owing()
    plan(now=STEP_DAY - 3 * DAY)
    assert plan(now=datetime(2026, 9, 28, 6, 59, 59, tzinfo=UTC)) == NOTHING
    assert plan(now=datetime(2026, 9, 28, 7, 0, tzinfo=UTC)) == PlanResult(reminders=1, messages=1)
    assert Reminder.objects.latest("pk").step == "2_days_before"


def test_everybody_climbs_the_whole_ladder(mailoutbox):
    """Planned and sent every hour from the opening to the end: who hears what, on which day."""
    casey = make_caseworker(email="casey@synergi.example")
    make_owing(people=2, label="Round 4")
    PledgeMaker.objects.update(caseworker=casey)
    forget_other_mail()
    leader, writer = (Membership.objects.get(role=role).user.email for role in (Role.LEADER, Role.COORDINATOR))
    heard: dict[str, list[str]] = {}
    now = LONG_BEFORE
    while now < STEP_DAY + 40 * DAY:
        plan(now=now)
        sending.send_due(now=now)
        for mail in mailoutbox:
            heard.setdefault(parseaddr(mail.to[0])[1], []).append(f"{now:%d %b %H}: {mail.subject.partition(',')[0]}")
        mailoutbox.clear()
        now += HOUR
    assert heard == {
        leader: [
            "03 Aug 09: Plan your progress update",
            "23 Sep 07: Check and sign your progress update by 30 September: Round 4",
            "28 Sep 07: Check and sign your progress update by 30 September: Round 4",
            "01 Oct 07: Check your progress update",
            "14 Oct 07: Help to send your progress update",
        ],
        writer: [
            "03 Aug 09: Write your progress update",
            "02 Sep 07: Send your progress update by 30 September: Round 4",
            "16 Sep 07: Send your progress update by 30 September: Round 4",
            "23 Sep 07: Send your progress update by 30 September: Round 4",
            "28 Sep 07: Send your progress update by 30 September: Round 4",
            "01 Oct 07: Send your progress update",
            "14 Oct 07: Send your progress update",
        ],
        casey.email: [f"14 Oct 07: Help {Membership.objects.first().pledge_maker.name} to send its update"],
    }


def test_a_second_run_plans_nothing():
    make_owing(people=3)
    plan(now=STEP_DAY)
    for later in (STEP_DAY, STEP_DAY + HOUR, STEP_DAY + DAY, STEP_DAY + 30 * DAY):
        assert plan(now=later) == NOTHING
    assert Reminder.objects.count() == 3


@pytest.mark.parametrize("down", [HOUR, 5 * HOUR, DAY, 2 * DAY])
def test_a_missed_time_is_caught_up(down, mailoutbox):
    make_owing(people=3)
    forget_other_mail()
    assert plan(now=STEP_DAY + down) == PlanResult(reminders=3, messages=3)
    assert sending.send_due(now=STEP_DAY + down) == 3


def test_after_three_days_down_over_a_weekend_one_message_goes(mailoutbox):
    make_owing(due_on=date(2026, 9, 29))  # Tuesday: the step fell on Friday
    forget_other_mail()
    monday = datetime(2026, 9, 28, 9, 0, tzinfo=UTC)
    assert plan(now=monday) == PlanResult(reminders=1, messages=1)
    assert sending.send_due(now=monday) == 1
    assert mailoutbox[0].subject.startswith("Check and sign your progress update by 29 September: ")


def test_after_thirty_days_down_nothing_stale_goes_and_the_next_round_gets_its_own(mailoutbox):
    make_owing(people=2)
    next_due = date(2026, 10, 30)
    make_round(label="Round 9", due_on=next_due, now=STEP_DAY)
    forget_other_mail()
    up_again = STEP_DAY + 30 * DAY
    assert plan(now=up_again) == PlanResult(reminders=2, messages=2)
    assert sending.send_due(now=up_again) == 2
    assert set(Reminder.objects.values_list("due_on", flat=True)) == {next_due}
    assert all("Round 9" in mail.subject for mail in mailoutbox)


def test_a_round_of_the_past_reminds_nobody():
    make_owing()
    Round.objects.update(is_past=True)
    assert plan(now=STEP_DAY) == NOTHING


@pytest.mark.parametrize("down", [7 * DAY, 10 * DAY])
def test_the_day_after_does_not_leave_a_week_later(down):
    make_owing(people=2)
    assert plan(now=datetime(2026, 10, 1, 9, 0, tzinfo=UTC) + down) == NOTHING


def test_a_run_in_the_evening_queues_for_the_morning(mailoutbox):
    make_owing()
    forget_other_mail()
    evening = datetime(2026, 9, 28, 20, 0, tzinfo=UTC)
    morning = datetime(2026, 9, 29, 7, 0, tzinfo=UTC)
    assert plan(now=evening) == PlanResult(reminders=1, messages=1)
    assert Message.objects.get().not_before == morning
    assert sending.send_due(now=evening + HOUR) == 0
    assert sending.send_due(now=morning) == 1


def test_a_run_on_the_last_evening_plans_nothing():
    """It could leave only when the day is over."""
    make_owing()
    assert plan(now=datetime(2026, 9, 30, 17, 30, tzinfo=UTC)) == NOTHING


# --- What it costs --------------------------------------------------------------------------------------


@pytest.mark.parametrize("people", [1, 25, 250])
def test_planning_takes_the_same_queries_for_any_number_of_people(people, django_assert_num_queries):
    make_owing(people=people)
    # Entries, members, who was told; then claim, read back, messages (write, read back), link,
    # and two savepoints of two statements each.
    with django_assert_num_queries(3 + 5 + 4):
        assert plan(now=STEP_DAY) == PlanResult(reminders=people, messages=people)
    with django_assert_num_queries(3):
        assert plan(now=STEP_DAY) == NOTHING


def test_looking_when_nothing_is_outstanding_takes_one_query(django_assert_num_queries):
    make_owing()
    RoundEntry.objects.update(received_at=STEP_DAY)
    with django_assert_num_queries(1):
        plan(now=STEP_DAY)


@pytest.mark.parametrize("people", [1, 3, 25])
def test_sending_takes_four_queries_a_reminder(people, django_assert_num_queries, mailoutbox):
    make_owing(people=people)
    forget_other_mail()
    plan(now=STEP_DAY)
    with django_assert_num_queries(1 + 4 * people):  # the page; then claim, look again (two), mark
        assert sending.send_due(now=STEP_DAY) == people


# --- How it is run --------------------------------------------------------------------------------------


def test_the_command_says_what_it_planned():
    make_owing(people=2)
    out = StringIO()
    call_command("plan_reminders", "--now", "2026-09-28T07:59", stdout=out)
    call_command("plan_reminders", "--now", "2026-09-28T08:00", stdout=out)
    call_command("plan_reminders", "--now", "2026-09-28T08:01", stdout=out)
    assert out.getvalue().splitlines() == [
        "Planned: 2 reminders in 2 messages, 0 people unreachable",
        "Planned: 2 reminders in 2 messages, 0 people unreachable",
        "Planned: 0 reminders in 0 messages, 0 people unreachable",
    ]


def test_the_task_plans_and_leaves_a_sign_of_life(time_machine):
    make_owing()
    time_machine.move_to(STEP_DAY)
    tasks.plan()
    tasks.plan()
    assert Reminder.objects.count() == 1
    assert heartbeat.age(name="reminders", now=STEP_DAY + HOUR) >= HOUR - timedelta(minutes=1)


# --- What must always hold ------------------------------------------------------------------------------


def test_nobody_is_reminded_twice_of_the_same():
    make_owing()
    plan(now=STEP_DAY)
    reminder = Reminder.objects.get()
    reminder.pk = None
    with pytest.raises(IntegrityError, match="one_reminder_a_person_entry_step_and_due_day"), transaction.atomic():
        reminder.save(force_insert=True)


def test_a_reminder_names_its_step():
    make_owing()
    plan(now=STEP_DAY)
    with pytest.raises(IntegrityError, match="reminder_names_its_step"), transaction.atomic():
        Reminder.objects.update(step="")


def test_all_states_of_messages_are_still_queued_after_planning():
    make_owing(people=2)
    plan(now=STEP_DAY)
    assert set(Message.objects.filter(kind="reminder").values_list("state", flat=True)) == {State.QUEUED}
