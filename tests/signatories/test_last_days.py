"""A last day that lies ahead is withdrawn: the leader stays, and whoever was told of it hears so."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from accounts.models import AuditEvent, User
from mail.models import Message
from signatories import last_days, terms
from signatories.caseworkers import give_to_caseworker
from signatories.models import Leader, Membership, Role
from tests.factories.accounts import make_caseworker, make_user, sign_in
from tests.factories.signatories import make_leader, make_member

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")
SIGNED = datetime(2026, 3, 2, 10, tzinfo=LONDON)
NOW = datetime(2026, 11, 22, 11, tzinfo=LONDON)
LAST_DAY = date(2026, 12, 31)


@pytest.fixture
def coordinator(leader: Leader) -> User:
    return make_member(pledge_maker=leader.pledge_maker, name="Tom Ashworth", email="tom@n.example", now=SIGNED).user


@pytest.fixture
def leader(db) -> Leader:
    return make_leader(name="Dr Ngozi Bello", email="ngozi@n.example", now=SIGNED)


@pytest.fixture
def leaving(leader: Leader, coordinator: User) -> Leader:
    terms.end_term(leader=leader, until_on=LAST_DAY, by=coordinator, now=NOW)
    Message.objects.all().delete()
    return leader


def stays(leader: Leader, by: User, now: datetime = NOW) -> Leader:
    return last_days.withdraw(leader=leader, by=by, now=now)


def test_the_leader_stays_and_acts_on(leaving: Leader, coordinator: User) -> None:
    stays(leaving, coordinator)
    assert Leader.objects.get().until_on is None
    later = datetime(2027, 1, 1, 0, 0, tzinfo=LONDON)
    assert last_days.end_due(now=later) == 0
    assert Membership.objects.get(user=leaving.user).ended_at is None


def test_the_trail_says_who_withdrew_which_day(leaving: Leader, coordinator: User) -> None:
    stays(leaving, coordinator)
    event = AuditEvent.objects.get(action="leader.stays")
    assert (event.by, event.about_id) == (coordinator, leaving.pk)
    assert (event.before, event.after) == ({"until_on": "2026-12-31"}, {"until_on": None})


def test_everybody_who_was_told_of_the_day_is_told(leaving: Leader, coordinator: User) -> None:
    casey = make_caseworker(email="casey@synergi.example")
    give_to_caseworker(pledge_makers=[leaving.pledge_maker], caseworker=casey, by=casey, now=NOW)
    leaving.pledge_maker.refresh_from_db()
    stays(leaving, coordinator)
    name = leaving.pledge_maker.name
    assert {(message.kind, message.to, message.subject) for message in Message.objects.all()} == {
        ("term_goes_on_leader", "ngozi@n.example", f"You go on leading {name}"),
        ("term_goes_on", "tom@n.example", f"Dr Ngozi Bello goes on leading {name}"),
        ("term_goes_on_team", "casey@synergi.example", f"Dr Ngozi Bello goes on leading {name}"),
    }
    words = Message.objects.get(kind="term_goes_on").text
    assert "Tom Ashworth has withdrawn the last day of Dr Ngozi Bello" in words
    assert "The day was 31 December 2026; it no longer counts." in words


def test_a_leader_who_stays_of_their_own_accord_reads_so(leaving: Leader, coordinator: User) -> None:
    assert leaving.user
    stays(leaving, leaving.user)
    assert "You have withdrawn your last day" in Message.objects.get(kind="term_goes_on_leader").text
    assert "has withdrawn their own last day" in Message.objects.get(kind="term_goes_on").text


def test_a_withdrawn_day_can_be_entered_again(leaving: Leader, coordinator: User) -> None:
    stays(leaving, coordinator)
    terms.end_term(leader=leaving, until_on=LAST_DAY, by=coordinator, now=NOW)
    assert Message.objects.filter(kind="term_ended_leader").count() == 1
    assert Leader.objects.get().until_on == LAST_DAY


def test_the_team_may_withdraw_it_and_nobody_else_may(leaving: Leader) -> None:
    contributor = make_member(pledge_maker=leaving.pledge_maker, role=Role.CONTRIBUTOR, now=SIGNED).user
    for stranger in (make_user(), contributor, make_leader(now=SIGNED).user):
        with pytest.raises(PermissionDenied, match="Only the leader, a coordinator or the Synergi team"):
            stays(leaving, stranger)
    stays(leaving, make_caseworker())
    leaving.refresh_from_db()
    assert leaving.until_on is None


def test_where_no_day_is_entered_there_is_nothing_to_withdraw(leader: Leader, coordinator: User) -> None:
    with pytest.raises(terms.Refused, match="No last day is entered"):
        stays(leader, coordinator)
    assert not AuditEvent.objects.filter(action="leader.stays").exists()


@pytest.mark.parametrize("days", [0, 1])
def test_a_day_that_has_come_is_not_withdrawn(leaving: Leader, coordinator: User, days: int) -> None:
    then = datetime(2026, 12, 31, 0, 0, tzinfo=LONDON) + timedelta(days=days)
    with pytest.raises(terms.Refused, match="has left already"):
        stays(leaving, coordinator, then)
    assert not Message.objects.filter(kind__startswith="term_goes_on").exists()


def test_somebody_with_a_newer_term_leads_only_once(leaving: Leader, coordinator: User) -> None:
    newer = {"name": leaving.name, "role_title": "Chair", "from_on": NOW.date()}
    Leader.objects.create(pledge_maker=leaving.pledge_maker, user=leaving.user, **newer)
    with pytest.raises(terms.Refused, match="newer term"):
        stays(leaving, coordinator)
    leaving.refresh_from_db()
    assert leaving.until_on == LAST_DAY


def test_a_day_withdrawn_in_the_last_second_ends_nothing(leaving: Leader, coordinator: User) -> None:
    """The job had looked for those who leave before the day was withdrawn."""
    membership = Membership.objects.get(user=leaving.user)
    stays(leaving, coordinator)
    assert last_days._end_now(membership, datetime(2027, 1, 1, tzinfo=LONDON)) is False
    assert not AuditEvent.objects.filter(action="membership.term_over").exists()


# --- On pages ---------------------------------------------------------------------------------------------


@pytest.fixture
def today_leaving(leader: Leader, coordinator: User) -> Leader:
    """Leaves in a month from now on the clock of the site."""
    ahead = date.today() + timedelta(days=30)
    Leader.objects.filter(pk=leader.pk).update(until_on=ahead)
    leader.refresh_from_db()
    return leader


def test_a_coordinator_presses_the_button_on_the_page_of_leaders(
    today_leaving: Leader, coordinator: User, client: Client
) -> None:
    sign_in(client, coordinator)
    page = f"/workspace/{today_leaving.pledge_maker.slug}/leaders/"
    button = f"{page}{today_leaving.pk}/stays/"
    assert f'action="{button}"' in client.get(page).content.decode()
    answer = client.post(button, follow=True)
    assert answer.redirect_chain == [(page, 302)]
    assert "Dr Ngozi Bello goes on leading. Everybody concerned is told." in answer.content.decode()
    assert button not in answer.content.decode()
    assert "No last day is entered for this leader." in client.post(button, follow=True).content.decode()


def test_the_team_presses_the_button_on_its_pages(today_leaving: Leader, client: Client) -> None:
    sign_in(client, make_caseworker())
    page = f"/staff/pledge-makers/{today_leaving.pledge_maker.slug}/"
    button = f"{page}change/leader/{today_leaving.pk}/stays/"
    for shown in (page, f"{page}change/"):
        assert f'action="{button}"' in client.get(shown).content.decode()
    answer = client.post(button, follow=True)
    assert answer.redirect_chain == [(f"{page}change/", 302)]
    assert "Dr Ngozi Bello goes on leading." in answer.content.decode()
    assert "No last day is entered for this leader." in client.post(button, follow=True).content.decode()


def test_withdrawing_asks_for_a_fresh_sign_in(today_leaving: Leader, coordinator: User, client: Client) -> None:
    sign_in(client, coordinator, fresh=False)
    page = f"/workspace/{today_leaving.pledge_maker.slug}/leaders/"
    answer = client.post(f"{page}{today_leaving.pk}/stays/")
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/account/confirm/")
    today_leaving.refresh_from_db()
    assert today_leaving.until_on is not None
