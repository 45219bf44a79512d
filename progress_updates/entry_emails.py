"""What people hear by mail about their place in a round: more time, other dates, words taken away."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from mail.outbox import Draft, queue_many
from progress_updates.emails import USEFUL_FOR
from progress_updates.models import Extension, ExtensionRequest, Round, RoundEntry
from progress_updates.permissions import WRITERS
from signatories.models import Membership, Role

SPEAKERS = (Role.LEADER, Role.COORDINATOR)


def more_time_given(extension: Extension, entries: Sequence[RoundEntry]) -> None:
    """To everybody who leads or writes for those who have more time."""
    more = {"due": extension.due_at, "words": extension.public_words}
    _tell(entries, WRITERS, "more_time_given", extension.granted_at, key=str(extension.pk), **more)


def more_time_asked(request: ExtensionRequest) -> None:
    """To the member of the team who looks after them; where nobody does, the team finds it in its queue."""
    entry, person = request.entry, request.entry.pledge_maker.caseworker
    if person is None or not person.is_active or not person.is_synergi:
        return
    context = {
        "asked_by": request.asked_by.name,
        "wanted_on": request.wanted_on,
        "reason": request.reason,
        "due": entry.due,
        "address": f"{settings.SITE_URL}/staff/more-time/{request.pk}/",
    }
    queue_many(
        [_draft(entry, person, "more_time_asked", request.asked_at, str(request.pk), context)], now=request.asked_at
    )


def more_time_refused(request: ExtensionRequest) -> None:
    assert request.answered_at
    entry = request.entry
    _tell(
        [entry],
        SPEAKERS,
        "more_time_refused",
        request.answered_at,
        str(request.pk),
        words=request.refusal,
        due=entry.due,
    )


def words_removed(entry: RoundEntry, *, reason: str, now: datetime) -> None:
    """Says that words beside the status were taken away, and why; never what they were."""
    _tell([entry], SPEAKERS, "words_removed", now, key=f"{entry.pk}:{now.isoformat()}", reason=reason)


def due_day_changed(
    round_: Round, entries: Sequence[RoundEntry], *, now: datetime, due: datetime | None = None
) -> None:
    """To everybody who leads or writes for those who still owe an update and whose due day moved."""
    _tell(entries, WRITERS, "due_day_changed", now, key=f"{round_.pk}:{now.isoformat()}", due=due or round_.due_at)


def people_of(entries: Iterable[RoundEntry], roles: Collection[str]) -> dict[int, list[User]]:
    """Who has one of these roles now, by Pledge Maker. One query."""
    found: dict[int, list[User]] = defaultdict(list)
    rows = Membership.objects.filter(
        pledge_maker__in={entry.pledge_maker_id for entry in entries},
        role__in=roles,
        ended_at=None,
        user__is_active=True,
    )
    for membership in rows.select_related("user").order_by("pk"):
        found[membership.pledge_maker_id].append(membership.user)
    return found


def _tell(
    entries: Sequence[RoundEntry], roles: Collection[str], template: str, now: datetime, key: str, **more: Any
) -> None:
    people = people_of(entries, roles)
    drafts = [
        _draft(entry, person, template, now, key, {"address": _place(entry), **more})
        for entry in entries
        for person in people[entry.pledge_maker_id]
    ]
    queue_many(drafts, now=now)


def _draft(entry: RoundEntry, person: User, template: str, now: datetime, key: str, more: dict[str, Any]) -> Draft:
    return Draft(
        to=person.email,
        to_name=person.name,
        kind=template,
        template=template,
        context={"name": person.name, "pledge_maker": entry.pledge_maker.name, "round": entry.round.label, **more},
        useful_until=now + USEFUL_FOR,
        unique_key=f"{template}:{key}:{entry.pk}:{person.pk}",
    )


def _place(entry: RoundEntry) -> str:
    path = reverse("progress_updates:task_list", args=[entry.pledge_maker.slug, entry.round.slug])
    return settings.SITE_URL + path
