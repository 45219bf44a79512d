"""The home page says in one screen what the pledge is, who signed, who reported and who has gone quiet."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from progress_updates.models import Answer, RoundEntry, Snapshot, State
from signatories.models import PledgeMaker
from tests.factories.progress_updates import make_round, make_update
from tests.factories.signatories import make_leader, make_pledge_maker, make_public_pledge_maker

pytestmark = pytest.mark.django_db
DUE = date(2026, 9, 30)


@pytest.fixture
def clock():
    with time_machine.travel(datetime(2026, 9, 1, 8, tzinfo=UTC), tick=False) as traveller:
        yield lambda *moment: traveller.move_to(datetime(*moment, tzinfo=UTC))


def home(client) -> str:
    answer = client.get("/")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def entry_of(maker, round_) -> RoundEntry:
    return RoundEntry.objects.get(pledge_maker=maker, round=round_)


def test_before_anybody_has_signed_it_says_what_the_pledge_is(client, clock):
    page = home(client)
    assert "A promise to reduce ethnic inequalities in mental health care, kept in public." in page
    assert "Initiate fundamental service level changes" in page
    assert page.count('<h3 class="objective-name">') == 7
    assert "Who has gone quiet" not in page


def test_without_a_round_nobody_is_late(client, clock):
    make_public_pledge_maker()
    page = home(client)
    assert "1 leader promised" in page
    assert "They speak for 1 Pledge Maker:" in page
    assert "Who has gone quiet" not in page
    assert "Signed the pledge." in page


def test_leaders_and_pledge_makers_are_counted_apart(client, clock):
    maker = make_public_pledge_maker()
    make_leader(pledge_maker=maker)
    make_public_pledge_maker()
    make_leader(pledge_maker=make_pledge_maker())
    page = home(client)
    assert "3 leaders promised" in page
    assert "They speak for 2 Pledge Makers:" in page


def test_before_the_due_day_it_says_what_has_arrived_and_blames_nobody(client, clock):
    makers = [make_public_pledge_maker() for _ in range(3)]
    round_ = make_round(label="Round 4", due_on=DUE)
    make_update(entry=entry_of(makers[0], round_), state=State.SUBMITTED)
    page = home(client)
    assert "Updates are due by 30 September 2026; 1 of 3 has arrived." in page
    assert "Who has gone quiet" not in page
    assert "ot received" not in page
    assert "<b>2</b> not due yet" in page


def test_after_the_due_day_the_finding_counts_and_the_dots_name_everybody(client, clock):
    makers = [make_public_pledge_maker(name=name) for name in ("Ada", "Bea", "Cleo", "Dora")]
    round_ = make_round(label="Round 4", due_on=DUE)
    make_update(entry=entry_of(makers[0], round_), state=State.SUBMITTED)
    clock(2026, 10, 2, 9)
    make_update(entry=entry_of(makers[1], round_), state=State.SUBMITTED)
    RoundEntry.objects.filter(pledge_maker=makers[2]).update(extended_to=datetime(2026, 12, 1, tzinfo=UTC))
    page = home(client)
    assert "1 of 4 reported on time. One reported late. One has more time. One has not reported." in page
    marks = [f"{name}: {words}" for name, words in (("Ada", "Received on time"), ("Bea", "Received 2 days late"))]
    places = [page.index(f'title="{mark}') for mark in (*marks, "Cleo: Extension", "Dora: Not received")]
    assert places == sorted(places)
    assert "As at 2 October 2026, 10am." in page


def test_the_quiet_are_named_with_the_fact_and_their_reply(client, clock):
    maker = make_public_pledge_maker(name="Dora")
    make_round(label="Round 4", due_on=DUE)
    RoundEntry.objects.update(right_of_reply="Our lead has left.")
    clock(2026, 11, 21, 9)
    page = home(client)
    assert "One Pledge Maker has not reported in Round 4, nor since." in page
    assert "Due 30 September 2026. Not received as at 21 November 2026, 9:00am." in page
    assert "Has never reported." in page
    assert "Our lead has left." in page
    assert f'href="/pledge-makers/{maker.slug}/"' in page


def test_who_reports_in_the_next_round_is_quiet_no_more(client, clock):
    spoke, silent = make_public_pledge_maker(name="Spoke"), make_public_pledge_maker(name="Silent")
    make_round(label="Round 4", due_on=DUE)
    clock(2026, 11, 21, 9)
    later = make_round(label="Round 5", due_on=date(2027, 1, 10))
    make_update(entry=entry_of(spoke, later), state=State.SUBMITTED)
    page = home(client)
    quiet = page[page.index('id="quiet"') : page.index('id="news"')]
    assert (silent.name in quiet, spoke.name in quiet) == (True, False)
    assert "Updates are due by 10 January 2027; 1 of 2 has arrived." in page


def test_who_went_up_in_another_is_not_quiet(client, clock):
    maker = make_public_pledge_maker(name="Merged")
    make_round(label="Round 4", due_on=DUE)
    clock(2026, 11, 21, 9)
    PledgeMaker.objects.filter(pk=maker.pk).update(merged_on=date(2026, 11, 1))
    assert "Nobody. Everybody who had to report in Round 4 has done so, or has more time." in home(client)


def test_when_nobody_is_quiet_it_says_so(client, clock):
    maker = make_public_pledge_maker()
    make_update(entry=entry_of(maker, make_round(label="Round 4", due_on=DUE)), state=State.SUBMITTED)
    clock(2026, 11, 21, 9)
    page = home(client)
    assert "Everybody who had to report did so on time." in page
    assert "Nobody. Everybody who had to report in Round 4 has done so, or has more time." in page


def test_the_ratings_are_those_of_the_latest_round_with_published_updates(client, clock):
    makers = [make_public_pledge_maker() for _ in range(2)]
    round_ = make_round(label="Round 4", due_on=DUE)
    for maker in makers:
        make_update(entry=entry_of(maker, round_), state=State.PUBLISHED)
    Answer.objects.filter(question__number=2).update(rating="delivered")
    clock(2026, 11, 21, 9)
    make_round(label="Round 5", due_on=date(2027, 3, 31))
    page = home(client)
    assert "in the published updates of Round 4" in page
    assert "Objective 2 is furthest: 2 of 2 say it is delivered." in page
    assert page.count("2 prioritised</figcaption>") == 6
    assert page.count("2 delivered</figcaption>") == 1


def test_news_are_newest_first_and_lead_to_the_update(client, clock):
    maker = make_public_pledge_maker(name="Ada")
    round_ = make_round(label="Round 4", due_on=DUE)
    clock(2026, 9, 10, 9)
    make_update(entry=entry_of(maker, round_), state=State.PUBLISHED)
    clock(2026, 9, 12, 9)
    make_public_pledge_maker(name="Bea")
    page = home(client)
    news = page[page.index('id="news"') :]
    assert news.index("Bea") < news.index("Ada")
    assert f'href="/pledge-makers/ada/{round_.slug}/"' in news
    assert news.count("Signed the pledge.") == 2


@pytest.mark.parametrize("makers", [1, 3, 12])
def test_the_page_takes_the_same_queries_for_any_number(client, clock, django_assert_num_queries, makers):
    made = [make_public_pledge_maker() for _ in range(makers)]
    round_ = make_round(label="Round 4", due_on=DUE)
    make_update(entry=entry_of(made[0], round_), state=State.PUBLISHED)
    clock(2026, 11, 21, 9)
    assert Snapshot.objects.count() == 1
    with django_assert_num_queries(15):
        client.get("/")
