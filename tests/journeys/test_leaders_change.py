"""A leader leaves: the coordinator enters the last day, the team invites, the successor reads and re-affirms."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from signatories.models import Leader, PledgeMaker, Role
from tests.browser import AxeCheck, NuCheck
from tests.factories.signatories import make_member, make_public_pledge_maker
from tests.journeys.people import Person, Site, plain

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.timeout(300)]
NAME, SLUG = "Northtown Mental Health NHS Trust", "northtown-mental-health-nhs-trust"
WORKSPACE, PUBLIC = f"/workspace/{SLUG}/", f"/pledge-makers/{SLUG}/"


@pytest.fixture
def maker() -> PledgeMaker:
    """Signed a year ago by Dr Bello, and coordinated by Tom Ashworth."""
    then = timezone.now() - timedelta(days=365)
    found = make_public_pledge_maker(name=NAME, now=then)
    make_member(
        pledge_maker=found, role=Role.COORDINATOR, email="tom.ashworth@northtown.example", name="Tom Ashworth", now=then
    )
    return found


@pytest.fixture
def looked(axe: AxeCheck, nu: NuCheck) -> Any:
    """looked(person, name) checks the page as it stands, and all their markup at the end."""
    pages: dict[str, str] = {}

    def look(somebody: Person, name: str) -> None:
        axe.everywhere(somebody.page)
        pages[name] = somebody.page.content()

    yield look
    nu(pages)


def test_from_one_leader_to_the_next(
    maker: PledgeMaker, worker: Any, site: Site, publisher: Person, person: Callable[..., Person], looked: Any
) -> None:
    gone = Leader.objects.select_related("user").get()
    assert gone.user
    leader, coordinator = person(gone.name, gone.user.email), person("Tom Ashworth", "tom.ashworth@northtown.example")
    successor, visitor = person("Dr Leila Hosseini", "leila.hosseini@northtown.example"), person()

    _the_coordinator_enters_the_last_day(coordinator, successor, looked)
    _everybody_is_told(leader, coordinator)
    _the_public_reads_that_nobody_leads(visitor, leader, looked)
    _the_team_invites_the_successor(publisher, successor)
    _the_successor_accepts(successor, looked)
    visitor.waits_until_it_says(f"{PUBLIC}?awaiting", "Awaiting re-affirmation")
    looked(visitor, "profile, awaiting")
    _the_successor_reads_and_reaffirms(successor, looked)
    _everybody_reads_it(visitor, coordinator, publisher, looked)


def _the_coordinator_enters_the_last_day(coordinator: Person, successor: Person, looked: Any) -> None:
    coordinator.signs_in()
    coordinator.follows("Leaders, and when a term ends")
    coordinator.reads("Leaders")
    coordinator.comes_back_an_hour_later()
    coordinator.follows("Enter the last day")
    coordinator.proves_who_they_are()
    coordinator.reads("The last day of Dr Ngozi Bello")
    coordinator.presses("Enter the last day")
    coordinator.sees("“What is the last day?” needs an answer.")
    looked(coordinator, "last day, nothing typed")
    coordinator.types_date("What is the last day?", timezone.localdate() - timedelta(days=1))
    coordinator.types("Who leads next, if you know", successor.name)
    coordinator.types("Their role", "Chief executive")
    coordinator.types("Their e-mail address", successor.email)
    coordinator.presses("Enter the last day")
    coordinator.sees("Dr Ngozi Bello led until")
    coordinator.sees("Nobody at present. The pledge stands, but nobody can sign.")
    looked(coordinator, "leaders, with nobody in office")


def _everybody_is_told(leader: Person, coordinator: Person) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    day = f"{yesterday.day} {yesterday:%B %Y}"
    assert _paragraphs(leader, f"Your term as a leader of {NAME} has ended") == [
        "Dear Dr Ngozi Bello,",
        f"Tom Ashworth has entered your last day as a leader of {NAME}: {day}.",
        "You can no longer sign or write for it. What you signed keeps your name, and the pledge stands. "
        "Thank you for leading it.",
        f"See the public page:\n{leader.site.url}{PUBLIC}",
        f"You receive this message because you led {NAME}. If the day is wrong, tell its coordinator or the Synergi "
        "team.",
    ]
    assert _paragraphs(coordinator, f"Dr Ngozi Bello no longer leads {NAME}") == [
        "Dear Tom Ashworth,",
        f"Tom Ashworth has entered the last day of Dr Ngozi Bello, Chief executive, as a leader of {NAME}: {day}.",
        "The pledge stands. What is public does not change, and what Dr Ngozi Bello signed keeps the name.",
        "Tom Ashworth named Dr Leila Hosseini as the successor. The Synergi team sends the invitation. The new leader "
        "reads the pledge, then re-affirms it or asks for changes.",
        f"See who leads:\n{coordinator.site.url}{WORKSPACE}leaders/",
        f"You receive this message because you act for {NAME}.",
    ]


def _paragraphs(somebody: Person, about: str) -> list[str]:
    """The whole mail but for the footer."""
    text = "\n".join(plain(somebody.mail(about)).splitlines())
    return text.partition("\n\n--")[0].strip().split("\n\n")


def _the_public_reads_that_nobody_leads(visitor: Person, leader: Person, looked: Any) -> None:
    visitor.opens(PUBLIC)
    visitor.sees("No leader at present. The pledge stands.")
    visitor.sees(leader.name)
    looked(visitor, "profile, nobody leads")


def _the_team_invites_the_successor(publisher: Person, successor: Person) -> None:
    publisher.is_signed_in().opens("/staff/queue/?what=leader")
    told = plain(publisher.mail(f"Invite the successor of Dr Ngozi Bello at {NAME}"))
    assert f"They name as the successor: Dr Leila Hosseini, Chief executive, {successor.email}." in told
    publisher.opens(f"/staff/pledge-makers/{SLUG}/").sees("No leader is in office.")
    publisher.follows("Invite a further leader")
    publisher.types("Full name", successor.name)
    publisher.types("Their role", "Chief executive")
    publisher.types("E-mail address", successor.email)
    publisher.presses("Send the invitation")
    publisher.sees(successor.email)


def _the_successor_accepts(successor: Person, looked: Any) -> None:
    successor.follows_mail(f"Accept your invitation to lead the pledge of {NAME}")
    successor.presses("Accept the invitation")
    successor.signs_in()
    successor.reads(NAME)
    successor.sees("The pledge that you have taken over")
    looked(successor, "workspace of a new leader")


def _the_successor_reads_and_reaffirms(successor: Person, looked: Any) -> None:
    successor.opens(WORKSPACE).follows("Read the pledge")
    successor.reads("The pledge, and what became of it")
    successor.sees("We want everyone in Northtown to get the same good care.")
    looked(successor, "what a new leader reads")
    successor.follows("Not now")
    successor.follows("Read the pledge")
    successor.comes_back_an_hour_later()
    successor.follows("Re-affirm the pledge")
    successor.proves_who_they_are()
    successor.reads("Re-affirm the pledge")
    successor.types("Your role", "Interim chief executive")
    looked(successor, "re-affirm")
    successor.presses("Re-affirm the pledge")
    successor.sees("You have re-affirmed the pledge. The public page says so.")
    successor.does_not_see("The pledge that you have taken over")


def _everybody_reads_it(visitor: Person, coordinator: Person, publisher: Person, looked: Any) -> None:
    today = timezone.localdate()
    day = f"{today.day} {today:%B %Y}"
    visitor.opens(f"{PUBLIC}?re-affirmed").sees(f"Re-affirmed the pledge on {day}")
    visitor.does_not_see("Awaiting re-affirmation")
    looked(visitor, "profile, re-affirmed")
    visitor.follows("Version 1")
    visitor.sees("Interim chief executive")
    visitor.sees(f"Re-affirmed on {day}")
    looked(visitor, "Statement, re-affirmed")
    for somebody in (coordinator, publisher):
        told = plain(somebody.mail(f"Dr Leila Hosseini has re-affirmed the pledge of {NAME}"))
        assert f"(version 1) on {day}." in told
