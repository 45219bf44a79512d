"""Every figure of the national report with the query that makes it: docs/figures.md is printed from here.

The queries are those that the report runs, written as PostgreSQL reads them, with three names in place of values:
:round and :before for the two rounds, :moment (and :day in London) for the time that the report speaks of.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlparse
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.models import QuerySet

from progress_updates import national, statistics
from progress_updates.models import Round

# Values that stand for names in the printed queries.
ROUND, BEFORE = Round(pk=-1001), Round(pk=-1002)
MOMENT, DUE, DAY = datetime(1900, 1, 1, tzinfo=UTC), datetime(1900, 1, 2, tzinfo=UTC), date(1900, 1, 3)
ROUND.due_at = DUE
NAMES: dict[Any, str] = {-1001: ":round", -1002: ":before", MOMENT: ":moment", DUE: ":due_at_of_round", DAY: ":day"}


@dataclass(frozen=True)
class Figure:
    """One figure: its name in the report, what it counts in plain words, the function, and its queries by name."""

    title: str
    words: str
    function: Callable[..., Any]
    queries: tuple[tuple[str, Callable[[], QuerySet[Any, Any]]], ...]


def _leaders(makers: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    return national.leaders_query(makers, DAY).values("pk")


def _organisations(makers: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    return national.organisations_query(makers, DAY).values("pk")


FIGURES = (
    Figure(
        "Who signed",
        "Three counts, never added up. Pledge Makers with a published Statement of Intent that have neither withdrawn "
        "nor merged; their leaders in office on the day of the report; the organisations that take part in them on "
        "that day.",
        national.who_signed,
        (
            ("Pledge Makers", lambda: national.signatories_query().values("pk")),
            ("Leaders", lambda: _leaders(national.signatories_query())),
            ("Organisations", lambda: _organisations(national.signatories_query())),
        ),
    ),
    Figure(
        "Who reported",
        "The same three counts, on the same day, for Pledge Makers whose update was received (signed and not "
        "recalled), and for those that such an update speaks for. It need not be published.",
        national.who_reported,
        (
            ("Pledge Makers", lambda: national.reporters_query(ROUND).values("pk")),
            ("Leaders", lambda: _leaders(national.reporters_query(ROUND))),
            ("Organisations", lambda: _organisations(national.reporters_query(ROUND))),
        ),
    ),
    Figure(
        "On time, late, not received",
        "Pledge Makers by public status. The expression is the one behind the public list, the profile and the "
        "dashboard (`progress_updates/lateness.py`).",
        statistics.round_summary,
        (("Pledge Makers by status", lambda: statistics.statuses_query(ROUND, MOMENT)),),
    ),
    Figure(
        "Ratings by objective",
        "Pledge Makers by rating, in the newest published version of each update that is not withheld.",
        statistics.ratings_by_objective,
        (("Pledge Makers by objective and rating", lambda: statistics.ratings_query(ROUND)),),
    ),
    Figure(
        "Change since the last round",
        "Like with like: only a Pledge Maker's rating of an objective that it rated, and published, in both rounds. "
        "“Further” and “back” follow the order not started, responded to, prioritised, delivered. The round before is "
        "the latest earlier one in which somebody published an update.",
        national.changes_since,
        (
            ("Moves from one rating to another", lambda: national.changes_query(ROUND, BEFORE)),
            ("Pledge Makers compared", lambda: national.compared_makers_query(ROUND, BEFORE)),
        ),
    ),
    Figure(
        "Promises kept and not kept, good practice, challenges",
        "Read from the signed record of the newest published version of each update. Each record lists the next steps "
        "that were open, with what it says became of them: done, going on, dropped, or nothing. For a Pledge Maker "
        "that owed an update and sent none, the steps that its latest earlier record left open count as “nothing "
        "said”; where an update was received and is not published, or withheld, as “answer not published”. "
        "The records are counted one by one, outside the database.",
        national.steps_kept,
        (
            ("Records of the round", lambda: _bodies(national.records_query(ROUND))),
            ("Earlier records of those who sent none", lambda: _bodies(national.earlier_records_query(ROUND))),
            ("Earlier records where an answer is not published", lambda: _bodies(national.unread_records_query(ROUND))),
        ),
    ),
)


def _bodies(records: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    return records.select_related(None).values("update", "body")


HEAD = """# Figures of the national report

Made by `manage.py figures > docs/figures.md` from `progress_updates/figures.py`, and from the queries that the
report itself runs. A test fails when this page and those queries differ. The figures are worked out once, when a
version of the report is built, and stored in it.

In the queries, `:round` is the round, `:before` the round before it, `:moment` the moment that the report speaks of,
`:day` its day in London, `:due_at_of_round` the last second that is on time. Where a query lists ids, the figure is
how many rows it has.
"""


def document() -> str:
    """The whole of docs/figures.md."""
    return "\n".join([HEAD, *(line for figure in FIGURES for line in _section(figure))])


def _section(figure: Figure) -> Iterator[str]:
    module, name = figure.function.__module__, figure.function.__name__
    yield f"## {figure.title}\n"
    yield f"{figure.words}\n"
    yield f"Function: `{module}.{name}`\n"
    for title, query in figure.queries:
        yield f"{title}:\n\n```sql\n{as_sql(query())}\n```\n"


def as_sql(query: QuerySet[Any, Any]) -> str:
    """As PostgreSQL reads it, whatever database is in use; nothing is asked of any."""
    sql, values = query.query.get_compiler(connection=_postgresql()).as_sql()
    named = sql % tuple(_literal(value) for value in values)
    return str(sqlparse.format(named, reindent=True, keyword_case="upper"))


def _postgresql() -> DatabaseWrapper:
    settings: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "none",
        "OPTIONS": {},
        "TIME_ZONE": None,
    }
    rest = {"USER": "", "PASSWORD": "", "HOST": "", "PORT": "", "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False}
    return DatabaseWrapper({**settings, **rest, "AUTOCOMMIT": True, "ATOMIC_REQUESTS": False}, alias="figures")


def _literal(value: Any) -> str:
    if not isinstance(value, bool) and value in NAMES:
        return NAMES[value]
    return f"'{value}'" if isinstance(value, str) else str(value)
