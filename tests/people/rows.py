"""How the table of who gets what is read: a row says it for one route, a word says it for one kind of person.

A cell is words like "leader 200; others 403". On the left of each part stand people or groups, `others` is everybody
else whom the row is about. On the right stands a status, or `→name`: sent on to the page of that name.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve

from tests.people.everybody import MEMBERS, NOBODY, NOBODYS, PEOPLE, TEAM, World

GROUPS: dict[str, tuple[str, ...]] = {
    "nobody": NOBODY,
    "writers": ("contributor", "coordinator", "leader"),
    "speakers": ("coordinator", "leader"),
    "members": MEMBERS,
    "team": TEAM,
    "publishers": ("publisher", "administrator"),
}
# Who is not signed in is sent to sign in, or, having sent something, signs in on the spot: 401.
SIGN_IN, SIGN_IN_HERE, NO_METHOD, NOT_FOUND = "→account_login", "401", "405", "404"
# Answers that must leave the database as it was, whoever gets them.
REFUSALS = (SIGN_IN, SIGN_IN_HERE, NO_METHOD, NOT_FOUND, "403")
WHOSE = ("own", "foreign", "none", "mixed")


@dataclass(frozen=True)
class Row:
    """One route: for whom it is, what they get, and which of their things stand in its address."""

    audience: Callable[[str, str, str], str]
    get: str
    post: str
    at: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_for_all_things(self) -> bool:
        """Whether those who get it get it for whatever is there, whosever it is."""
        return self.audience in (_everybody, _team, _team_about)

    def expected(self, person: str, whose: str, method: str) -> str:
        if person in NOBODY and self.audience != _everybody:
            return SIGN_IN if method == "GET" else SIGN_IN_HERE
        return self.audience(self.get if method == "GET" else self.post, person, whose)


def everybody(get: str, post: str = NO_METHOD, **at: str) -> Row:
    """For visitors too, and the same whosever it is; what is not there is 404."""
    return Row(_everybody, get, post, at)


def signed_in(get: str, post: str = NO_METHOD, **at: str) -> Row:
    """For whoever has an account, about their own things; somebody else's are 404; visitors are asked to sign in."""
    return Row(_signed_in, get, post, at)


def own_account(get: str, post: str = NO_METHOD, **at: str) -> Row:
    """As before; but what is somebody else's, or gone, is answered like what is over already. Nothing happens to it."""
    return Row(_own_account, get, post, at)


def members(get: str, post: str = NO_METHOD, **at: str) -> Row:
    """For those who act for the Pledge Maker; for everybody else, the team too, it is 404; visitors sign in."""
    return Row(_members, get, post, at)


def team(get: str, post: str = NO_METHOD, **at: str) -> Row:
    """For the Synergi team, whosever it is; for everybody else with an account it is 404; visitors sign in."""
    return Row(_team, get, post, at)


def team_about(get: str, post: str = NO_METHOD, **at: str) -> Row:
    """For the team as well; but the Pledge Maker, or the update, is looked for before the method is looked at."""
    return Row(_team_about, get, post, at)


def _everybody(cell: str, person: str, whose: str) -> str:
    answer = said(cell, person)
    return NOT_FOUND if whose in ("none", "mixed") and answer != NO_METHOD else answer


def _signed_in(cell: str, person: str, whose: str) -> str:
    answer = said(cell, person)
    return answer if whose == "own" or answer == NO_METHOD else NOT_FOUND


def _own_account(cell: str, person: str, whose: str) -> str:
    return said(cell, person)


def _members(cell: str, person: str, whose: str) -> str:
    if cell == NO_METHOD:
        return NO_METHOD
    return said(cell, _role(person)) if person in MEMBERS and whose == "own" else NOT_FOUND


def _role(person: str) -> str:
    """The leader of the other Pledge Maker is a leader, at home."""
    return "leader" if person == "other_leader" else person


def _team(cell: str, person: str, whose: str) -> str:
    return _everybody(cell, person, whose) if person in TEAM else NOT_FOUND


def _team_about(cell: str, person: str, whose: str) -> str:
    return NOT_FOUND if whose == "none" and person in TEAM else _team(cell, person, whose)


def said(cell: str, person: str) -> str:
    """What a cell says of one person."""
    fallback = ""
    for part in cell.split(";"):
        *who, what = part.split()
        names = {name for word in who for name in GROUPS.get(word.rstrip(","), (word.rstrip(","),))}
        assert names <= {*PEOPLE, "others"}, f"“{cell}” names nobody we know: {names - {*PEOPLE}}"
        if person in names:
            return what
        if not names or "others" in names:
            fallback = what
    assert fallback, f"“{cell}” says nothing of {person}"
    return fallback


# --- From a route to the address of somebody's thing -------------------------------------------------------------

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
# What stands in an address where a row says nothing else.
USUAL: dict[str, str] = {"slug": "maker", "maker_slug": "maker", "round_slug": "autumn"}
FIXED: dict[str, Any] = {"version": 1, "section": "objective-1", "key": "why", "part": "late_reason"}


def routes() -> dict[str, str]:
    """Name of each route of the site → its address with the parameters in it."""
    return dict(_walk(get_resolver(), "", ""))


def _walk(resolver: URLResolver, address: str, space: str) -> Iterator[tuple[str, str]]:
    for pattern in resolver.url_patterns:
        here = address + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}", here
        else:
            yield from _walk(pattern, here, f"{space}{pattern.namespace}:" if pattern.namespace else space)


def address(row: Row, route: str, world: World, person: str, whose: str) -> str | None:
    """The path of the route for a thing of one's own, somebody else's, or nobody's; of a foreign thing at one's own
    address ("mixed"). None where there is no such thing, or it is the same as one's own."""
    if whose == "own":
        return _path(row, route, world, person, whose)
    if not PARAMETER.search(route):
        return None
    path = _path(row, route, world, person, whose)
    alike = ("own", "foreign") if whose == "mixed" else ("own",)
    return None if path in {_path(row, route, world, person, other) for other in alike} else path


def _path(row: Row, route: str, world: World, person: str, whose: str) -> str | None:
    values: dict[str, Any] = {}
    for place, name in enumerate(PARAMETER.findall(route)):
        is_own = whose == "own" or (whose == "mixed" and place == 0)
        values[name] = _nobodys(name) if whose == "none" else _value(row, name, world.things_of(person, own=is_own))
    if None in values.values():
        return None
    return "/" + PARAMETER.sub(lambda found: str(values[found[1]]), route)


def _nobodys(name: str) -> Any:
    return NOBODYS.get(name) or FIXED.get(name) or "nobodys"


def _value(row: Row, name: str, things: Mapping[str, Any]) -> Any:
    """What stands in an address for one parameter; None where this person has no such thing."""
    wanted = row.at.get(name, USUAL.get(name, name))
    return FIXED[name] if name in FIXED and name not in row.at else things.get(wanted)


# --- What was answered ------------------------------------------------------------------------------------------


def answer_of(response: HttpResponse) -> str:
    """As a cell says it: a status, or the page that somebody is sent on to."""
    if getattr(response, "streaming", False):
        b"".join(response.streaming_content)  # type: ignore[attr-defined]
    if response.status_code not in (301, 302, 303, 307, 308):
        return str(response.status_code)
    path = response.headers["Location"].partition("?")[0]
    try:
        return f"→{resolve(path).view_name.rpartition(':')[2]}"
    except Resolver404:
        return f"→{path}"
