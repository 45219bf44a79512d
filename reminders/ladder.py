"""The ladder of reminders, as data, and what follows from dates alone.

Every day here is a day in London. Steps are calendar days from the opening of the round or from the due day. A step
that falls on a weekend or bank holiday moves back when it comes before the due day, forward when it comes after, or
with the opening. Nothing leaves outside 08:00 to 18:00. `manage.py ladder` prints this table as docs/reminders.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reminders.bank_holidays import BANK_HOLIDAYS
from signatories.models import Role

LONDON = ZoneInfo("Europe/London")
# Nothing leaves before the first, nor at or after the second.
FROM, UNTIL = time(8), time(18)
DAY, WEEK = timedelta(days=1), timedelta(days=7)


class Anchor(StrEnum):
    """The day from which a step counts."""

    OPENING = "opening"
    DUE = "due"


class Audience(StrEnum):
    """Who is spoken to, and so in which words. Writers are coordinators and contributors."""

    WRITERS = "writers"
    LEADERS = "leaders"
    STAFF = "staff"


AUDIENCES: Mapping[str, Audience] = {
    Role.COORDINATOR: Audience.WRITERS,
    Role.CONTRIBUTOR: Audience.WRITERS,
    Role.LEADER: Audience.LEADERS,
}


@dataclass(frozen=True)
class Step:
    """One rung. `days` from its anchor, negative before it; `words`: who hears, and in which of templates/mail/."""

    name: str
    label: str | Promise
    words: Mapping[Audience, str]
    days: int = 0
    anchor: Anchor = Anchor.DUE
    # After the due day: so long after it fell, it says nothing any more. A step before due lasts until then.
    lasts: timedelta | None = None
    # Said once for an entry, whatever becomes of its due day.
    once: bool = False

    @property
    def is_before_due(self) -> bool:
        return self.anchor == Anchor.OPENING or self.days <= 0

    @property
    def is_for_staff(self) -> bool:
        return Audience.STAFF in self.words


@dataclass(frozen=True)
class Dates:
    """The instants of one entry that its reminders depend on. `granted_at`: when it was given more time, if it was;
    `open_until`: the last second in which an update can be sent."""

    opened_at: datetime
    due: datetime
    open_until: datetime
    granted_at: datetime | None = None

    @property
    def due_on(self) -> date:
        return london_day(self.due)


def _members(writers: str, leaders: str = "") -> Mapping[Audience, str]:
    return {Audience.WRITERS: writers} | ({Audience.LEADERS: leaders} if leaders else {})


FINISH, SIGN = "reminder_finish", "reminder_sign"
# In the order in which they fall; of two on the same day, one is for the Synergi team.
LADDER: tuple[Step, ...] = (
    Step(
        "opening",
        _("The round opens"),
        _members("reminder_opened", "reminder_opened_leader"),
        anchor=Anchor.OPENING,
        once=True,
    ),
    Step("28_days_before", _("28 days before it is due"), _members(FINISH), -28),
    Step("14_days_before", _("14 days before it is due"), _members(FINISH), -14),
    Step("7_days_before", _("7 days before it is due"), _members(FINISH, SIGN), -7),
    Step("2_days_before", _("2 days before it is due"), _members(FINISH, SIGN), -2),
    Step("day_after", _("The day after"), _members("reminder_day_after", "reminder_day_after_leader"), 1, lasts=WEEK),
    Step("14_days_after", _("14 days after"), _members("reminder_late", "reminder_late_leader"), 14, lasts=WEEK),
    Step("14_days_after_team", _("14 days after, to the team"), {Audience.STAFF: "reminder_to_team"}, 14, lasts=WEEK),
)
# No rung: told to the team as soon as nobody of a Pledge Maker can be reached, once a round.
NOBODY_REACHABLE = Step("nobody_reachable", _("Nobody can be reached"), {Audience.STAFF: "reminder_to_team"}, once=True)
# No rung either: staff remind in bulk.
CHASE = Step("chase", _("Reminded by the team"), _members("chase", "chase"))
LABELS: Mapping[str, str | Promise] = {step.name: step.label for step in (*LADDER, NOBODY_REACHABLE, CHASE)}


def london_day(instant: datetime) -> date:
    return instant.astimezone(LONDON).date()


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in BANK_HOLIDAYS


def day_of(step: Step, due_on: date) -> date:
    """The working day on which a step that counts from the due day falls."""
    day = due_on + step.days * DAY
    while not is_working_day(day):
        day += -DAY if step.is_before_due else DAY
    return day


def falls_at(step: Step, dates: Dates) -> datetime:
    """The instant from which the step is owed: 08:00 in London on its day; with the opening, when mail may leave."""
    if step.anchor == Anchor.OPENING:
        return _first_working_hour(dates.opened_at)
    return datetime.combine(day_of(step, dates.due_on), FROM, tzinfo=LONDON)


def _first_working_hour(instant: datetime) -> datetime:
    found = next_sending_time(instant)
    while not is_working_day(london_day(found)):
        found = datetime.combine(london_day(found) + DAY, FROM, tzinfo=LONDON)
    return found


def next_sending_time(now: datetime) -> datetime:
    """`now` if mail may leave now, else the next 08:00 in London."""
    local = now.astimezone(LONDON)
    if FROM <= local.time() < UNTIL:
        return now
    day = local.date() if local.time() < FROM else local.date() + DAY
    return datetime.combine(day, FROM, tzinfo=LONDON)


def climb(dates: Dates, ladder: Sequence[Step] = LADDER) -> list[tuple[datetime, Step]]:
    """The steps that these dates have, each with its instant. In a short round those that would fall before its
    opening, or with it, are left out."""
    opening = _first_working_hour(dates.opened_at)
    falls = [(falls_at(step, dates), step) for step in ladder]
    return [(at, step) for at, step in falls if step.anchor == Anchor.OPENING or at > opening]


def step_owed(*, audience: Audience, dates: Dates, now: datetime, ladder: Sequence[Step] = LADDER) -> Step | None:
    """The one step that these people are owed now: the latest that has come. Those before it are superseded, even
    when it does not speak to them. None when it is stale; see `is_stale`."""
    own = [step for step in ladder if step.is_for_staff == (audience == Audience.STAFF)]
    come = [(at, step) for at, step in climb(dates, own) if at <= now]
    if not come:
        return None
    at, step = come[-1]
    return step if audience in step.words and not is_stale(step, at, dates, now) else None


def is_stale(step: Step, at: datetime, dates: Dates, now: datetime) -> bool:
    """Whether a step that fell `at` would now say what is no longer so.

    It fell before more time was given (which had its own mail); it is meant to come before the due instant and could
    only leave after it; it is too old; or nothing can be sent in any more, which is still news for the team."""
    leaves = next_sending_time(now)
    if dates.granted_at and at <= dates.granted_at:
        return True
    if step.is_before_due:
        return leaves > dates.due
    too_old = step.lasts is not None and leaves >= at + step.lasts
    return too_old or (leaves > dates.open_until and not step.is_for_staff)


def next_steps(dates: Dates, now: datetime, ladder: Sequence[Step] = LADDER) -> list[tuple[datetime, Step]]:
    """What comes next for an entry that is still owed: the next day's steps, or none."""
    coming = [(at, step) for at, step in climb(dates, ladder) if at > now and not is_stale(step, at, dates, at)]
    return [(at, step) for at, step in coming if at == coming[0][0]]


def oldest_due(now: datetime, ladder: Sequence[Step] = LADDER) -> datetime:
    """Entries that were due before then are owed nothing now; a step is moved by less than a week."""
    longest = max(step.days * DAY + (step.lasts or DAY) for step in ladder)
    return now - longest - WEEK
