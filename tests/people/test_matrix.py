"""Who gets what: every route of the site, opened and posted to by every kind of person, for own and foreign things.

The table (`who_gets_what.py`) has one row for each route; a route without a row fails, and so does a row without a
route. Each of ten people asks for a thing of their own, of somebody else, for one that is not there, and for somebody
else's thing under their own address. Every answer is as the table says, and whoever only reads or is refused leaves
the database as it was: the checksum of all tables, but for sessions and the audit trail, stays.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction

from tests.people.checksum import changed_tables, of_database
from tests.people.everybody import PEOPLE, World, told_once
from tests.people.rows import REFUSALS, SIGN_IN, WHOSE, address, answer_of, routes
from tests.people.who_gets_what import TABLE

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    yield from told_once(django_db_blocker)


@dataclass(frozen=True)
class Try:
    """One request, and what the table says of it."""

    route: str
    method: str
    whose: str
    path: str
    expected: str

    @property
    def must_change_nothing(self) -> bool:
        """Reading, being refused, and asking for what is somebody else's. A link with a token acts for everybody."""
        is_for_all = TABLE[self.route].is_for_all_things
        if self.method == "GET":
            return True
        if self.expected == SIGN_IN:
            return not is_for_all
        return self.expected in REFUSALS or (self.whose != "own" and not is_for_all)

    def by(self, world: World, person: str) -> str:
        browser = world.browser(person)
        return answer_of(browser.get(self.path) if self.method == "GET" else browser.post(self.path))

    def problem(self, answer: str) -> list[str]:
        named = f"{self.method} {self.route} ({self.whose}, {self.path})"
        return [] if answer == self.expected else [f"{named}: {answer}, and the table says {self.expected}"]


def tries_of(world: World, person: str) -> list[Try]:
    return [
        Try(name, method, whose, path, TABLE[name].expected(person, whose, method))
        for name, route in routes().items()
        for whose in WHOSE
        if (path := address(TABLE[name], route, world, person, whose))
        for method in ("GET", "POST")
    ]


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert sorted(routes().keys() - TABLE.keys()) == []
    assert sorted(TABLE.keys() - routes().keys()) == []


@pytest.mark.parametrize("person", PEOPLE)
def test_everybody_gets_what_the_table_says(person: str, world: World) -> None:
    tries = tries_of(world, person)
    before = of_database()
    quiet = [each for each in tries if each.must_change_nothing]
    problems = [problem for each in quiet for problem in each.problem(each.by(world, person))]
    if changed_tables(before):
        problems += [
            f"{each.method} {each.path}: {tables}" for each in quiet if (tables := _changes(world, person, each))
        ]
        problems.append("The database is not as it was.")
    for each in (each for each in tries if not each.must_change_nothing):
        with transaction.atomic():
            problems += each.problem(each.by(world, person))
            transaction.set_rollback(True)
    assert problems == [], f"\n{person}:\n" + "\n".join(problems)


def _changes(world: World, person: str, each: Try) -> list[str]:
    """Only to name the culprit: which tables one request changes."""
    before = of_database()
    with transaction.atomic():
        each.by(world, person)
        changed = changed_tables(before)
        transaction.set_rollback(True)
    return changed


def test_the_scene_holds_what_the_table_is_about(world: World) -> None:
    """So that a 404 proves something: each Pledge Maker has each of the things, and they are not the same ones."""
    ours, theirs = world.ours.things, world.theirs.things
    assert ours.keys() == theirs.keys()
    shared = {name for name in ours if ours[name] == theirs[name]}
    assert shared == {*world.rounds, "unopened", "planned"}
