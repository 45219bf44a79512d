"""What the database holds, in one comparable value. What is left out is named, each with its reason."""

from collections.abc import Iterator
from contextlib import contextmanager

from pledge_tracker import checksums

# Written by reading, or by being refused, on purpose.
LEFT_OUT = {
    "django_session": "a session is the visit itself: that somebody was refused, or read, may stand in it",
    "usersessions_usersession": "the list of one's own sessions says when each was last seen",
    "accounts_auditevent": "who is refused stands in the audit trail, which is only added to",
    "accounts_keptrequest": "what somebody sends who is not signed in is kept, for them alone, until they have",
    "accounts_ratecount": "how often something was tried is counted, also when it was refused",
    "shared_cache": "a cache holds nothing that is not elsewhere",
}


def of_database(*, left_out: dict[str, str] = LEFT_OUT) -> dict[str, tuple[int, str]]:
    """Rows and checksum of each table, but for those left out."""
    return {name: tuple(found) for name, found in checksums.tables().items() if name not in left_out}


def changed_tables(before: dict[str, tuple[int, str]]) -> list[str]:
    """The tables that are not as they were, among those that were looked at."""
    now = of_database(left_out={})
    return sorted(name for name in before if before[name] != now.get(name))


@contextmanager
def unchanged(what: object) -> Iterator[None]:
    """Asserts that nothing in the database changes meanwhile."""
    before = of_database()
    yield
    assert changed_tables(before) == [], f"{what} changed the database"
