"""Every page of the journey: no axe violation and nothing too wide, in both widths and themes; valid HTML."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import get_resolver, resolve
from django.utils import timezone

from accounts.models import User
from pledge_tracker.seeding import demo
from tests.browser import AxeCheck, NuCheck
from tests.factories.accounts import sign_in
from tests.house.test_building import methods_of, routes
from tests.journeys.named import VISITOR, NamedPage
from tests.journeys.pages import all_pages
from tests.journeys.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

# Addresses that are no page: files, numbers for machines, and forms that another page holds.
NO_PAGES = {
    "account/recovery-codes.txt",
    "account/second-factor/",  # only after the mailed code; looked at in test_passkeys.py
    "account/kept/<int:pk>/",  # only after a session has ended; looked at in test_nothing_is_lost.py
    "account/stay/",  # what the page asks about its session
    "account/address/code/",  # only after the form before it; looked at as "address, type the code"
    "account/login/code/",  # only after the form before it; looked at as "sign in, type the code"
    "health/live",
    "health/ready",
    "pledge-makers/<slug:slug>/<slug:round_slug>/v<int:version>.pdf",
    "rounds/<slug:slug>.csv",
    "rounds/<slug:slug>/v<int:version>.csv",
    "rounds/<slug:slug>/v<int:version>.pdf",
    "staff/audit.csv",
    "staff/queue.csv",
    "staff/rounds/<slug:slug>.csv",
    "staff/rounds/<slug:slug>/national/v<int:version>.pdf",
    "staff/updates/<int:pk>/documents/<int:document>/",
    # The page of the workspace, which is looked at; the demonstration has no document after a rated round.
    "staff/updates/<int:pk>/write/<slug:section>/no-change/",
    "workspace/<slug:slug>/<slug:round_slug>/deadline.ics",
}
# A few of the many pages go to each: visitors, those who write and sign, the team.
KINDS: dict[str, Callable[[NamedPage], bool]] = {
    "visitors": lambda page: page.email == VISITOR,
    "Pledge Makers": lambda page: bool(page.email) and not page.name.startswith("staff: "),
    "the team, at work": lambda page: page.name.startswith("staff: ") and not page.path.startswith("/staff/rounds/"),
    "the team, in rounds": lambda page: page.path.startswith("/staff/rounds/"),
}


@pytest.fixture
def pages(live_site: str) -> list[NamedPage]:
    demo.fill(now=timezone.now())
    return all_pages()


def test_every_page_of_the_site_has_a_name_and_is_found(pages: list[NamedPage]) -> None:
    _has_a_name(pages)
    clients = {email: _client(email) for email in {page.email for page in pages}}
    found = {page.name: clients[page.email].get(page.path).status_code for page in pages}
    assert {name: status for name, status in found.items() if status != 200} == OTHERWISE


def _has_a_name(pages: list[NamedPage]) -> None:
    named = {resolve(page.path.partition("?")[0]).route for page in pages if page.name != "not found"}
    readable = {address for address, route in routes(get_resolver()).items() if "GET" in methods_of(route.callback)}
    assert readable - named == NO_PAGES
    assert len({page.name for page in pages}) == len(pages)
    assert {kind for page in pages for kind, has in KINDS.items() if has(page)} == set(KINDS)
    assert [page.name for page in pages if sum(has(page) for has in KINDS.values()) != 1] == []


# What is served for each on purpose, where it is not a page that was asked for and found.
OTHERWISE = {
    "PDF that is being prepared": 503,
    "national PDF that is being prepared": 503,
    "not found": 404,
    "invitation that is unknown": 404,
    "link that is unknown": 404,
    "somebody else’s workspace": 404,
}


def _client(email: str) -> Client:
    return sign_in(Client(), User.objects.get(email=email)) if email else Client()


@pytest.mark.parametrize("kind", KINDS)
def test_every_page_is_accessible_and_valid(
    kind: str, pages: list[NamedPage], person: Callable[..., Person], axe: AxeCheck, nu: NuCheck
) -> None:
    pages = [page for page in pages if KINDS[kind](page)]
    people = {email: _arrives(person, email) for email in {page.email for page in pages}}
    html: dict[str, str] = {}
    found: list[str] = []
    for named in pages:
        somebody = people[named.email]
        found += _look(named, somebody, axe)
        html[named.name] = somebody.page.content() if named.submit else _as_served(somebody, named)
    assert not found, "\n\n".join(found)
    nu(html)


def _arrives(person: Callable[..., Person], email: str) -> Person:
    somebody = person("Somebody", email)
    return somebody.is_signed_in() if email else somebody


def _look(named: NamedPage, somebody: Person, axe: AxeCheck) -> list[str]:
    """What is wrong with one page, so that one run tells all."""
    somebody.opens(named.path)
    if named.submit:
        for label, text in named.types:
            somebody.types(label, text)
        somebody.presses(named.submit)
        somebody.page.locator(named.shows).first.wait_for()
    dead = somebody.page.evaluate(DEAD_LINKS)
    found = [f"{named.name}: links to nothing on the page: {dead}"] if dead else []
    try:
        axe.everywhere(somebody.page)
    except AssertionError as problem:
        found.append(f"{named.name}: {problem}")
    return found


# Links within the page, those of the error summary above all, that lead nowhere; axe does not look at them.
DEAD_LINKS = """() => [...document.querySelectorAll('a[href^="#"]')]
    .filter(link => !document.getElementById(decodeURIComponent(link.hash.slice(1))))
    .map(link => link.outerHTML)"""


def _as_served(somebody: Person, named: NamedPage) -> str:
    """The bytes that the server sends, before any script touches them."""
    return somebody.page.request.get(f"{somebody.site.url}{named.path}").text()
