"""Reading changes nothing: every page that links lead to, opened by every kind of person.

From the home page and one's own start page each person follows every link and every form that asks by GET, and opens
the address of every other form as well. Nothing in the database changes, but for what `checksum.py` names with its
reason; no page fails; no link of one's own pages leads to a page that is not there. HEAD and OPTIONS on every route
of the site change nothing either.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.people.checksum import unchanged
from tests.people.everybody import NOBODY, PEOPLE, TEAM, World, told_once
from tests.people.rows import address, routes
from tests.people.walking import START, Page, walk
from tests.people.who_gets_what import TABLE

pytestmark = pytest.mark.django_db
# Found, sent on, or a PDF that is still being made.
WELL = (200, 301, 302, 503)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    yield from told_once(django_db_blocker)


def starts_of(person: str) -> tuple[str, ...]:
    return START["nobody" if person in NOBODY else "team" if person in TEAM else "members"]


def is_well(page: Page) -> bool:
    """A form's address may take no GET."""
    if page.status == 503:
        return page.path.endswith(".pdf")
    return page.status in WELL or (page.is_action and page.status == 405)


@pytest.mark.parametrize("person", PEOPLE)
def test_following_every_link_changes_nothing_and_leads_nowhere_dead(person: str, world: World) -> None:
    with unchanged(f"Reading as {person}"):
        pages = walk(world.browser(person), starts_of(person))
    dead = [f"{page.status} {page.path}, linked on {page.found_on}" for page in pages if not is_well(page)]
    assert dead == []
    assert len(pages) > 30, "Far fewer pages than there are: the walk ends at its start."


@pytest.mark.parametrize("method", ["head", "options"])
@pytest.mark.parametrize("person", PEOPLE)
def test_other_safe_methods_change_nothing(person: str, method: str, world: World) -> None:
    failed = []
    with unchanged(f"{method} as {person}"):
        for name, route in routes().items():
            if path := address(TABLE[name], route, world, person, "own"):
                response = getattr(world.browser(person), method)(path)
                for close in response._resource_closers:  # its file; all of close() would end the connection too
                    close()
                if response.status_code >= 500 and response.status_code != 503:
                    failed.append(f"{response.status_code} {path}")
    assert failed == []
