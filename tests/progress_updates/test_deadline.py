"""The deadline as a calendar file: the very second that lateness counts by."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from icalendar import Calendar

from progress_updates import extensions
from progress_updates.lateness import NOT_DUE_YET, NOT_RECEIVED, lateness
from progress_updates.models import RoundEntry
from tests.factories.accounts import make_caseworker, sign_in
from tests.factories.progress_updates import make_entry, make_round, writer_of
from tests.factories.signatories import make_member, make_public_pledge_maker

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _at(time_machine) -> None:
    time_machine.move_to(NOW, tick=False)


def make_owing(client: Client, due_on: date = date(2026, 9, 30)) -> RoundEntry:
    """An entry whose coordinator is signed in."""
    maker = make_public_pledge_maker(name="Ashford; Brookvale, and others", now=NOW)
    entry = make_entry(pledge_maker=maker, round_=make_round(label="Round 4", due_on=due_on, now=NOW))
    sign_in(client, writer_of(maker, NOW))
    return entry


def address(entry: RoundEntry) -> str:
    return f"/workspace/{entry.pledge_maker.slug}/{entry.round.slug}/deadline.ics"


def event_of(client: Client, entry: RoundEntry):
    [event] = Calendar.from_ical(client.get(address(entry)).content).walk("VEVENT")
    return event


def test_it_is_a_file_with_one_event(client):
    entry = make_owing(client)
    answer = client.get(address(entry))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="round-4.ics"'
    event = event_of(client, entry)
    assert str(event["summary"]) == "Due: progress update of Ashford; Brookvale, and others, Round 4"
    assert str(event["description"]) == "On time until the end of 30 September 2026, London time."
    assert str(event["url"]).endswith(f"/workspace/{entry.pledge_maker.slug}/round-4/")


@pytest.mark.parametrize(
    ("due_on", "instant"),
    [
        (date(2026, 9, 30), datetime(2026, 9, 30, 22, 59, 59, tzinfo=UTC)),
        (date(2026, 10, 24), datetime(2026, 10, 24, 22, 59, 59, tzinfo=UTC)),
        (date(2026, 10, 25), datetime(2026, 10, 25, 23, 59, 59, tzinfo=UTC)),
        (date(2027, 3, 27), datetime(2027, 3, 27, 23, 59, 59, tzinfo=UTC)),
        (date(2027, 3, 28), datetime(2027, 3, 28, 22, 59, 59, tzinfo=UTC)),
    ],
)
def test_it_names_the_second_after_which_an_update_is_late(client, due_on, instant):
    entry = make_owing(client, due_on)
    found = event_of(client, entry)["dtstart"].dt
    assert found == instant == entry.due
    assert [lateness(entry, at) for at in (found, found + SECOND)] == [NOT_DUE_YET, NOT_RECEIVED]


def test_more_time_moves_the_same_event(client):
    entry = make_owing(client)
    before = event_of(client, entry)
    due_on = date(2026, 10, 14)
    by = make_caseworker()
    extensions.grant(round_=entry.round, entries=[entry], due_on=due_on, reason="An outage", by=by, now=NOW)
    after = event_of(client, entry)
    assert after["dtstart"].dt == datetime(2026, 10, 14, 22, 59, 59, tzinfo=UTC)
    assert str(before["uid"]) == str(after["uid"])
    assert (before["sequence"], after["sequence"]) == (0, 1)


def test_where_nothing_is_asked_there_is_none(client):
    entry = make_owing(client)
    RoundEntry.objects.update(why_not_required="covered")
    assert client.get(address(entry)).status_code == 404


def test_the_task_list_offers_it_until_the_update_is_received(client):
    entry = make_owing(client)
    page = address(entry).removesuffix("deadline.ics")
    assert f'href="{address(entry)}"' in client.get(page).content.decode()
    RoundEntry.objects.update(received_at=NOW)
    assert address(entry) not in client.get(page).content.decode()


def test_somebody_else_finds_none(client):
    entry = make_owing(client)
    sign_in(client, make_member(now=NOW).user)
    assert client.get(address(entry)).status_code == 404
