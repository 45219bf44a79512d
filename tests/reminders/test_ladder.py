"""When a step falls, and which step is owed: from dates alone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.bank_holidays import BANK_HOLIDAYS
from reminders.ladder import (
    LADDER,
    ROLES,
    Step,
    day_of,
    falls_at,
    is_working_day,
    london_day,
    next_sending_time,
    step_owed,
    window,
)
from signatories.models import Role

LONDON = ZoneInfo("Europe/London")
DAY = timedelta(days=1)
# The whole ladder, which this version does not climb yet.
WRITERS = (Role.COORDINATOR, Role.CONTRIBUTOR)
ALL = (*WRITERS, Role.LEADER)
FULL = (
    Step("28_before", 28, WRITERS, "x"),
    Step("14_before", 14, WRITERS, "x"),
    Step("7_before", 7, ALL, "x"),
    Step("2_before", 2, ALL, "x"),
    Step("1_after", -1, ALL, "x"),
)
STEPS = st.sampled_from(FULL)
DAYS = st.dates(date(2025, 1, 20), date(2028, 12, 1))
INSTANTS = st.datetimes(datetime(2025, 1, 20), datetime(2028, 12, 1), timezones=st.just(UTC))
CLOCK_CHANGES = [date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31)]


def due(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59), tzinfo=LONDON)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=LONDON)


def names(steps) -> list[str]:
    return [step.name if step else "none" for step in steps]


# --- The step of this version ---------------------------------------------------------------------


def test_this_version_has_one_step_two_days_before_for_writers_and_leaders():
    [step] = LADDER
    assert (step.name, step.days_before) == ("two_days_before", 2)
    assert set(step.roles) == {Role.COORDINATOR, Role.CONTRIBUTOR, Role.LEADER} == set(ROLES)


@pytest.mark.parametrize(
    ("due_on", "day"),
    [
        (date(2026, 9, 30), date(2026, 9, 28)),  # Wednesday: Monday
        (date(2026, 9, 29), date(2026, 9, 25)),  # Tuesday: Sunday moves back to Friday
        (date(2026, 9, 28), date(2026, 9, 25)),  # Monday: Saturday moves back to Friday
        (date(2026, 4, 8), date(2026, 4, 2)),  # after Easter: Monday moves back to Maundy Thursday
        (date(2026, 12, 30), date(2026, 12, 24)),  # the substitute day of Boxing Day, and Christmas
        (date(2027, 12, 30), date(2027, 12, 24)),
        (date(2028, 1, 5), date(2027, 12, 31)),
    ],
)
def test_two_days_before_moves_back_to_a_working_day(due_on, day):
    assert day_of(LADDER[0], due_on) == day


@pytest.mark.parametrize(
    ("due_on", "day"),
    [
        (date(2026, 9, 30), date(2026, 10, 1)),
        (date(2026, 10, 2), date(2026, 10, 5)),  # Friday: Saturday moves on to Monday
        (date(2026, 4, 2), date(2026, 4, 7)),  # Easter: Good Friday moves on to Tuesday
        (date(2026, 12, 24), date(2026, 12, 29)),
    ],
)
def test_the_day_after_moves_on_to_a_working_day(due_on, day):
    assert day_of(FULL[-1], due_on) == day


# --- Properties -----------------------------------------------------------------------------------


@given(STEPS, DAYS)
def test_a_step_falls_at_eight_in_london_on_a_working_day(step, due_on):
    instant = falls_at(step, due_on).astimezone(LONDON)
    assert is_working_day(instant.date())
    assert (instant.hour, instant.minute, instant.second) == (8, 0, 0)


@given(STEPS, DAYS)
def test_a_step_moves_only_away_from_the_due_day_and_by_less_than_a_week(step, due_on):
    moved = day_of(step, due_on) - (due_on - step.days_before * DAY)
    assert (-7 * DAY < moved <= 0 * DAY) if step.is_before_due else (0 * DAY <= moved < 7 * DAY)


@given(STEPS, DAYS)
def test_nothing_but_days_off_lies_between_where_a_step_falls_and_its_calendar_day(step, due_on):
    calendar_day, day = due_on - step.days_before * DAY, day_of(step, due_on)
    first, last = min(calendar_day, day), max(calendar_day, day)
    between = [first + n * DAY for n in range((last - first).days + 1) if first + n * DAY != day]
    assert not any(is_working_day(each) for each in between)


@given(DAYS)
def test_steps_fall_in_the_order_of_the_ladder(due_on):
    instants = [falls_at(step, due_on) for step in FULL]
    assert instants == sorted(instants)


@given(INSTANTS)
def test_mail_leaves_between_eight_and_six_in_london_and_as_soon_as_it_may(now):
    leaves = next_sending_time(now)
    local = leaves.astimezone(LONDON)
    assert time(8) <= local.time() < time(18)
    assert next_sending_time(leaves) == leaves
    assert now <= leaves
    if leaves != now:
        assert local.time() == time(8)
        assert leaves - now <= timedelta(hours=15)  # the night of the clock change in October has 15 hours


@given(DAYS, INSTANTS, st.sampled_from(ALL))
def test_a_step_owed_has_come_and_has_words_for_the_role(due_on, now, role):
    step = step_owed(due=due(due_on), role=role, now=now, ladder=FULL)
    if step:
        assert role in step.roles
        assert falls_at(step, due_on) <= now
        assert not step.is_before_due or next_sending_time(now) <= due(due_on)


@given(DAYS, INSTANTS, st.sampled_from(ALL))
def test_whatever_is_owed_before_due_lies_in_the_window(due_on, now, role):
    step = step_owed(due=due(due_on), role=role, now=now, ladder=FULL)
    first, last = window(now, FULL)
    if step and step.is_before_due:
        assert first <= due(due_on) <= last


# --- What is owed ---------------------------------------------------------------------------------


def test_a_step_is_owed_from_eight_in_the_morning_of_its_day():
    due_on, role = date(2026, 9, 30), Role.COORDINATOR
    day = date(2026, 9, 28)
    assert step_owed(due=due(due_on), role=role, now=at(day, 7, 59)) is None
    assert step_owed(due=due(due_on), role=role, now=at(day, 8)) == LADDER[0]


def test_a_step_before_due_is_owed_until_mail_can_no_longer_leave_in_time():
    due_on, role = date(2026, 9, 30), Role.COORDINATOR
    assert step_owed(due=due(due_on), role=role, now=at(due_on, 17, 59)) == LADDER[0]
    assert step_owed(due=due(due_on), role=role, now=at(due_on, 18)) is None
    assert step_owed(due=due(due_on), role=role, now=due(due_on) + timedelta(seconds=1)) is None


def test_an_extension_to_the_middle_of_a_day_counts_to_the_second():
    noon = at(date(2026, 9, 30), 12)
    assert step_owed(due=noon, role=Role.LEADER, now=noon) == LADDER[0]
    assert step_owed(due=noon, role=Role.LEADER, now=noon + timedelta(seconds=1)) is None


def test_readers_are_owed_nothing():
    assert step_owed(due=due(date(2026, 9, 30)), role=Role.READER, now=at(date(2026, 9, 29), 9)) is None


def test_nobody_is_owed_nothing_for_no_role():
    assert step_owed(due=due(date(2026, 9, 30)), role="", now=at(date(2026, 9, 29), 9)) is None


def test_superseded_steps_are_passed_over_and_roles_have_their_own():
    due_on = date(2026, 9, 30)
    days = [date(2026, 9, day) for day in (1, 2, 16, 23, 28, 30)] + [date(2026, 10, 1)]

    def owed(role: str) -> list[str]:
        return names(step_owed(due=due(due_on), role=role, now=at(day, 9), ladder=FULL) for day in days)

    assert owed(Role.COORDINATOR) == [
        "none", "28_before", "14_before", "7_before", "2_before", "2_before", "1_after"
    ]  # fmt: skip
    assert owed(Role.LEADER) == [
        "none", "none", "none", "7_before", "2_before", "2_before", "1_after"
    ]  # fmt: skip


@pytest.mark.parametrize("change", CLOCK_CHANGES)
@pytest.mark.parametrize("offset", range(-3, 6))
def test_the_clock_change_moves_nothing(change, offset):
    """Two days before is two days in London, at eight by London's clock, on both sides of both changes."""
    due_on = change + offset * DAY
    fall = falls_at(LADDER[0], due_on)
    assert fall.astimezone(LONDON).time() == time(8)
    assert london_day(due(due_on)) == due_on
    assert step_owed(due=due(due_on), role=Role.LEADER, now=fall - timedelta(seconds=1)) is None
    assert step_owed(due=due(due_on), role=Role.LEADER, now=fall) == LADDER[0]


@pytest.mark.parametrize(
    ("now", "leaves"),
    [
        (datetime(2026, 3, 28, 18, 0, tzinfo=UTC), datetime(2026, 3, 29, 7, 0, tzinfo=UTC)),  # spring: 13 h
        (datetime(2026, 10, 24, 17, 0, tzinfo=UTC), datetime(2026, 10, 25, 8, 0, tzinfo=UTC)),  # autumn: 15 h
        (datetime(2026, 10, 25, 7, 59, 59, tzinfo=UTC), datetime(2026, 10, 25, 8, 0, tzinfo=UTC)),
        (datetime(2026, 10, 25, 17, 59, 59, tzinfo=UTC), datetime(2026, 10, 25, 17, 59, 59, tzinfo=UTC)),
        (datetime(2026, 7, 1, 6, 59, 59, tzinfo=UTC), datetime(2026, 7, 1, 7, 0, tzinfo=UTC)),
        (datetime(2026, 7, 1, 17, 0, tzinfo=UTC), datetime(2026, 7, 2, 7, 0, tzinfo=UTC)),
    ],
)
def test_the_hours_of_mail_are_london_hours(now, leaves):
    assert next_sending_time(now) == leaves


# --- Bank holidays, proven by their rules ---------------------------------------------------------


def easter_sunday(year: int) -> date:
    """The Gregorian computus, for years 1900 to 2099."""
    golden, day = year % 19, 0
    moon = (19 * golden + 24) % 30
    week = (2 * (year % 4) + 4 * (year % 7) + 6 * moon + 5) % 7
    day = 22 + moon + week
    if (moon, week) == (29, 6) or (moon, week, golden > 10) == (28, 6, True):
        day -= 7
    return date(year, 3, 1) + timedelta(days=day - 1)


def weekday_of(year: int, month: int, *, first: bool) -> date:
    """The first or last Monday of a month of 31 days."""
    days = [date(year, month, day) for day in range(1, 32)]
    mondays = [day for day in days if day.weekday() == 0]
    return mondays[0] if first else mondays[-1]


def by_rule(year: int) -> set[date]:
    easter = easter_sunday(year)
    found = {easter - 2 * DAY, easter + DAY}
    found |= {weekday_of(year, 5, first=True), weekday_of(year, 5, first=False), weekday_of(year, 8, first=False)}
    for day in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        while day.weekday() >= 5 or day in found:
            day += DAY
        found.add(day)
    return found


@pytest.mark.parametrize("year", [2025, 2026, 2027, 2028])
def test_bank_holidays_are_those_of_the_rules(year):
    assert {day for day in BANK_HOLIDAYS if day.year == year} == by_rule(year)
