"""The links of the public list in words: statuses with their numbers, what is chosen, its pages."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from progress_updates.findings import KEY_WORDS
from progress_updates.list_address import ORGANISATION_KINDS, REGIONS, Wanted
from progress_updates.public_list import PublicList


@dataclass(frozen=True)
class StatusLink:
    """A status, how many have it, and the list of those."""

    kind: str
    words: str
    count: int
    address: str
    is_chosen: bool


def statuses(found: PublicList) -> list[StatusLink]:
    """Those that somebody has, or that was asked for. The numbers are those of the lists they lead to."""
    wanted = found.wanted
    shown = [kind for kind, count in found.by_status.items() if count or kind == wanted.status]
    return [
        StatusLink(
            kind=kind,
            words=capfirst(KEY_WORDS[kind](found.by_status[kind])),
            count=found.by_status[kind],
            address=wanted.address(status=kind),
            is_chosen=kind == wanted.status,
        )
        for kind in shown
    ]


@dataclass(frozen=True)
class Chosen:
    """A filter in force, and the address without it."""

    words: str | Promise
    address: str


def chosen(wanted: Wanted) -> list[Chosen]:
    """What narrows the list now."""
    words: dict[str, Any] = {
        "q": _("“%(typed)s”") % {"typed": wanted.q},
        "region": REGIONS.get(wanted.region),
        "kind": ORGANISATION_KINDS.get(wanted.kind),
        "status": capfirst(KEY_WORDS[wanted.status](1)) if wanted.status else "",
    }
    return [Chosen(words[name], wanted.address(**{name: ""})) for name in wanted.filters]


@dataclass(frozen=True)
class PageLink:
    """A page of the list; number 0 stands for those left out between two others."""

    number: int
    address: str
    is_current: bool


def pages_of(found: PublicList) -> list[PageLink]:
    """The first page, the last, this one and its neighbours. None where all fit on one."""
    last, here = found.pages, found.wanted.page
    if last < 2:
        return []
    shown = [number for number in range(1, last + 1) if number in (1, last) or abs(number - here) <= 1]
    links = []
    for before, number in zip([0, *shown], shown, strict=False):
        if number - before > 1:
            links.append(PageLink(0, "", False))
        links.append(PageLink(number, found.wanted.address(page=number), number == here))
    return links
