"""The ladder of reminders, as data, and what follows from dates alone.

Every day here is a day in London. Steps are calendar days before the due day (negative: after it). A step that
falls on a weekend or bank holiday moves back when it comes before the due day, forward when it comes after.
Nothing leaves outside 08:00 to 18:00.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from reminders.bank_holidays import BANK_HOLIDAYS
from signatories.models import Role

LONDON = ZoneInfo("Europe/London")
# Nothing leaves before the first, nor at or after the second.
FROM, UNTIL = time(8), time(18)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
WRITERS = (Role.COORDINATOR, Role.CONTRIBUTOR)


@dataclass(frozen=True)
class Step:
    """One rung. `roles`: who hears of it; `template`: the words, in templates/mail/."""

    name: str
    days_before: int
    roles: tuple[Role, ...]
    template: str

    @property
    def is_before_due(self) -> bool:
        return self.days_before >= 0


# In the order in which they fall.
LADDER: tuple[Step, ...] = (Step("two_days_before", 2, (*WRITERS, Role.LEADER), "reminder_before_due"),)
ROLES = tuple(sorted({role for step in LADDER for role in step.roles}))


def london_day(instant: datetime) -> date:
    return instant.astimezone(LONDON).date()


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in BANK_HOLIDAYS


def day_of(step: Step, due_on: date) -> date:
    """The working day on which the step falls."""
    day = due_on - step.days_before * DAY
    while not is_working_day(day):
        day += -DAY if step.is_before_due else DAY
    return day


def falls_at(step: Step, due_on: date) -> datetime:
    """The instant from which the step is owed: 08:00 in London on its day."""
    return datetime.combine(day_of(step, due_on), FROM, tzinfo=LONDON)


def next_sending_time(now: datetime) -> datetime:
    """`now` if mail may leave now, else the next 08:00 in London."""
    local = now.astimezone(LONDON)
    if FROM <= local.time() < UNTIL:
        return now
    day = local.date() if local.time() < FROM else local.date() + DAY
    return datetime.combine(day, FROM, tzinfo=LONDON)


def step_owed(*, due: datetime, role: str, now: datetime, ladder: Sequence[Step] = LADDER) -> Step | None:
    """The one step that this role is owed now: the latest that has come; those before it are superseded.

    None before the first step, and when a step that comes before the due instant could only leave after it."""
    due_on = london_day(due)
    come = [step for step in ladder if role in step.roles and falls_at(step, due_on) <= now]
    if not come or (come[-1].is_before_due and next_sending_time(now) > due):
        return None
    return come[-1]


def window(now: datetime, ladder: Sequence[Step] = LADDER) -> tuple[datetime, datetime]:
    """The due instants that can owe a step now lie between these two; a step is moved by less than a week."""
    days = [step.days_before for step in ladder]
    return now + min(days) * DAY - WEEK, now + max(days) * DAY + WEEK
