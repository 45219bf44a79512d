"""Planning: everybody who is owed a reminder gets one message, once."""

from datetime import UTC, date, datetime, timedelta
from email.utils import parseaddr
from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import resolve

from accounts.models import User
from jobs import heartbeat
from mail import sending
from mail.models import Message, State
from progress_updates.models import RoundEntry, WhyNotRequired
from progress_updates.models import State as UpdateState
from reminders import tasks
from reminders.models import Reminder
from reminders.plan import PlanResult, plan
from signatories.models import Membership, Role
from tests.factories.progress_updates import make_round, make_update
from tests.factories.reminders import DUE_ON, LONG_BEFORE, STEP_DAY, entry_of, make_maker, make_owing
from tests.factories.signatories import make_member

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOTHING = PlanResult()


def recipients(mailoutbox) -> list[str]:
    return sorted(parseaddr(mail.to[0])[1] for mail in mailoutbox)


def forget_other_mail() -> None:
    """What invitations and Statements mailed on the way here is none of these tests' business."""
    Message.objects.exclude(kind="reminder").delete()


# --- Who is told ----------------------------------------------------------------------------------


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
        assert (reminder.step, reminder.due_on, reminder.planned_at) == ("two_days_before", DUE_ON, STEP_DAY)


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
    assert plan(now=STEP_DAY) == NOTHING


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


# --- When -----------------------------------------------------------------------------------------


def test_nobody_is_told_before_the_day():
    make_owing()
    assert plan(now=datetime(2026, 9, 28, 6, 59, 59, tzinfo=UTC)) == NOTHING
    assert plan(now=datetime(2026, 9, 28, 7, 0, tzinfo=UTC)) == PlanResult(reminders=1, messages=1)


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


def test_after_the_due_day_nothing_is_planned():
    make_owing()
    assert plan(now=datetime(2026, 10, 1, 9, 0, tzinfo=UTC)) == NOTHING


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


def test_an_extension_brings_a_new_reminder():
    make_owing()
    plan(now=STEP_DAY)
    RoundEntry.objects.update(extended_to=datetime(2026, 10, 14, 22, 59, 59, tzinfo=UTC))
    assert plan(now=STEP_DAY + DAY) == NOTHING
    assert plan(now=datetime(2026, 10, 12, 9, 0, tzinfo=UTC)) == PlanResult(reminders=1, messages=1)
    assert list(Reminder.objects.order_by("due_on").values_list("due_on", flat=True)) == [
        DUE_ON,
        date(2026, 10, 14),
    ]


# --- One message a person -------------------------------------------------------------------------


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


# --- What it costs --------------------------------------------------------------------------------


@pytest.mark.parametrize("people", [1, 25, 250])
def test_planning_takes_the_same_queries_for_any_number_of_people(people, django_assert_num_queries):
    make_owing(people=people)
    # Entries, members, who was told; then claim, read back, messages (write, read back), link,
    # and two savepoints of two statements each.
    with django_assert_num_queries(3 + 5 + 4):
        assert plan(now=STEP_DAY) == PlanResult(reminders=people, messages=people)
    with django_assert_num_queries(3):
        assert plan(now=STEP_DAY) == NOTHING


def test_looking_when_no_round_is_near_takes_one_query(django_assert_num_queries):
    make_owing()
    with django_assert_num_queries(1):
        plan(now=LONG_BEFORE)


@pytest.mark.parametrize("people", [1, 3, 25])
def test_sending_takes_three_queries_a_reminder(people, django_assert_num_queries, mailoutbox):
    make_owing(people=people)
    forget_other_mail()
    plan(now=STEP_DAY)
    with django_assert_num_queries(1 + 3 * people):  # the page; then claim, look again, mark
        assert sending.send_due(now=STEP_DAY) == people


# --- How it is run --------------------------------------------------------------------------------


def test_the_command_says_what_it_planned():
    make_owing(people=2)
    out = StringIO()
    call_command("plan_reminders", "--now", "2026-09-28T07:59", stdout=out)
    call_command("plan_reminders", "--now", "2026-09-28T08:00", stdout=out)
    call_command("plan_reminders", "--now", "2026-09-28T08:01", stdout=out)
    assert out.getvalue().splitlines() == [
        "Planned: 0 reminders in 0 messages, 0 people unreachable",
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


# --- What must always hold ------------------------------------------------------------------------


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
