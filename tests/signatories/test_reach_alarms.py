"""The team is told once when fewer than two people of a Pledge Maker can be reached, and again after a recovery."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import User
from mail.models import Message
from signatories import memberships
from signatories.models import Membership, PledgeMaker, ReachAlarm, Role
from signatories.reach_alarms import watch
from tests.factories.accounts import make_caseworker, make_publisher
from tests.factories.signatories import make_member, make_public_pledge_maker

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def casey() -> User:
    return make_caseworker(name="Casey Worker", email="casey@synergi.example")


@pytest.fixture
def maker(casey: User) -> PledgeMaker:
    """Northtown Trust, looked after by Casey, with a leader and a coordinator."""
    make_publisher()
    found = make_public_pledge_maker(name="Northtown Trust", now=NOW)
    PledgeMaker.objects.filter(pk=found.pk).update(caseworker=casey)
    found.refresh_from_db()
    make_member(pledge_maker=found, role=Role.COORDINATOR, name="Cora", now=NOW)
    return found


def leave(maker: PledgeMaker) -> None:
    """The coordinators are gone; the leader stays."""
    Membership.objects.filter(pledge_maker=maker, role=Role.COORDINATOR).update(ended_at=NOW)


def letters() -> list[Message]:
    return list(Message.objects.filter(kind="too_few_reachable").order_by("pk"))


def test_with_two_people_nobody_is_told(maker: PledgeMaker) -> None:
    assert (watch(now=NOW), letters()) == (0, [])


def test_whoever_looks_after_it_is_told_once(maker: PledgeMaker) -> None:
    leave(maker)
    assert [watch(now=NOW + n * DAY) for n in range(4)] == [1, 0, 0, 0]
    [letter] = letters()
    assert letter.to == "casey@synergi.example"
    assert letter.subject == "Find a second person at Northtown Trust who can be reached"
    assert letter.text == (
        "Dear Casey Worker,\n\n"
        "You belong to the Synergi team. Fewer than two people of this Pledge Maker can be reached by mail:\n\n"
        "- Northtown Trust: only Dr Ngozi Bello.\n\n"
        "When the last one leaves, nobody there hears of a deadline. Invite a coordinator, or ask them to.\n\n"
        "See its people:\n"
        "http://127.0.0.1:8000/staff/pledge-makers/northtown-trust/people/\n\n"
        "You receive this message because you look after them. "
        "We say it once, until two people can be reached again.\n\n"
        "--\nPledge Tracker, the public memory of the Synergi pledge\nhttp://127.0.0.1:8000\n"
    )


def test_it_is_told_again_after_a_recovery(maker: PledgeMaker) -> None:
    leave(maker)
    watch(now=NOW)
    make_member(pledge_maker=maker, role=Role.COORDINATOR, now=NOW)
    assert watch(now=NOW + DAY) == 0
    leave(maker)
    assert watch(now=NOW + 2 * DAY) == 1
    assert len(letters()) == 2
    assert list(ReachAlarm.objects.order_by("pk").values_list("began_at", "ended_at")) == [
        (NOW, NOW + DAY),
        (NOW + 2 * DAY, None),
    ]


def test_the_last_one_who_goes_brings_no_second_letter(maker: PledgeMaker) -> None:
    leave(maker)
    watch(now=NOW)
    Membership.objects.filter(pledge_maker=maker).update(ended_at=NOW)
    assert (watch(now=NOW + DAY), len(letters())) == (0, 1)


def test_nobody_at_all_stands_in_the_letter(maker: PledgeMaker) -> None:
    Membership.objects.filter(pledge_maker=maker).update(ended_at=NOW)
    watch(now=NOW)
    assert "- Northtown Trust: nobody.\n" in letters()[0].text


def test_what_nobody_looks_after_is_told_to_the_whole_team(maker: PledgeMaker, casey: User) -> None:
    leave(maker)
    PledgeMaker.objects.filter(pk=maker.pk).update(caseworker=None)
    watch(now=NOW)
    assert {letter.to for letter in letters()} == set(
        User.objects.filter(is_active=True).exclude(synergi_role="").values_list("email", flat=True)
    )
    assert "nobody in particular looks after all of them yet" in letters()[0].text


def test_a_caseworker_who_has_left_the_team_is_not_told(maker: PledgeMaker, casey: User) -> None:
    leave(maker)
    User.objects.filter(pk=casey.pk).update(synergi_role="")
    watch(now=NOW)
    assert "casey@synergi.example" not in {letter.to for letter in letters()}
    assert letters()


@pytest.mark.parametrize("count", [3, 25])
def test_several_at_once_stand_in_one_letter(casey: User, count: int) -> None:
    for number in range(count):
        maker = make_public_pledge_maker(name=f"Trust {number:02}", now=NOW)
        PledgeMaker.objects.filter(pk=maker.pk).update(caseworker=casey)
    assert watch(now=NOW) == count
    [letter] = letters()
    assert letter.subject == f"Find more people at {count} Pledge Makers who can be reached"
    assert letter.text.count(": only Dr Ngozi Bello.") == min(20, count)
    assert ("- and 5 more." in letter.text) == (count == 25)
    assert "http://127.0.0.1:8000/staff/queue/?what=only_one" in letter.text


@pytest.mark.parametrize("count", [1, 3, 100])
def test_a_run_costs_the_same_for_any_number(casey: User, django_assert_num_queries, count: int) -> None:  # type: ignore[no-untyped-def]
    statement = make_public_pledge_maker(now=NOW).statements.get()
    makers = PledgeMaker.objects.bulk_create(
        PledgeMaker(name=f"Copy {n}", slug=f"copy-{n}", created_at=NOW) for n in range(1, count)
    )
    for maker in makers:
        statement.pk, statement.pledge_maker = None, maker
        statement.save()
    with django_assert_num_queries(11):
        assert watch(now=NOW) == count
    with django_assert_num_queries(4):
        assert watch(now=NOW + DAY) == 0


@pytest.mark.django_db(transaction=True)
def test_several_runs_at_once_tell_once() -> None:
    make_caseworker()
    make_public_pledge_maker(now=NOW)
    Message.objects.all().delete()

    def run(_number: int) -> int:
        try:
            return watch(now=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(run, range(12))) == 1
    team = User.objects.filter(is_active=True).exclude(synergi_role="").count()
    assert (ReachAlarm.objects.count(), len(letters())) == (1, team)


def test_the_command_looks_here_and_now(maker: PledgeMaker) -> None:
    leave(maker)
    call_command("watch_reach")
    assert len(letters()) == 1


def test_ending_a_role_leads_to_the_letter(maker: PledgeMaker) -> None:
    cora = maker.memberships.get(role=Role.COORDINATOR)
    make_member(pledge_maker=maker, role=Role.COORDINATOR, now=NOW)
    assert watch(now=NOW) == 0
    memberships.end(membership=cora, by=cora.user, now=NOW)
    assert watch(now=NOW) == 0
    Membership.objects.filter(role=Role.LEADER).update(ended_at=NOW)
    assert watch(now=NOW) == 1
