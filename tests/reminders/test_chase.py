"""Reminding in bulk: who is chosen, what they read, five minutes to cancel, and a last look before it leaves."""

from datetime import UTC, date, datetime, timedelta
from email.utils import parseaddr

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.models import AuditEvent, User
from mail import sending
from mail.models import ErrorClass, Message, State
from progress_updates.models import Round, RoundEntry
from progress_updates.models import State as UpdateState
from reminders import chase as chasing
from reminders.chase import ChaseRefused, ListChanged, Preview
from reminders.models import Chase, Reminder
from reminders.plan import PlanResult, plan
from signatories.models import Membership, PledgeMaker, Role
from tests.factories.accounts import make_caseworker, make_user
from tests.factories.progress_updates import make_round, make_update
from tests.factories.reminders import DUE_ON, LONG_BEFORE, STEP_DAY, entry_of, make_maker
from tests.factories.signatories import make_member

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# The day of a step for leaders and writers, in working hours.
NOW = STEP_DAY - 5 * DAY


@pytest.fixture
def casey() -> User:
    return make_caseworker(name="Casey Worker")


@pytest.fixture
def round_() -> Round:
    """Ashford with a leader and a coordinator, Brookvale with a leader."""
    make_maker(name="Ashford", members=1)
    make_maker(name="Brookvale")
    found = make_round(label="Round 4", due_on=DUE_ON, now=LONG_BEFORE)
    Message.objects.all().delete()
    return found


def everybody() -> list[int]:
    return list(RoundEntry.objects.values_list("pk", flat=True))


def look(round_: Round, now: datetime = NOW) -> Preview:
    return chasing.preview(round_=round_, entries=everybody(), now=now)


def start(round_: Round, by: User, now: datetime = NOW, sentence: str = "") -> Chase:
    seen = look(round_, now).fingerprint
    return chasing.start(round_=round_, entries=everybody(), sentence=sentence, seen=seen, by=by, now=now)


def numbers(found: Preview) -> tuple[int, ...]:
    return len(found.people), found.makers, len(found.in_peace), len(found.refused), len(found.unreachable)


# --- Who would be mailed --------------------------------------------------------------------------


def test_people_and_pledge_makers_are_counted_apart(round_):
    assert numbers(look(round_)) == (3, 2, 0, 0, 0)


def test_only_what_was_ticked_is_reminded(round_):
    brookvale = RoundEntry.objects.get(pledge_maker__name="Brookvale")
    assert numbers(chasing.preview(round_=round_, entries=[brookvale.pk], now=NOW)) == (1, 1, 0, 0, 0)


def test_who_was_reminded_in_the_last_48_hours_is_left_in_peace(round_, mailoutbox):
    plan(now=NOW)
    sending.send_due(now=NOW)
    assert numbers(look(round_, NOW + 48 * HOUR - MINUTE)) == (0, 0, 3, 0, 0)
    assert numbers(look(round_, NOW + 48 * HOUR + MINUTE)) == (3, 2, 0, 0, 0)


def test_who_is_about_to_be_reminded_is_left_in_peace(round_):
    plan(now=NOW)
    assert numbers(look(round_)) == (0, 0, 3, 0, 0)


def test_a_reminder_that_was_not_sent_after_all_keeps_nobody_in_peace(round_):
    plan(now=NOW)
    Reminder.objects.update(skipped="no_longer_owed")
    assert numbers(look(round_)) == (3, 2, 0, 0, 0)


def test_readers_and_those_who_left_are_not_counted(round_):
    make_member(pledge_maker=PledgeMaker.objects.get(name="Ashford"), role=Role.READER, now=LONG_BEFORE)
    Membership.objects.filter(role=Role.COORDINATOR).update(ended_at=NOW)
    assert numbers(look(round_)) == (2, 2, 0, 0, 0)


def test_where_mail_comes_back_it_is_said(round_):
    leader = Membership.objects.get(pledge_maker__name="Brookvale").user
    Message.objects.create(
        to=leader.email,
        kind="x",
        subject="x",
        message_id="<x@x>",
        state=State.FAILED,
        error_class=ErrorClass.PERMANENT,
        error="550",
        created_at=NOW - DAY,
        next_attempt_at=NOW - DAY,
    )
    found = look(round_)
    assert numbers(found) == (2, 1, 0, 1, 1)
    assert [entry.pledge_maker.name for entry in found.unreachable] == ["Brookvale"]


def test_who_sent_their_update_or_owes_none_cannot_be_reminded(round_):
    make_update(entry=entry_of(PledgeMaker.objects.get(name="Ashford")), state=UpdateState.SUBMITTED, now=NOW - DAY)
    RoundEntry.objects.filter(pledge_maker__name="Brookvale").update(why_not_required="covered")
    assert list(chasing.candidates(round_, NOW)) == []


def test_after_the_close_only_those_with_more_time_can_be_reminded(round_):
    closed = round_.closes_at + DAY
    RoundEntry.objects.filter(pledge_maker__name="Brookvale").update(extended_to=closed + DAY)
    assert [entry.pledge_maker.name for entry in chasing.candidates(round_, closed)] == ["Brookvale"]


@pytest.mark.parametrize("people", [1, 25])
def test_a_preview_takes_the_same_queries_for_any_number(people, django_assert_num_queries):
    for number in range(people):
        make_maker(name=f"Maker {number}", members=1)
    round_ = make_round(due_on=DUE_ON, now=LONG_BEFORE)
    entries = everybody()
    with django_assert_num_queries(3):
        assert len(chasing.preview(round_=round_, entries=entries, now=NOW).people) == 2 * people


# --- Started, cancelled, sent ---------------------------------------------------------------------


def test_one_mail_a_person_leaves_after_five_minutes(round_, casey, mailoutbox):
    chase = start(round_, casey)
    assert chase.goes_at == NOW + 5 * MINUTE
    assert sending.send_due(now=NOW + 4 * MINUTE) == 0
    assert sending.send_due(now=NOW + 5 * MINUTE) == 3
    people = Membership.objects.exclude(role=Role.READER).values_list("user__email", flat=True)
    assert sorted(parseaddr(mail.to[0])[1] for mail in mailoutbox) == sorted(people)


def test_it_is_audited_with_its_numbers(round_, casey):
    chase = start(round_, casey)
    event = AuditEvent.objects.get(action="reminders.chase_started")
    assert (event.by, event.at, event.about_id) == (casey, NOW, round_.pk)
    assert event.detail == {"chase": chase.pk, "people": 3, "pledge_makers": 2}


def test_a_sentence_stands_under_the_name_of_who_wrote_it(round_, casey, mailoutbox):
    start(round_, casey, sentence="We can help on Thursday.")
    sending.send_due(now=NOW + 5 * MINUTE)
    coordinator = Membership.objects.get(role=Role.COORDINATOR).user.email
    [mail] = [mail for mail in mailoutbox if coordinator in mail.to[0]]
    assert mail.subject == "Send your progress update by 30 September: Round 4"
    assert mail.body.startswith(
        "You are a coordinator of Ashford. Its progress update for Round 4 is due by the end of Wednesday "
        "30 September 2026, and we have not received it yet.\n"
        "\n"
        "Casey Worker of the Synergi team adds:\n"
        "\n"
        "“We can help on Thursday.”\n"
        "\n"
        "It is sent when a leader signs it. If something is in the way, tell the Synergi team.\n"
        "\n"
        "Open the progress update:\n"
    )


def test_after_the_due_day_the_words_say_so(round_, casey, mailoutbox):
    late = STEP_DAY + 5 * DAY
    start(round_, casey, now=late)
    sending.send_due(now=late + 5 * MINUTE)
    assert {mail.subject for mail in mailoutbox} == {"Send your progress update, due on 30 September: Round 4"}


def test_a_person_of_two_pledge_makers_gets_one_mail(casey, mailoutbox):
    for name in ("Ashford", "Brookvale"):
        make_member(pledge_maker=make_maker(name=name), email="ada@northtown.example", now=LONG_BEFORE)
    round_ = make_round(label="Round 4", due_on=DUE_ON, now=LONG_BEFORE)
    Message.objects.all().delete()
    start(round_, casey)
    sending.send_due(now=NOW + 5 * MINUTE)
    [mail] = [mail for mail in mailoutbox if "ada@northtown.example" in mail.to[0]]
    assert "- Ashford: due by the end of Wednesday 30 September 2026.\n- Brookvale: due" in mail.body


def test_cancelled_in_time_nothing_leaves(round_, casey, mailoutbox):
    chase = start(round_, casey)
    assert chasing.cancel(chase=chase, by=casey, now=NOW + 5 * MINUTE - timedelta(seconds=1))
    assert sending.send_due(now=NOW + 5 * MINUTE) == 0
    assert mailoutbox == []
    assert set(Message.objects.values_list("state", flat=True)) == {State.SKIPPED}
    assert AuditEvent.objects.get(action="reminders.chase_cancelled").by == casey


def test_too_late_or_a_second_time_nothing_is_cancelled(round_, casey):
    chase = start(round_, casey)
    assert not chasing.cancel(chase=chase, by=casey, now=chase.goes_at)
    assert chasing.cancel(chase=chase, by=casey, now=NOW + MINUTE)
    assert not chasing.cancel(chase=chase, by=casey, now=NOW + 2 * MINUTE)
    assert AuditEvent.objects.filter(action="reminders.chase_cancelled").count() == 1


def test_after_a_cancelled_one_everybody_can_be_reminded_again(round_, casey):
    chasing.cancel(chase=start(round_, casey), by=casey, now=NOW + MINUTE)
    assert numbers(look(round_, NOW + MINUTE)) == (3, 2, 0, 0, 0)
    assert start(round_, casey, now=NOW + MINUTE).reminders.count() == 3


def test_a_cancelled_one_does_not_keep_the_ladder_from_its_step(round_, casey):
    before = datetime(2026, 9, 23, 6, 0, tzinfo=UTC)
    chasing.cancel(chase=start(round_, casey, now=before), by=casey, now=before + MINUTE)
    assert plan(now=before + 2 * HOUR) == PlanResult(reminders=3, messages=3)


def test_one_that_leaves_when_a_step_falls_keeps_the_ladder_from_it(round_, casey):
    """It was planned an hour before the step, and is in everybody's hands the minute the step falls."""
    start(round_, casey, now=datetime(2026, 9, 23, 6, 0, tzinfo=UTC))
    assert plan(now=datetime(2026, 9, 23, 8, 0, tzinfo=UTC)) == PlanResult()


@pytest.mark.parametrize(
    ("now", "goes_at"),
    [
        (datetime(2026, 9, 21, 16, 54, tzinfo=UTC), datetime(2026, 9, 21, 16, 59, tzinfo=UTC)),
        (datetime(2026, 9, 21, 16, 55, tzinfo=UTC), datetime(2026, 9, 22, 7, 0, tzinfo=UTC)),
        (datetime(2026, 9, 21, 22, 0, tzinfo=UTC), datetime(2026, 9, 22, 7, 0, tzinfo=UTC)),
        (datetime(2026, 9, 21, 6, 56, tzinfo=UTC), datetime(2026, 9, 21, 7, 1, tzinfo=UTC)),
    ],
)
def test_it_never_leaves_outside_the_hours(round_, casey, now, goes_at):
    assert start(round_, casey, now=now).goes_at == goes_at


def test_workers_down_until_the_evening_wait_for_the_morning(round_, casey, mailoutbox):
    start(round_, casey)
    assert sending.send_due(now=datetime(2026, 9, 23, 17, 0, tzinfo=UTC)) == 0
    assert sending.send_due(now=datetime(2026, 9, 24, 7, 0, tzinfo=UTC)) == 3


def test_who_sends_meanwhile_is_not_mailed(round_, casey, mailoutbox):
    start(round_, casey)
    RoundEntry.objects.filter(pledge_maker__name="Ashford").update(received_at=NOW + MINUTE)
    assert sending.send_due(now=NOW + 5 * MINUTE) == 1
    assert Reminder.objects.filter(skipped="no_longer_owed").count() == 2


def test_who_owes_only_one_of_two_by_then_gets_new_words(casey, mailoutbox):
    for name in ("Ashford", "Brookvale"):
        make_member(pledge_maker=make_maker(name=name), email="ada@northtown.example", now=LONG_BEFORE)
    round_ = make_round(label="Round 4", due_on=DUE_ON, now=LONG_BEFORE)
    Message.objects.all().delete()
    start(round_, casey, sentence="We can help.")
    RoundEntry.objects.filter(pledge_maker__name="Ashford").update(received_at=NOW + MINUTE)
    sending.send_due(now=NOW + 5 * MINUTE)
    [mail] = [mail for mail in mailoutbox if "ada@northtown.example" in mail.to[0]]
    assert mail.body.startswith("You are a coordinator of Brookvale.")
    assert "“We can help.”" in mail.body


def test_somebody_who_left_meanwhile_is_not_mailed(round_, casey, mailoutbox):
    start(round_, casey)
    Membership.objects.filter(pledge_maker__name="Ashford").update(ended_at=NOW)
    assert sending.send_due(now=NOW + 5 * MINUTE) == 1


# --- Refused --------------------------------------------------------------------------------------


def test_when_somebody_sent_since_the_preview_nothing_is_queued(round_, casey):
    seen = look(round_).fingerprint
    RoundEntry.objects.filter(pledge_maker__name="Ashford").update(received_at=NOW)
    with pytest.raises(ListChanged, match="has changed since you looked"):
        chasing.start(round_=round_, entries=everybody(), sentence="", seen=seen, by=casey, now=NOW)
    assert Chase.objects.count() == Message.objects.count() == 0


def test_a_second_press_finds_everybody_reminded(round_, casey):
    seen = look(round_).fingerprint
    start(round_, casey)
    with pytest.raises(ChaseRefused, match="nobody to remind"):
        chasing.start(round_=round_, entries=everybody(), sentence="", seen=seen, by=casey, now=NOW)
    assert Chase.objects.count() == 1


def test_nobody_but_the_team_may_start_or_cancel(round_, casey):
    stranger = make_user()
    with pytest.raises(PermissionDenied):
        start(round_, stranger)
    chase = start(round_, casey)
    with pytest.raises(PermissionDenied):
        chasing.cancel(chase=chase, by=stranger, now=NOW)


# --- What must always hold ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("chase_leaves_time_to_cancel", {"goes_at": NOW}),
        ("chase_cancelled_by_somebody_in_time", {"cancelled_at": NOW}),
        ("chase_cancelled_by_somebody_in_time", {"cancelled_at": NOW + DAY, "cancelled_by": "casey"}),
    ],
)
def test_the_database_refuses_an_impossible_chase(round_, casey, constraint, changes):
    start(round_, casey)
    changes = {name: casey if value == "casey" else value for name, value in changes.items()}
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Chase.objects.update(**changes)


def test_nobody_is_chased_twice_about_the_same(round_, casey):
    start(round_, casey)
    row = Reminder.objects.first()
    row.pk = None
    row.due_on = date(2026, 12, 1)
    with pytest.raises(IntegrityError, match="one_reminder_a_chase_person_and_entry"), transaction.atomic():
        row.save(force_insert=True)


def test_only_a_reminder_of_a_chase_says_so(round_, casey):
    start(round_, casey)
    with pytest.raises(IntegrityError, match="reminder_of_a_chase_says_so"), transaction.atomic():
        Reminder.objects.update(chase=None)
    with pytest.raises(IntegrityError, match="reminder_of_a_chase_says_so"), transaction.atomic():
        Reminder.objects.update(step="opening")
