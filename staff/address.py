"""What the address of a list asks for: filters with a fixed list of values, a sort, a page.

What is not on the list never reaches a query: the page leaves it out and says so.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, QuerySet, Subquery, Value

from design.templatetags.furniture import long_date

PAGE_SIZE = 50
DAY = re.compile(r"20\d\d-\d\d-\d\d|21\d\d-\d\d-\d\d", re.ASCII)
# Of a value that we do not know, so much is repeated.
REPEATED = 40
# No row has a number with more.
DIGITS = 18
# (words of the group or "", ((value, words), ...))
Group = tuple[str, Sequence[tuple[str, str]]]


@dataclass(frozen=True)
class Filter:
    """One box of the page. `every` is what it says when nothing is chosen."""

    name: str
    label: str
    every: str
    groups: Sequence[Group]
    # Chosen by links instead of a box: the form keeps it.
    is_box: bool = True

    @cached_property
    def words(self) -> dict[str, str]:
        """What can be chosen, and what it is called; with its group's name where it has one."""
        return {
            value: f"{group}: {words}" if group else words for group, choices in self.groups for value, words in choices
        }


class _Days(Mapping[str, str]):
    """Every day of two centuries that is written as 2026-11-22, without a list of them."""

    def __init__(self, label: str) -> None:
        self._label = label

    def __getitem__(self, typed: str) -> str:
        if not DAY.fullmatch(typed):
            raise KeyError(typed)
        try:
            return f"{self._label} {long_date(date.fromisoformat(typed))}"
        except ValueError:
            raise KeyError(typed) from None

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@dataclass(frozen=True)
class DayFilter(Filter):
    """A box for one day."""

    every: str = ""
    groups: Sequence[Group] = ()
    is_day: bool = True

    @property
    def words(self) -> Mapping[str, str]:  # type: ignore[override]
        return _Days(self.label)


@dataclass(frozen=True)
class Chosen:
    """What was asked for, as far as we know it; `unknown` holds (label, value) of the rest."""

    filters: Sequence[Filter]
    values: Mapping[str, str]
    unknown: Sequence[tuple[str, str]]
    page: int

    def get(self, name: str) -> str:
        """The value of a filter, or an empty text."""
        return self.values.get(name, "")

    @property
    def boxes(self) -> Iterator[tuple[Filter, str]]:
        """Each box with what is chosen in it, for the form."""
        return ((each, self.get(each.name)) for each in self.filters if each.is_box)

    @property
    def kept(self) -> dict[str, str]:
        """What the form keeps without a box."""
        return {each.name: self.get(each.name) for each in self.filters if not each.is_box and self.get(each.name)}

    @property
    def is_narrowed(self) -> bool:
        """Whether something stands in a box."""
        return any(value for _filter, value in self.boxes)

    @property
    def words(self) -> list[str]:
        """What is chosen in the boxes, in words; the order of the rows is not among it."""
        return [each.words[value] for each, value in self.boxes if value and each.name != "sort"]

    @property
    def everything(self) -> str:
        """The same list with nothing in its boxes."""
        found = urlencode(self.kept)
        return f"?{found}" if found else ""

    def query(self, **changes: Any) -> str:
        """The part of an address after the path for the same view, with changes; empty values are left out."""
        known = {each.name: self.get(each.name) for each in self.filters}
        wanted = {**known, "page": self.page if self.page > 1 else "", **changes}
        found = urlencode({name: value for name, value in wanted.items() if value})
        return f"?{found}" if found else ""

    @property
    def all_pages(self) -> str:
        """The same view without its page: for files and for the next step."""
        return self.query(page="")


def read(asked: Mapping[str, str], filters: Sequence[Filter], labels: Mapping[str, str]) -> Chosen:
    """What the address asks for. `labels` names what is no filter: the page, for one."""
    values, unknown = {}, []
    for each in filters:
        typed = asked.get(each.name, "")
        if typed in each.words:
            values[each.name] = typed
        elif typed:
            unknown.append((each.label, typed[:REPEATED]))
    page = _page_number(asked.get("page", ""))
    if not page:
        unknown.append((labels["page"], asked["page"][:REPEATED]))
    return Chosen(filters, values, unknown, page or 1)


def id_in(typed: str) -> int | None:
    """The number of a row that an address or a form names; None for what is no number, or longer than any."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= DIGITS else None


def _page_number(typed: str) -> int:
    """The number of a page, from 1; 0 for what is none. Nobody has a million pages."""
    if not typed:
        return 1
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 7 else 0


@dataclass(frozen=True)
class Pages:
    """Where the rows on the page stand among all."""

    number: int
    total: int
    size: int = PAGE_SIZE

    @property
    def last(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def first_row(self) -> int:
        return (self.number - 1) * self.size + 1

    @property
    def last_row(self) -> int:
        return min(self.number * self.size, self.total)

    @property
    def before(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def after(self) -> int | None:
        return self.number + 1 if self.number < self.last else None


def one_page(rows: QuerySet[Any], number: int) -> tuple[list[Any], Pages]:
    """The rows of one page, and how many there are in all: one query. A page past the end gives the first, with two.

    What stands beside a row is worked out for those on the page only."""
    start = (number - 1) * PAGE_SIZE
    page = rows.values("pk")[start : start + PAGE_SIZE]
    in_all = rows.order_by().values(every=Value(1)).annotate(count=Count("pk")).values("count")
    found = list(rows.filter(pk__in=page).annotate(total_rows=Subquery(in_all)))
    if not found and number > 1:
        return one_page(rows, 1)
    return found, Pages(number, found[0].total_rows if found else 0)
