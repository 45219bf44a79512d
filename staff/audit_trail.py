"""The audit trail as the page and the file show it: which rows are asked for, and each row in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import AuditEvent, User
from staff import audit_values as values
from staff.address import Chosen, DayFilter, Filter, Group, id_in, read
from staff.audit_words import BY_COMMAND, GROUPS, KINDS_OF_PEOPLE, OF_VISITORS, acts_of, words_of


@dataclass(frozen=True)
class Line:
    """One row in words. `who_key` is what the filter calls this person."""

    at: datetime
    who: str
    who_key: str
    did: str
    kind: str
    name: str
    page: str
    changes: list[tuple[str, str, str]]
    noted: list[tuple[str, str]]


def chosen_of(asked: Mapping[str, str]) -> Chosen:
    """What the address asks for. Two queries, for the names in the first box."""
    filters: list[Any] = [
        Filter("who", _("Who"), _("Anybody"), _people(asked.get("who", ""))),
        Filter("act", _("What was done"), _("Everything"), _acts()),
        Filter("about", _("About"), _("Everything"), [("", values.kinds())]),
        DayFilter("from", _("From")),
        DayFilter("until", _("Until")),
    ]
    return read(asked, filters, {"page": _("Page")})


def _people(asked: str) -> list[Group]:
    """Kinds of people, the team by name, and whoever else the address names."""
    kinds = [(key, str(words)) for key, words in KINDS_OF_PEOPLE.items()]
    named = User.objects.exclude(synergi_role="")
    if (number := id_in(asked)) is not None:
        named |= User.objects.filter(pk=number)
    people = [(str(user.pk), user.name) for user in named.order_by("name", "pk")]
    return [("", kinds), (_("By name"), people)] if people else [("", kinds)]


def _acts() -> list[Group]:
    """Each group as a whole, then its acts one by one."""
    everything = [(group.key, str(group.label)) for group in GROUPS]
    one_by_one = [(str(group.label), [(act, words_of(act)) for act in group.acts]) for group in GROUPS]
    return [(_("Kind of act"), everything), *one_by_one]


def rows_of(chosen: Chosen) -> QuerySet[AuditEvent]:
    """Newest first."""
    rows = AuditEvent.objects.select_related("by")
    if who := chosen.get("who"):
        rows = rows.filter(_is(who))
    if act := chosen.get("act"):
        rows = rows.filter(action__in=acts_of(act))
    if kind := chosen.get("about"):
        rows = rows.filter(about_kind=kind)
    if day := chosen.get("from"):
        rows = rows.filter(at__gte=_midnight(date.fromisoformat(day)))
    if day := chosen.get("until"):
        rows = rows.filter(at__lt=_midnight(date.fromisoformat(day) + timedelta(days=1)))
    return rows.order_by("-at", "-pk")


def _is(who: str) -> Q:
    kinds = {
        "team": Q(by__isnull=False) & ~Q(by__synergi_role=""),
        "members": Q(by__isnull=False, by__synergi_role=""),
        "nobody": Q(by=None),
    }
    return kinds.get(who) or Q(by=int(who))


def _midnight(day: date) -> datetime:
    """The first moment of a day in London."""
    return timezone.make_aware(datetime.combine(day, time.min))


def lines_of(events: Iterable[AuditEvent]) -> list[Line]:
    """The rows in words. One query, for the names of what they are about."""
    rows = list(events)
    names = values.names_of(rows)
    return [_line(event, names) for event in rows]


def _line(event: AuditEvent, names: values.Names) -> Line:
    name, slug = names.get((event.about_kind, event.about_id or 0), ("", ""))
    kind = values.kind_words(event.about_kind) if event.about_kind else ""
    return Line(
        at=event.at,
        who=event.by.name if event.by else who_else(event.action),
        who_key=str(event.by_id) if event.by_id else "nobody",
        did=words_of(event.action),
        kind=kind,
        name=name or (str(event.about_id) if event.about_id else ""),
        page=values.page_of(event.about_kind, event.about_id, slug) if event.about_id else "",
        changes=values.changes_of(event, names),
        noted=[pair for pair in values.noted_of(event, names) if pair[1] != name],
    )


def who_else(action: str) -> str:
    """Who did it where no account did: a visitor, a command, or the clock."""
    if action in BY_COMMAND:
        return _("A command")
    return _("A visitor") if action in OF_VISITORS else _("The clock")
