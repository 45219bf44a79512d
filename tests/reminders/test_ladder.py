"""When a step falls, and which step is owed: from dates alone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.bank_holidays import BANK_HOLIDAYS
from reminders.ladder import (
    AUDIENCES,
    LADDER,
    Audience,
    Dates,
    climb,
    day_of,
    falls_at,
    is_working_day,
    london_day,
    next_sending_time,
    next_steps,
    oldest_due,
    step_owed,
)
from signatories.models import Role

LONDON = ZoneInfo("Europe/London")
DAY = timedelta(days=1)
WRITERS, LEADERS, STAFF = Audience.WRITERS, Audience.LEADERS, Audience.STAFF
BY_NAME = {step.name: step for step in LADDER}
TWO_BEFORE, DAY_AFTER = BY_NAME["2_days_before"], BY_NAME["day_after"]
STEPS = st.sampled_from([step for step in LADDER if step.name != "opening"])
DAYS = st.dates(date(2025, 1, 20), date(2028, 12, 1))
INSTANTS = st.datetimes(datetime(2025, 1, 20), datetime(2028, 12, 1), timezones=st.just(UTC))
CLOCK_CHANGES = [date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31)]
# A Wednesday. The round opens on a Monday, eight weeks and two days before.
DUE_ON, OPENED = date(2026, 9, 30), datetime(2026, 8, 3, 9, 0, tzinfo=UTC)


def due(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59), tzinfo=LONDON)


def dates(due_on: date = DUE_ON, *, opened: datetime | None = None, granted: datetime | None = None) -> Dates:
    """A round that opens eight weeks before the due day and closes four weeks after it."""
    return Dates(opened or at(due_on - 58 * DAY, 10), due(due_on), due(due_on + 28 * DAY), granted)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=LONDON)


def owed(audience: Audience, now: datetime, found: Dates | None = None) -> str:
    step = step_owed(audience=audience, dates=found or dates(), now=now)
    return step.name if step else "none"


# --- The table ------------------------------------------------------------------------------------


def test_the_ladder_has_the_steps_of_the_scheme():
    assert [(step.name, step.anchor, step.days, sorted(step.words)) for step in LADDER] == [
        ("opening", "opening", 0, [LEADERS, WRITERS]),
        ("28_days_before", "due", -28, [WRITERS]),
        ("14_days_before", "due", -14, [WRITERS]),
        ("7_days_before", "due", -7, [LEADERS, WRITERS]),
        ("2_days_before", "due", -2, [LEADERS, WRITERS]),
        ("day_after", "due", 1, [LEADERS, WRITERS]),
        ("14_days_after", "due", 14, [LEADERS, WRITERS]),
        ("14_days_after_team", "due", 14, [STAFF]),
    ]


def test_every_step_after_due_grows_stale():
    assert all((step.lasts is not None) == (not step.is_before_due) for step in LADDER)


def test_readers_hear_nothing():
    assert AUDIENCES == {Role.COORDINATOR: WRITERS, Role.CONTRIBUTOR: WRITERS, Role.LEADER: LEADERS}


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
    assert day_of(TWO_BEFORE, due_on) == day


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
    assert day_of(DAY_AFTER, due_on) == day


@pytest.mark.parametrize(
    ("opened", "falls"),
    [
        (datetime(2026, 8, 3, 9, 30, tzinfo=UTC), datetime(2026, 8, 3, 9, 30, tzinfo=UTC)),  # Monday, 10:30 in London
        (datetime(2026, 8, 3, 5, 0, tzinfo=UTC), datetime(2026, 8, 3, 7, 0, tzinfo=UTC)),  # before eight: at eight
        (datetime(2026, 8, 3, 17, 0, tzinfo=UTC), datetime(2026, 8, 4, 7, 0, tzinfo=UTC)),  # at six: the next morning
        (datetime(2026, 8, 7, 18, 0, tzinfo=UTC), datetime(2026, 8, 10, 7, 0, tzinfo=UTC)),  # Friday evening: Monday
        (datetime(2026, 8, 29, 9, 0, tzinfo=UTC), datetime(2026, 9, 1, 7, 0, tzinfo=UTC)),  # a long weekend: Tuesday
    ],
)
def test_the_opening_is_told_as_soon_as_mail_may_leave_on_a_working_day(opened, falls):
    assert falls_at(BY_NAME["opening"], dates(opened=opened)) == falls


# --- Properties -----------------------------------------------------------------------------------


@given(STEPS, DAYS)
def test_a_step_falls_at_eight_in_london_on_a_working_day(step, due_on):
    instant = falls_at(step, dates(due_on)).astimezone(LONDON)
    assert is_working_day(instant.date())
    assert (instant.hour, instant.minute, instant.second) == (8, 0, 0)


@given(STEPS, DAYS)
def test_a_step_moves_only_away_from_the_due_day_and_by_less_than_a_week(step, due_on):
    moved = day_of(step, due_on) - (due_on + step.days * DAY)
    assert (-7 * DAY < moved <= 0 * DAY) if step.is_before_due else (0 * DAY <= moved < 7 * DAY)


@given(STEPS, DAYS)
def test_nothing_but_days_off_lies_between_where_a_step_falls_and_its_calendar_day(step, due_on):
    calendar_day, day = due_on + step.days * DAY, day_of(step, due_on)
    first, last = min(calendar_day, day), max(calendar_day, day)
    between = [first + n * DAY for n in range((last - first).days + 1) if first + n * DAY != day]
    assert not any(is_working_day(each) for each in between)


@given(DAYS, INSTANTS)
def test_steps_fall_in_the_order_of_the_ladder(due_on, opened):
    found = [at_ for at_, _step in climb(dates(due_on, opened=opened))]
    assert found == sorted(found)


@given(DAYS, st.integers(0, 40), st.integers(0, 23))
def test_in_a_round_of_any_length_the_opening_comes_first_and_alone(due_on, length, hour):
    """What would fall before the opening, or with it, is left out."""
    opened = at(due_on - length * DAY, hour)
    (first, step), *others = climb(dates(due_on, opened=opened))
    assert step.name == "opening"
    assert all(at_ > first for at_, _step in others)


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


@given(DAYS, INSTANTS, st.sampled_from(Audience))
def test_a_step_owed_has_come_speaks_to_its_people_and_is_not_superseded(due_on, now, audience):
    step = step_owed(audience=audience, dates=dates(due_on), now=now)
    if step:
        fell = {each.name: at_ for at_, each in climb(dates(due_on))}
        later = [at_ for name, at_ in fell.items() if fell[step.name] < at_ <= now]
        assert audience in step.words
        assert fell[step.name] <= now
        assert not later
        assert not step.is_before_due or next_sending_time(now) <= due(due_on)
        assert step.is_before_due or next_sending_time(now) < fell[step.name] + step.lasts


@given(DAYS, INSTANTS, st.sampled_from(Audience))
def test_whatever_is_owed_was_not_due_too_long_ago_to_be_looked_at(due_on, now, audience):
    if step_owed(audience=audience, dates=dates(due_on), now=now):
        assert due(due_on) >= oldest_due(now)


# --- What is owed ---------------------------------------------------------------------------------


def test_each_step_is_owed_until_the_next_comes():
    days = [date(2026, 8, 2), date(2026, 8, 3), date(2026, 9, 1), date(2026, 9, 2), date(2026, 9, 15)]
    days += [date(2026, 9, day) for day in (16, 22, 23, 27, 28, 30)]
    days += [date(2026, 10, day) for day in (1, 7, 8, 13, 14, 20, 21)]

    def all_of(audience: Audience) -> list[str]:
        return [owed(audience, at(day, 11)) for day in days]

    before = ["none", "opening", "opening", "28_days_before", "28_days_before", "14_days_before", "14_days_before"]
    near = ["7_days_before", "7_days_before", "2_days_before", "2_days_before"]
    after = ["day_after", "day_after", "none", "none", "14_days_after", "14_days_after", "none"]
    assert all_of(WRITERS) == [*before, *near, *after]
    assert all_of(LEADERS) == ["none", "opening", "opening", *["none"] * 4, *near, *after]
    assert all_of(STAFF) == [*["none"] * 15, "14_days_after_team", "14_days_after_team", "none"]


def test_an_opening_is_stale_as_soon_as_a_later_step_has_come_even_one_for_others():
    assert owed(LEADERS, at(date(2026, 9, 2), 7, 59)) == "opening"
    assert owed(LEADERS, at(date(2026, 9, 2), 8)) == "none"


def test_a_step_is_owed_from_eight_in_the_morning_of_its_day():
    day = date(2026, 9, 28)
    assert owed(WRITERS, at(day, 7, 59)) == "7_days_before"
    assert owed(WRITERS, at(day, 8)) == "2_days_before"


def test_a_step_before_due_is_owed_until_mail_can_no_longer_leave_in_time():
    assert owed(WRITERS, at(DUE_ON, 17, 59)) == "2_days_before"
    assert owed(WRITERS, at(DUE_ON, 18)) == "none"
    assert owed(WRITERS, due(DUE_ON) + timedelta(seconds=1)) == "none"


def test_the_day_after_is_said_for_a_week_and_counts_when_it_could_leave():
    assert owed(WRITERS, at(date(2026, 10, 7), 17, 59)) == "day_after"
    assert owed(WRITERS, at(date(2026, 10, 7), 18)) == "none"


def test_an_extension_to_the_middle_of_a_day_counts_to_the_second():
    noon = at(DUE_ON, 12)
    found = Dates(OPENED, noon, noon)
    assert owed(LEADERS, noon, found) == "2_days_before"
    assert owed(LEADERS, noon + timedelta(seconds=1), found) == "none"


def test_once_the_round_has_closed_only_the_team_hears():
    """Nobody else can do anything about it."""
    closed = Dates(OPENED, due(DUE_ON), due(DUE_ON + 7 * DAY))
    day = date(2026, 10, 14)
    assert [owed(audience, at(day, 9), closed) for audience in (WRITERS, LEADERS, STAFF)] == [
        "none",
        "none",
        "14_days_after_team",
    ]


@pytest.mark.parametrize(
    ("length", "steps"),
    [
        (40, ["opening", "28_days_before", "14_days_before", "7_days_before", "2_days_before"]),
        (28, ["opening", "14_days_before", "7_days_before", "2_days_before"]),
        (10, ["opening", "7_days_before", "2_days_before"]),
        (5, ["opening", "2_days_before"]),
        (3, ["opening"]),  # a Sunday: both on the Monday
        (2, ["opening"]),
        (0, ["opening"]),
    ],
)
def test_a_short_round_skips_what_would_fall_before_its_opening(length, steps):
    found = climb(dates(opened=at(DUE_ON - length * DAY, 9)))
    assert [step.name for _at, step in found if step.is_before_due] == steps


def test_what_fell_before_more_time_was_given_is_not_said_again():
    """Granted a day before the first due day, until two weeks later."""
    granted = at(date(2026, 9, 29), 12)
    found = dates(date(2026, 10, 14), opened=OPENED, granted=granted)
    assert owed(WRITERS, at(date(2026, 9, 29), 13), found) == "none"
    assert owed(WRITERS, at(date(2026, 9, 30), 9), found) == "14_days_before"
    assert owed(LEADERS, at(date(2026, 10, 7), 9), found) == "7_days_before"
    assert owed(WRITERS, at(date(2026, 10, 12), 9), found) == "2_days_before"
    assert owed(WRITERS, at(date(2026, 10, 15), 9), found) == "day_after"


def test_after_a_day_more_the_next_that_comes_is_the_day_after():
    found = dates(date(2026, 10, 1), opened=OPENED, granted=at(date(2026, 9, 30), 12))
    assert [owed(LEADERS, at(day, 9), found) for day in (date(2026, 10, 1), date(2026, 10, 2))] == ["none", "day_after"]


def test_what_comes_next_is_known():
    def next_of(now: datetime, found: Dates | None = None) -> list[str]:
        return [step.name for _at, step in next_steps(found or dates(), now)]

    assert next_of(at(date(2026, 8, 2), 9)) == ["opening"]
    assert next_of(at(date(2026, 9, 28), 7, 59)) == ["2_days_before"]
    assert next_of(at(date(2026, 9, 28), 8)) == ["day_after"]
    assert next_of(at(date(2026, 10, 1), 8)) == ["14_days_after", "14_days_after_team"]
    assert next_of(at(date(2026, 10, 14), 8)) == []
    closed = Dates(OPENED, due(DUE_ON), due(DUE_ON + 7 * DAY))
    assert next_of(at(date(2026, 10, 1), 8), closed) == ["14_days_after_team"]


@pytest.mark.parametrize("change", CLOCK_CHANGES)
@pytest.mark.parametrize("offset", range(-3, 6))
def test_the_clock_change_moves_nothing(change, offset):
    """Two days before is two days in London, at eight by London's clock, on both sides of both changes."""
    due_on = change + offset * DAY
    fall = falls_at(TWO_BEFORE, dates(due_on))
    assert fall.astimezone(LONDON).time() == time(8)
    assert london_day(due(due_on)) == due_on
    assert owed(LEADERS, fall - timedelta(seconds=1), dates(due_on)) == "7_days_before"
    assert owed(LEADERS, fall, dates(due_on)) == "2_days_before"


@pytest.mark.parametrize("change", CLOCK_CHANGES)
@pytest.mark.parametrize("step", [step for step in LADDER if step.name != "opening"], ids=lambda step: step.name)
def test_every_step_keeps_its_calendar_day_and_hour_over_the_clock_change(change, step):
    for days in range(-1, 2):
        due_on = change - step.days * DAY + days * DAY
        fall = falls_at(step, dates(due_on)).astimezone(LONDON)
        assert (fall.date(), fall.time()) == (day_of(step, due_on), time(8))


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
