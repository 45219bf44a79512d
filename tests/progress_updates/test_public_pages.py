"""The public list and profiles: complete, cheap, without cookies, at addresses that last."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from progress_updates.models import ProgressUpdate, RoundEntry, State, WhyNotRequired
from signatories.models import (
    Leader,
    PledgeMaker,
    PledgeMakerAddress,
    PledgeMakerOrganisation,
    Statement,
    StatementState,
)
from tests.factories.progress_updates import make_entry, make_round, make_update
from tests.factories.signatories import (
    make_leader,
    make_organisation,
    make_pledge_maker,
    make_public_pledge_maker,
    make_statement,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 9, 0, 30, tzinfo=UTC)
LIST = "/pledge-makers/"


@pytest.fixture(autouse=True)
def frozen_clock():
    with time_machine.travel(NOW, tick=False):
        yield


def profile_of(maker: PledgeMaker) -> str:
    return f"/pledge-makers/{maker.slug}/"


def text_of(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def make_public_pledge_makers(count: int) -> PledgeMaker:
    """One through the workflow, which is returned, and copies of its rows: a hundred walks take a minute."""
    maker = make_public_pledge_maker(name="Trust 000")
    statement = maker.statements.get()
    names = [f"Trust {number:03}" for number in range(1, count)]
    copies = PledgeMaker.objects.bulk_create(
        PledgeMaker(name=name, slug=name.lower().replace(" ", "-"), created_at=NOW) for name in names
    )
    Statement.objects.bulk_create(
        Statement(
            pledge_maker=copy,
            version=1,
            wording=statement.wording,
            state=statement.state,
            joins_network=True,
            created_at=NOW,
            signed_at=NOW,
            published_at=NOW,
            published_by=statement.published_by,
        )
        for copy in copies
    )
    PledgeMakerOrganisation.objects.bulk_create(
        PledgeMakerOrganisation(pledge_maker=copy, organisation=make_organisation(), joined_on=NOW.date())
        for copy in copies
    )
    return maker


# The list


def test_the_list_shows_who_has_published_a_statement_and_nobody_else(client):
    make_public_pledge_maker(name="Northtown")
    make_pledge_maker(name="Waiting")
    make_statement(leader=make_leader(), state=StatementState.SIGNED)
    page = text_of(client, LIST)
    assert page.count('scope="row"') == 1
    assert f'<a class="govuk-link" href="{LIST}northtown/">Northtown</a>' in page


def test_the_list_says_organisations_regions_status_and_as_at(client):
    parts = [
        make_organisation(name="Westmarsh City Council", region="Y60"),
        make_organisation(name="Westmarsh Trust", region="Y62"),
    ]
    maker = make_pledge_maker(name="Westmarsh Partnership", organisations=parts)
    make_statement(pledge_maker=maker, state=StatementState.PUBLISHED)
    make_round(due_on=date(2026, 11, 10), now=NOW - timedelta(days=60))
    page = text_of(client, LIST)
    assert "Westmarsh City Council · Westmarsh Trust" in page
    assert "Midlands, North West" in page
    assert "Not received</span>" in page
    assert "Due 10 November 2026. Not received as at 21 November 2026, 9:00am." in page
    assert "As at 21 November 2026, 9am." in page


def test_the_list_leaves_out_organisations_that_have_left(client):
    here, gone = make_organisation(name="Here Trust"), make_organisation(name="Gone Trust")
    maker = make_pledge_maker(name="Partnership", organisations=[here, gone])
    make_statement(pledge_maker=maker, state=StatementState.PUBLISHED)
    PledgeMakerOrganisation.objects.filter(organisation=gone).update(left_on=date(2026, 11, 21))
    page = text_of(client, LIST)
    assert ("Here Trust" in page, "Gone Trust" in page) == (True, False)


def test_the_reason_for_being_late_stands_beside_the_fact(client):
    update = make_update(state=State.SUBMITTED)
    RoundEntry.objects.filter(pk=update.entry_id).update(late_reason="Our board met late.", right_of_reply="We asked.")
    page = text_of(client, LIST)
    assert "Our board met late." in page
    assert "We asked." in page


def test_an_empty_list_says_so(client):
    assert "Nobody has published a Statement of Intent yet." in text_of(client, LIST)


def test_who_joined_after_the_round_opened_owes_nothing(client):
    make_round()
    make_public_pledge_maker(name="Late Joiner")
    assert "Joined after the round opened" in text_of(client, LIST)


@pytest.mark.parametrize("rows", [1, 3, 100, 1000])
def test_the_list_takes_five_queries_however_long_it_is(client, django_assert_num_queries, rows):
    make_public_pledge_makers(rows)
    make_round()
    with django_assert_num_queries(5):
        page = client.get(LIST)
    assert page.content.decode().count('scope="row"') == min(rows, 50)


def test_an_unchanged_list_costs_one_query_and_is_not_sent_again(client, django_assert_num_queries):
    make_public_pledge_maker()
    etag = client.get(LIST)["ETag"]
    with django_assert_num_queries(1):
        assert client.get(LIST, headers={"If-None-Match": etag}).status_code == 304


def test_a_recorded_act_or_the_next_minute_makes_the_list_new(client):
    make_public_pledge_maker()
    etag = client.get(LIST)["ETag"]
    make_public_pledge_maker()
    second = client.get(LIST, headers={"If-None-Match": etag})
    assert second.status_code == 200
    with time_machine.travel(NOW + timedelta(seconds=30), tick=False):
        assert client.get(LIST, headers={"If-None-Match": second["ETag"]}).status_code == 200


@pytest.mark.parametrize("address", ["/", LIST, "profile"])
def test_public_pages_set_no_cookie_and_depend_on_none(client, address):
    maker = make_public_pledge_maker()
    answer = client.get(profile_of(maker) if address == "profile" else address)
    assert answer.status_code == 200
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")
    assert answer["Cache-Control"] == "public, no-cache"


# The profile


def test_the_profile_shows_the_statement_with_its_signature(client):
    maker = make_pledge_maker(name="Northtown")
    leader = make_leader(pledge_maker=maker, name="Dr Ngozi Bello")
    make_statement(leader=leader, state=StatementState.PUBLISHED, why="Because it is unjust.")
    page = text_of(client, profile_of(maker))
    assert "Because it is unjust." in page
    assert "Initiate fundamental service level changes" in page
    assert "Dr Ngozi Bello" in page
    assert "21 November 2026" in page
    assert f'href="{profile_of(maker)}statement/v1/"' in page


def test_without_a_published_statement_there_is_no_profile(client):
    maker = make_pledge_maker()
    assert client.get(profile_of(maker)).status_code == 404
    make_statement(leader=make_leader(pledge_maker=maker), state=StatementState.SIGNED)
    assert client.get(profile_of(maker)).status_code == 404


def test_the_profile_shows_every_round_also_those_without_an_update(client):
    maker = make_public_pledge_maker()
    first = make_round(label="Round 1", due_on=date(2026, 3, 31), now=NOW - timedelta(days=300))
    second = make_round(label="Round 2", due_on=date(2026, 9, 30), now=NOW - timedelta(days=100))
    entry = RoundEntry.objects.get(round=second, pledge_maker=maker)
    make_update(entry=entry, state=State.PUBLISHED, now=datetime(2026, 10, 2, 9, tzinfo=UTC))
    page = text_of(client, profile_of(maker))
    assert "Reported in 1 of 2 rounds. Late once." in page
    assert "Received 2 days late" in page
    assert "Due 31 March 2026. Not received" in page
    assert f'href="{profile_of(maker)}{second.slug}/"' in page
    assert f'href="{profile_of(maker)}{second.slug}.pdf"' in page
    assert f"{profile_of(maker)}{first.slug}" not in page
    assert "Publish the figures" in page


def test_what_is_sent_but_not_published_has_no_link(client):
    update = make_update(state=State.SUBMITTED)
    page = text_of(client, profile_of(update.entry.pledge_maker))
    assert "Not published yet" in page
    assert f"{update.entry.round.slug}.pdf" not in page


def test_a_withheld_update_is_named_and_its_promises_are_not_repeated(client):
    update = make_update(state=State.PUBLISHED)
    ProgressUpdate.objects.filter(pk=update.pk).update(withheld_at=timezone.now())
    page = text_of(client, profile_of(update.entry.pledge_maker))
    assert ">Withheld</a>" in page
    assert "Publish the figures" not in page


def test_who_reported_with_another_leads_to_that_one(client):
    mine, theirs = make_public_pledge_maker(name="Mine"), make_public_pledge_maker(name="Theirs")
    entry = make_entry(pledge_maker=theirs)
    RoundEntry.objects.filter(pledge_maker=mine).update(why_not_required=WhyNotRequired.COVERED, covered_by=entry)
    page = text_of(client, profile_of(mine))
    assert "To be reported with Theirs" in page
    assert f'href="{profile_of(theirs)}"' in page


def test_who_withdrew_says_so_and_keeps_its_history(client):
    maker = make_public_pledge_maker()
    PledgeMaker.objects.filter(pk=maker.pk).update(withdrawn_on=date(2026, 10, 1), withdrawn_note="Merged.")
    page = text_of(client, profile_of(maker))
    assert "Withdrew from the pledge on 1 October 2026." in page
    assert "Merged." in page
    assert "Statement of Intent" in page


def test_leaders_and_organisations_of_the_past_are_named_as_such(client):
    maker = make_public_pledge_maker()
    Leader.objects.update(from_on=date(2026, 3, 1), until_on=NOW.date() - timedelta(days=1))
    page = text_of(client, profile_of(maker))
    assert "No leader at present. The pledge stands." in page
    last = NOW.date() - timedelta(days=1)
    assert f"Chief executive, from 1 March 2026 until {last.day} {last:%B %Y}" in page


def test_the_last_day_is_still_in_office(client):
    maker = make_public_pledge_maker()
    Leader.objects.update(from_on=date(2026, 3, 1), until_on=NOW.date())
    page = text_of(client, profile_of(maker))
    assert "No leader at present." not in page
    assert f"From 1 March 2026 until {NOW.day} {NOW:%B %Y}" in page


@pytest.mark.parametrize("rounds", [1, 3, 100])
def test_a_profile_takes_the_same_queries_for_any_number_of_rounds(client, django_assert_num_queries, rounds):
    maker = make_public_pledge_maker()
    for number in range(rounds):
        make_round(label=f"Round {number}", due_on=date(2026, 12, 1) + timedelta(days=number))
    make_update(entry=maker.entries.order_by("pk").first(), state=State.PUBLISHED)
    with django_assert_num_queries(10):
        page = client.get(profile_of(maker))
    assert page.content.decode().count("Not due yet") + page.content.decode().count("Received on time") == rounds


@pytest.mark.parametrize("makers", [1, 3, 100, 1000])
def test_a_profile_takes_the_same_queries_among_any_number(client, django_assert_num_queries, makers):
    maker = make_public_pledge_makers(makers)
    make_update(entry=make_entry(pledge_maker=maker), state=State.PUBLISHED)
    with django_assert_num_queries(10):
        client.get(profile_of(maker))


def test_an_old_address_leads_to_the_profile_for_good(client):
    maker = make_public_pledge_maker()
    PledgeMakerAddress.objects.create(pledge_maker=maker, name="Old", slug="old-name", until=date(2026, 1, 1))
    answer = client.get("/pledge-makers/old-name/")
    assert (answer.status_code, answer["Location"]) == (301, profile_of(maker))
    assert client.get("/pledge-makers/no-name/").status_code == 404


def test_an_old_address_of_somebody_unpublished_tells_nothing(client):
    maker = make_pledge_maker()
    PledgeMakerAddress.objects.create(pledge_maker=maker, name="Old", slug="old-name", until=date(2026, 1, 1))
    assert client.get("/pledge-makers/old-name/").status_code == 404


def test_each_published_version_of_a_statement_keeps_its_address(client):
    leader = make_leader()
    make_statement(leader=leader, state=StatementState.SUPERSEDED, why="The first reason.")
    make_statement(leader=leader, state=StatementState.DRAFT, why="A third reason.")
    address = f"{profile_of(leader.pledge_maker)}statement/"
    first, second = text_of(client, f"{address}v1/"), text_of(client, f"{address}v2/")
    assert "The first reason.</p>" in first
    assert "A newer version has replaced it." in first
    assert "The first reason. Again." in second
    assert client.get(f"{address}v3/").status_code == 404


@pytest.mark.parametrize("address", ["/", LIST])
def test_nothing_is_posted_to_a_public_page(client, address):
    assert client.post(address).status_code == 405
