"""What the address of the public list asks for, and the addresses that its links lead to.

Every value comes from a fixed list. One that we do not know is left out, and a sentence says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from progress_updates.lateness import KINDS
from progress_updates.models import Round
from signatories.models import OrganisationKind, Region
from signatories.words import words_of

LONGEST = 200  # characters of what is typed
PARTNERSHIP = "partnership"
REGIONS: dict[str, str | Promise] = {region.name.lower(): region.label for region in Region}
ORGANISATION_KINDS: dict[str, str | Promise] = {
    **{kind.value: kind.label for kind in OrganisationKind},
    PARTNERSHIP: gettext_lazy("Partnership of several"),
}
NAME, STATUS, RECENT = "name", "status", "recent"
SORTS: dict[str, str | Promise] = {
    NAME: gettext_lazy("Name"),
    STATUS: gettext_lazy("Status in the round"),
    RECENT: gettext_lazy("Most recent update"),
}


@dataclass(frozen=True)
class Wanted:
    """What is asked for; empty means all. `unknown` says in sentences what could not be used."""

    q: str = ""
    region: str = ""
    kind: str = ""
    status: str = ""
    round: str = ""
    sort: str = NAME
    page: int = 1
    unknown: Sequence[str] = field(default=(), compare=False)

    @property
    def filters(self) -> dict[str, str]:
        """What narrows the list, by the name that it has in the address."""
        chosen = {"q": self.q, "region": self.region, "kind": self.kind, "status": self.status}
        return {name: value for name, value in chosen.items() if value}

    def address(self, **changed: str | int) -> str:
        """The query of the same list with something changed; what is usual is left out. Page 1, unless it is named."""
        there = replace(self, **{"page": 1, **changed})  # type: ignore[arg-type]
        pairs = [(each.name, getattr(there, each.name)) for each in fields(there) if each.name != "unknown"]
        told = [(name, value) for name, value in pairs if value != getattr(Wanted, name)]
        return f"?{urlencode(told)}" if told else "?"


def read(typed: Mapping[str, str], rounds: Sequence[Round]) -> Wanted:
    """What an address asks for. `rounds`: those that the list can speak of, the one it usually speaks of first."""
    values = {name: _clean(typed.get(name, "")) for name in ("q", "region", "kind", "status", "round", "sort", "page")}
    known = {
        "region": REGIONS,
        "kind": ORGANISATION_KINDS,
        "status": KINDS if rounds else (),
        "round": [each.slug for each in rounds],
        "sort": SORTS,
    }
    unknown = [_sentence(name, values[name]) for name in known if values[name] and values[name] not in known[name]]
    used = {name: values[name] for name in known if values[name] in known[name]}
    if values["q"] and not words_of(values["q"]):
        unknown.append(_sentence("q", values["q"]))
    else:
        used["q"] = values["q"]
    if rounds and used.get("round") == rounds[0].slug:
        del used["round"]
    page = int(values["page"]) if values["page"].isascii() and values["page"].isdigit() else 0
    if values["page"] and not page:
        unknown.append(_sentence("page", values["page"]))
    return Wanted(**used, page=min(page, 1_000_000) or 1, unknown=unknown)


def no_such_page(page: int) -> str:
    return _sentence("page", str(page))


def _clean(value: str) -> str:
    """PostgreSQL takes no NUL in a text."""
    return " ".join(value.replace("\0", " ").split())[:LONGEST]


def _sentence(name: str, value: str) -> str:
    sentences = {
        "q": _("“%(value)s” holds no letter or digit to search for, so nothing was searched."),
        "region": _("We know no region “%(value)s”, so Pledge Makers of every region are shown."),
        "kind": _("We know no kind “%(value)s”, so Pledge Makers of every kind are shown."),
        "status": _("We know no status “%(value)s”, so Pledge Makers of every status are shown."),
        "round": _("We know no round “%(value)s”, so the current round is shown."),
        "sort": _("We cannot sort by “%(value)s”, so the list is sorted by name."),
        "page": _("There is no page “%(value)s”, so the list begins at its first page."),
    }
    return sentences[name] % {"value": value}
