"""What people hear by mail about an update; every message is a row of the outbox, written with the step."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from mail.models import Message
from mail.outbox import Draft, queue_many
from progress_updates.models import ProgressUpdate, State, StatusChange
from progress_updates.permissions import WRITERS
from signatories.models import Role

# News of a step is not sent later than that.
USEFUL_FOR = timedelta(days=14)


def tell(change: StatusChange) -> None:
    """Writes the messages that a step of the workflow causes; most steps cause none. About a past round, which is
    entered as history, nobody hears but a leader who is asked to sign."""
    if change.update.entry.round.is_past and change.action != "ask_for_signature":
        return
    if write := _ABOUT.get(change.action):
        queue_many(list(write(change)), now=change.at)


def _signature_asked(change: StatusChange) -> Iterable[Draft]:
    """To the leaders, but not to one who asked alone."""
    leaders = _members(change.update, Role.LEADER)
    return [_draft(change, person, "update_to_sign", "sign") for person in leaders]


def _returned_by_leader(change: StatusChange) -> Iterable[Draft]:
    people = [person for person in _members(change.update, *WRITERS) if person != change.by]
    return [_draft(change, person, "update_returned_by_leader", "task_list") for person in people]


def _returned_by_staff(change: StatusChange) -> Iterable[Draft]:
    people = _members(change.update, *WRITERS)
    return [_draft(change, person, "update_returned_by_staff", "task_list") for person in people]


def _submitted(change: StatusChange) -> Iterable[Draft]:
    """To all members, readers too, and to the Synergi team."""
    members = _members(change.update, *Role.values)
    team = User.objects.filter(is_active=True).exclude(synergi_role="").order_by("pk")
    return [
        *(_draft(change, person, "update_submitted", "task_list") for person in members),
        *(_draft(change, person, "update_received", None) for person in team),
    ]


def _entered(change: StatusChange) -> Iterable[Draft]:
    """To all members: the team has entered what they sent. To the rest of the team: it waits for a review."""
    team = User.objects.filter(is_active=True).exclude(synergi_role="").exclude(pk=change.by_id or 0).order_by("pk")
    return [
        *(_draft(change, person, "update_entered", "read") for person in _members(change.update, *Role.values)),
        *(_draft(change, person, "update_received", None) for person in team),
    ]


def _published(change: StatusChange) -> Iterable[Draft]:
    return [_draft(change, person, "update_published", None) for person in _members(change.update, *Role.values)]


def signature_still_wanted(message: Message, now: datetime) -> bool:
    """The leader is not called to sign what was taken back, returned or signed meanwhile."""
    change_pk = (message.unique_key or "").split(":")[1]
    change = StatusChange.objects.select_related("update").get(pk=change_pk)
    newer = change.update.changes.filter(pk__gt=change.pk).exists()
    return change.update.state == State.AWAITING_SIGN_OFF and not newer


_ABOUT: dict[str, Callable[[StatusChange], Iterable[Draft]]] = {
    "ask_for_signature": _signature_asked,
    "return_by_leader": _returned_by_leader,
    "return_by_staff": _returned_by_staff,
    "sign": _submitted,
    "sign_by_document": _entered,
    "publish": _published,
}


def _members(update: ProgressUpdate, *roles: str) -> list[User]:
    rows = update.entry.pledge_maker.memberships.filter(ended_at=None, role__in=roles, user__is_active=True)
    return [membership.user for membership in rows.select_related("user").order_by("pk")]


def _draft(change: StatusChange, person: User, template: str, page: str | None) -> Draft:
    return Draft(
        to=person.email,
        to_name=person.name,
        kind=template,
        template=template,
        context=_context(change, person, page),
        useful_until=change.at + USEFUL_FOR,
        unique_key=f"{template}:{change.pk}:{person.pk}",
    )


def _context(change: StatusChange, person: User, page: str | None) -> dict[str, object]:
    entry = change.update.entry
    maker, round_ = entry.pledge_maker, entry.round
    path = reverse(f"progress_updates:{page}", args=[maker.slug, round_.slug]) if page else ""
    return {
        "name": person.name,
        "by": change.by.name if change.by else "",
        "leader": change.update.signed_by or "",
        "pledge_maker": maker.name,
        "round": round_.label,
        "due": entry.due,
        "publishes_at": round_.publishes_at,
        "reason": change.note,
        "respond_by": change.respond_by,
        "address": settings.SITE_URL + path,
        "public_address": f"{settings.SITE_URL}/pledge-makers/{maker.slug}/{round_.slug}/",
        "staff_address": f"{settings.SITE_URL}/staff/",
    }
