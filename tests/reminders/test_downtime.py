"""The scheduler was away: one right message a person, nothing stale, nothing outside the hours; and many schedulers."""

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from email.utils import parseaddr
from zoneinfo import ZoneInfo

import pytest

from mail import sending
from mail.models import Message
from reminders.ladder import LADDER, Dates, climb
from reminders.models import Reminder
from reminders.plan import PlanResult, plan
from signatories.models import PledgeMaker
from tests.factories.accounts import make_caseworker
from tests.factories.reminders import DUE_ON, LONG_BEFORE, make_owing

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PEOPLE = 5
DUE = datetime(2026, 9, 30, 22, 59, 59, tzinfo=UTC)
FALLS = {step.name: at for at, step in climb(Dates(LONG_BEFORE, DUE, DUE + 30 * DAY))}
MEMBERS = [step.name for step in LADDER if not step.is_for_staff]


@pytest.fixture
def _people_who_owe() -> None:
    """A leader and four others, and one member of the team who looks after them."""
    casey = make_caseworker()
    make_owing(people=PEOPLE, label="Round 4")
    PledgeMaker.objects.update(caseworker=casey)
    Message.objects.all().delete()


def right_step(now: datetime) -> str:
    """What a coordinator should hear at `now`, worked out the long way from the table."""
    come = [name for name in MEMBERS if FALLS[name] <= now]
    if not come:
        return ""
    name = come[-1]
    if name in ("day_after", "14_days_after"):
        return name if now < FALLS[name] + 7 * DAY else ""
    return name if now <= DUE else ""


def in_hours(now: datetime) -> datetime:
    """Ten in the morning of the day on which the scheduler is back."""
    return datetime.combine(now.astimezone(LONDON).date(), datetime.min.time().replace(hour=10), tzinfo=LONDON)


@pytest.mark.usefixtures("_people_who_owe")
@pytest.mark.parametrize("down", [HOUR, 3 * DAY, 30 * DAY], ids=["1 hour", "3 days", "30 days"])
@pytest.mark.parametrize("step", MEMBERS)
def test_after_downtime_at_any_step_each_gets_the_one_right_message(step, down, mailoutbox):
    back = FALLS[step] + down if down == HOUR else in_hours(FALLS[step] + down)
    plan(now=back)
    sending.send_due(now=back)
    wanted = right_step(back)
    told = Counter(Reminder.objects.exclude(step__in=["14_days_after_team"]).values_list("step", flat=True))
    assert set(told) <= {wanted}
    writers = Counter(r.user_id for r in Reminder.objects.filter(user__memberships__role__in=["coordinator"]))
    assert set(writers.values()) == ({1} if wanted else set())
    assert set(Counter(parseaddr(mail.to[0])[1] for mail in mailoutbox).values()) <= {1}
    assert plan(now=back) == PlanResult()
    assert sending.send_due(now=back) == 0


@pytest.mark.usefixtures("_people_who_owe")
@pytest.mark.parametrize("hour", [0, 3, 7, 18, 21, 23])
@pytest.mark.parametrize("step", ["28_days_before", "2_days_before", "day_after", "14_days_after"])
def test_back_in_the_night_nothing_leaves_before_eight(step, hour, mailoutbox):
    night = FALLS[step].astimezone(LONDON).replace(hour=hour) + DAY
    plan(now=night)
    assert sending.send_due(now=night) == 0
    morning = (night + (DAY if hour >= 18 else 0 * DAY)).replace(hour=8, minute=0)
    assert set(Message.objects.values_list("not_before", flat=True)) == {morning}
    plan(now=morning)
    assert sending.send_due(now=morning) > 0
    assert set(Counter(parseaddr(mail.to[0])[1] for mail in mailoutbox).values()) == {1}


@pytest.mark.usefixtures("_people_who_owe")
def test_mail_that_waited_while_workers_were_away_is_replaced_by_the_right_one(mailoutbox):
    """Planned every day, sent by nobody from the opening until the day after it was due."""
    now = LONG_BEFORE
    while now < FALLS["day_after"]:
        plan(now=now)
        now += DAY
    back = in_hours(FALLS["day_after"])
    plan(now=back)
    sending.send_due(now=back)
    assert Counter(parseaddr(mail.to[0])[1] for mail in mailoutbox).most_common(1)[0][1] == 1
    assert len(mailoutbox) == PEOPLE
    assert all(re.search(r"due on 30 September: Round 4$", mail.subject) for mail in mailoutbox)


@pytest.mark.parametrize("due_on", [date(2026, 3, 31), date(2026, 10, 27), date(2027, 3, 30), date(2027, 11, 2)])
def test_over_both_clock_changes_mail_leaves_at_eight_in_london(due_on, mailoutbox):
    """Two days before is a Sunday on which the clocks change, or the Friday before it."""
    make_owing(due_on=due_on)
    Message.objects.all().delete()
    dates = Dates(
        LONG_BEFORE, datetime.combine(due_on, datetime.min.time(), tzinfo=LONDON) + 23 * HOUR, DUE + 999 * DAY
    )
    for at, step in climb(dates):
        if step.name in ("2_days_before", "day_after"):
            before = Reminder.objects.filter(step=step.name).count()
            plan(now=at.astimezone(UTC) - timedelta(seconds=1))
            assert Reminder.objects.filter(step=step.name).count() == before
            plan(now=at.astimezone(UTC))
            assert Reminder.objects.filter(step=step.name).count() == before + 1
            assert at.astimezone(LONDON).hour == 8


@pytest.mark.usefixtures("_people_who_owe")
def test_several_schedulers_that_disagree_about_the_time_by_seconds_tell_everybody_once(mailoutbox):
    at = FALLS["2_days_before"]
    plan(now=FALLS["7_days_before"])
    results = [plan(now=at + timedelta(seconds=seconds)) for seconds in (-2, 1, -1, 0, 30, 2)]
    assert sum(result.reminders for result in results) == PEOPLE
    assert Reminder.objects.filter(step="2_days_before", due_on=DUE_ON).count() == PEOPLE
