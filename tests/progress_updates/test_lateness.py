"""Lateness: the SQL and its twin agree, and the words are London's."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from progress_updates.lateness import days_late, lateness, moment, public_status, with_lateness
from progress_updates.models import RoundEntry, WhyNotRequired
from progress_updates.rounds import end_of
from tests.factories.progress_updates import make_entry

LONDON = ZoneInfo("Europe/London")
DUE = datetime(2026, 9, 30, 23, 59, 59, tzinfo=LONDON)


def entry_with(**fields: object) -> RoundEntry:
    """Not saved: the words need no row."""
    return RoundEntry(**{"due_at": DUE, **fields})


@pytest.mark.parametrize(
    ("fields", "now", "words", "fact"),
    [
        ({}, DUE, "Not due yet", "Due 30 September 2026."),
        (
            {},
            DUE + timedelta(seconds=1),
            "Not received",
            "Due 30 September 2026. Not received as at 1 October 2026, 12:00am.",
        ),
        ({"received_at": DUE}, DUE, "Received on time", "Received 30 September 2026. Due 30 September 2026."),
        (
            {"received_at": DUE + timedelta(seconds=1)},
            DUE + timedelta(days=40),
            "Received 1 day late",
            "Due 30 September 2026. Received 1 October 2026.",
        ),
        (
            {"received_at": datetime(2026, 10, 14, 9, tzinfo=LONDON)},
            DUE + timedelta(days=40),
            "Received 14 days late",
            "Due 30 September 2026. Received 14 October 2026.",
        ),
        (
            {"extended_to": datetime(2026, 10, 31, 23, 59, 59, tzinfo=LONDON)},
            DUE + timedelta(days=3),
            "Extension to 31 October 2026",
            "First due 30 September 2026.",
        ),
        (
            {
                "extended_to": datetime(2026, 10, 31, 23, 59, 59, tzinfo=LONDON),
                "received_at": datetime(2026, 10, 31, 23, 59, 59, tzinfo=LONDON),
            },
            DUE + timedelta(days=60),
            "Received on time",
            "Received 31 October 2026. Due 31 October 2026.",
        ),
        ({"why_not_required": WhyNotRequired.WITHDRAWN}, DUE, "Withdrawn from the pledge", ""),
        (
            {"why_not_required": WhyNotRequired.JOINED_AFTER_OPENING},
            DUE,
            "Not required",
            "Joined after the round opened",
        ),
    ],
)
def test_the_public_words(fields: dict, now: datetime, words: str, fact: str) -> None:
    status = public_status(entry_with(**fields), now)
    assert (status.words, status.fact) == (words, fact)


@pytest.mark.django_db
def test_an_update_covered_by_another_names_it() -> None:
    lead, covered = make_entry(), make_entry()
    covered.why_not_required, covered.covered_by = WhyNotRequired.COVERED, lead
    lead.received_at = lead.due_at
    assert public_status(covered, DUE).words == f"Reported with {lead.pledge_maker.name}"


@pytest.mark.django_db
def test_before_the_covering_update_arrives_nothing_is_said_to_be_reported() -> None:
    covering, name = make_entry(), "Eastmere Together"
    covering.due_at, covering.pledge_maker.name = DUE, name
    covered = entry_with(why_not_required=WhyNotRequired.COVERED, covered_by=covering)
    before, after = (public_status(covered, now) for now in (DUE, DUE + timedelta(seconds=1)))
    assert before.words == after.words == f"To be reported with {name}"
    assert (before.fact, after.fact) == (
        "Due 30 September 2026.",
        f"Due 30 September 2026. The update of {name} was not received as at 1 October 2026, 12:00am.",
    )


@pytest.mark.parametrize(
    ("day", "utc"),
    [
        # The clocks go forward on 29 March 2026 and back on 25 October 2026.
        (datetime(2026, 3, 28).date(), datetime(2026, 3, 28, 23, 59, 59, tzinfo=UTC)),
        (datetime(2026, 3, 29).date(), datetime(2026, 3, 29, 22, 59, 59, tzinfo=UTC)),
        (datetime(2026, 10, 24).date(), datetime(2026, 10, 24, 22, 59, 59, tzinfo=UTC)),
        (datetime(2026, 10, 25).date(), datetime(2026, 10, 25, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_the_due_second_either_side_of_a_clock_change(day: object, utc: datetime) -> None:
    due = end_of(day)
    assert due == utc
    on_time = entry_with(due_at=due, received_at=due)
    late = entry_with(due_at=due, received_at=due + timedelta(seconds=1))
    assert (lateness(on_time, due), lateness(late, due)) == ("on_time", "late")
    assert (days_late(on_time), days_late(late)) == (0, 1)


def test_a_moment_is_said_in_london_time() -> None:
    assert moment(datetime(2026, 7, 1, 11, 4, tzinfo=UTC)) == "1 July 2026, 12:04pm"
    assert moment(datetime(2026, 12, 1, 0, 4, tzinfo=UTC)) == "1 December 2026, 12:04am"


SECONDS = st.integers(min_value=-3, max_value=3)
EXTENSIONS = st.none() | st.integers(min_value=1, max_value=4)


@pytest.mark.django_db(transaction=False)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    extended=EXTENSIONS,
    received=st.none() | SECONDS,
    now=SECONDS,
    micro=st.integers(0, 999_999),
    why=st.sampled_from(["", *WhyNotRequired.values]),
)
def test_sql_and_python_give_the_same_status(
    one_entry: RoundEntry, extended: int | None, received: int | None, now: int, micro: int, why: str
) -> None:
    """Around the due second and an extension a few seconds later, with the clock between two seconds too."""
    moment_ = DUE + timedelta(seconds=now, microseconds=micro)
    RoundEntry.objects.filter(pk=one_entry.pk).update(
        due_at=DUE,
        extended_to=DUE + timedelta(seconds=extended) if extended else None,
        received_at=None if received is None else DUE + timedelta(seconds=received),
        why_not_required=why,
    )
    entry = with_lateness(RoundEntry.objects.filter(pk=one_entry.pk), moment_).get()
    assert entry.lateness == lateness(entry, moment_)


@pytest.fixture
def one_entry(db: None) -> RoundEntry:
    return make_entry()
