"""Planning: everybody who is owed a reminder gets one message, once."""

from datetime import UTC, date, datetime, timedelta
from email.utils import parseaddr
from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import resolve

from accounts.models import User
from jobs import heartbeat
from mail import sending
from mail.models import Message, State
from progress_updates import extensions
from progress_updates.models import Round, RoundEntry, WhyNotRequired
from progress_updates.models import State as UpdateState
from reminders import tasks
from reminders.looking_again import NO_LONGER_OWED
from reminders.models import Reminder
from reminders.plan import PlanResult, plan
from signatories.models import Membership, PledgeMaker, Role
from tests.factories.accounts import make_caseworker, make_publisher
from tests.factories.progress_updates import leader_of, make_round, make_update, take, writer_of
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


# --- When -----------------------------------------------------------------------------------------


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


# --- More time ------------------------------------------------------------------------------------


def extend(due_on: date, now: datetime) -> None:
    round_ = Round.objects.get()
    entries = list(round_.entries.all())
    extensions.grant(round_=round_, entries=entries, due_on=due_on, reason="An outage", by=make_caseworker(), now=now)
    forget_other_mail()


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


# --- Sent in, and recalled ------------------------------------------------------------------------


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


# --- The team -------------------------------------------------------------------------------------

ESCALATION = datetime(2026, 10, 14, 8, 0, tzinfo=UTC)


def of_the_team() -> list[tuple[str, str]]:
    rows = Reminder.objects.exclude(user__synergi_role="").order_by("user__email", "entry__pledge_maker__name")
    return list(rows.values_list("user__email", "entry__pledge_maker__name"))


def test_after_fourteen_days_whoever_looks_after_them_is_told_in_one_mail(mailoutbox):
    casey, other = make_caseworker(email="casey@synergi.example"), make_publisher(email="pat@synergi.example")
    makers = [make_maker(name=name) for name in ("Ashford", "Brookvale", "Coldwater")]
    PledgeMaker.objects.filter(pk__in=[makers[0].pk, makers[1].pk]).update(caseworker=casey)
    PledgeMaker.objects.filter(pk=makers[2].pk).update(caseworker=other)
    make_round(label="Round 4", due_on=DUE_ON, now=LONG_BEFORE)
    forget_other_mail()
    assert plan(now=ESCALATION) == PlanResult(reminders=6, messages=5)
    assert of_the_team() == [(casey.email, "Ashford"), (casey.email, "Brookvale"), (other.email, "Coldwater")]
    assert sending.send_due(now=ESCALATION) == 5
    [mail] = [mail for mail in mailoutbox if casey.email in mail.to[0]]
    assert mail.subject == "Help 2 Pledge Makers to send their updates, due on 30 September"
    assert mail.body.startswith(
        "You belong to the Synergi team. It is two weeks since these 2 progress updates were due, and we have not "
        "received them.\n"
        "\n"
        "- Ashford: Round 4, due on Wednesday 30 September 2026. There is no draft yet.\n"
        "- Brookvale: Round 4, due on Wednesday 30 September 2026. There is no draft yet.\n"
        "\n"
        "Where mail reaches somebody, they are told today as well. A call often helps more than a further mail.\n"
        "\n"
        "Open the staff pages:\n"
        "http://127.0.0.1:8000/staff/rounds/round-4/\n"
        "\n"
        "You receive this message because you look after them.\n"
    )


def test_where_nobody_looks_after_a_pledge_maker_all_who_review_are_told():
    people = [make_caseworker(email="casey@synergi.example"), make_publisher(email="pat@synergi.example")]
    gone = make_caseworker(email="gone@synergi.example")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    PledgeMaker.objects.filter(pk=make_maker(name="Ashford").pk).update(caseworker=gone)
    make_round(due_on=DUE_ON, now=LONG_BEFORE, by=people[0])
    plan(now=ESCALATION)
    team = {email for email, _name in of_the_team()}
    assert {"casey@synergi.example", "pat@synergi.example"} <= team
    assert gone.email not in team


def test_the_team_is_told_after_the_close_too_and_nobody_else():
    make_caseworker()
    make_owing()
    Round.objects.update(closes_at=F("due_at"))
    assert plan(now=ESCALATION).reminders > 0
    assert set(Reminder.objects.values_list("step", flat=True)) == {"14_days_after_team"}


def test_nobody_reachable_is_told_to_the_team_once_a_round(mailoutbox):
    casey = make_caseworker(email="casey@synergi.example")
    make_maker(name="Brookvale")
    maker = make_maker(name="Ashford")
    PledgeMaker.objects.update(caseworker=casey)
    make_round(label="Round 4", due_on=DUE_ON, now=LONG_BEFORE)
    plan(now=LONG_BEFORE + HOUR)
    forget_other_mail()
    sending.send_due(now=LONG_BEFORE + HOUR)
    mailoutbox.clear()
    Membership.objects.filter(pledge_maker=maker).update(ended_at=LONG_BEFORE + HOUR)
    assert plan(now=LONG_BEFORE + DAY) == PlanResult(reminders=1, messages=1)
    extend(date(2026, 10, 9), LONG_BEFORE + 2 * DAY)
    assert plan(now=LONG_BEFORE + 3 * DAY) == NOTHING
    assert sending.send_due(now=LONG_BEFORE + 3 * DAY) == 0


def test_the_alarm_says_whom_nobody_reaches(mailoutbox):
    make_caseworker(email="casey@synergi.example")
    Membership.objects.filter(pledge_maker=make_maker(name="Ashford")).update(ended_at=LONG_BEFORE)
    make_round(label="Round 4", due_on=DUE_ON, now=LONG_BEFORE, by=User.objects.get(email="casey@synergi.example"))
    forget_other_mail()
    plan(now=LONG_BEFORE + HOUR)
    sending.send_due(now=LONG_BEFORE + HOUR)
    mail = next(mail for mail in mailoutbox if "casey@synergi.example" in mail.to[0])
    assert mail.subject == "Find somebody at Ashford who can be reached: due 30 September"
    assert mail.body.startswith(
        "You belong to the Synergi team. No mail reaches anybody of this Pledge Maker, so nobody there hears of its "
        "deadline.\n"
        "\n"
        "- Ashford: Round 4, due on Wednesday 30 September 2026.\n"
        "\n"
        "Find out who is there now, and invite a leader.\n"
        "\n"
        "Open the staff pages:\n"
        "http://127.0.0.1:8000/staff/rounds/round-4/\n"
    )


def test_a_late_pledge_maker_out_of_reach_stands_once_in_the_mail(mailoutbox):
    casey = make_caseworker(email="casey@synergi.example")
    for name in ("Ashford", "Brookvale"):
        make_maker(name=name)
    PledgeMaker.objects.update(caseworker=casey)
    Membership.objects.filter(pledge_maker__name="Ashford").update(ended_at=LONG_BEFORE)
    make_round(label="Round 4", due_on=DUE_ON, now=LONG_BEFORE)
    forget_other_mail()
    assert plan(now=ESCALATION) == PlanResult(reminders=4, messages=2)
    sending.send_due(now=ESCALATION)
    [mail] = [mail for mail in mailoutbox if casey.email in mail.to[0]]
    assert "- Ashford: Round 4, due on Wednesday 30 September 2026. No mail reaches anybody there.\n" in mail.body
    assert mail.body.count("Ashford") == 1


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


def test_looking_when_nothing_is_outstanding_takes_one_query(django_assert_num_queries):
    make_owing()
    RoundEntry.objects.update(received_at=STEP_DAY)
    with django_assert_num_queries(1):
        plan(now=STEP_DAY)


@pytest.mark.parametrize("people", [1, 25, 250])
def test_telling_the_team_takes_no_more(people, django_assert_num_queries):
    """Leaders, writers and the team on one day; what the mail holds is in the entries already."""
    make_caseworker()
    make_owing(people=people)
    with django_assert_num_queries(3 + 5 + 4):
        plan(now=ESCALATION)
    with django_assert_num_queries(3):
        assert plan(now=ESCALATION) == NOTHING


@pytest.mark.parametrize("people", [1, 3, 25])
def test_sending_takes_four_queries_a_reminder(people, django_assert_num_queries, mailoutbox):
    make_owing(people=people)
    forget_other_mail()
    plan(now=STEP_DAY)
    with django_assert_num_queries(1 + 4 * people):  # the page; then claim, look again (two), mark
        assert sending.send_due(now=STEP_DAY) == people


# --- How it is run --------------------------------------------------------------------------------


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
