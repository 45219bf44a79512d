"""Every page of the journey: no axe violation and nothing too wide, in both widths and themes; valid HTML."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from pledge_tracker.seeding import demo
from tests.browser import AxeCheck, NuCheck
from tests.journeys.pages import NamedPage, all_pages
from tests.journeys.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture
def pages(live_site: str) -> list[NamedPage]:
    demo.fill(now=timezone.now())
    return all_pages()


def test_every_page_is_accessible_and_valid(
    pages: list[NamedPage], person: Callable[..., Person], axe: AxeCheck, nu: NuCheck
) -> None:
    assert len({page.name for page in pages}) == len(pages) > 50
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
        somebody.presses(named.submit)
        somebody.page.locator(".govuk-error-summary").wait_for()
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
