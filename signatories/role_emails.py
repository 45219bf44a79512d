"""Who hears that somebody's role has changed: the person, and the leaders and coordinators. One mail each."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from mail import outbox
from mail.outbox import Draft
from signatories import roles
from signatories.models import Invitation, Membership, PledgeMaker


def tell_of_change(*, before: Membership, after: Membership, by: User, now: datetime) -> None:
    more = {
        "role_before": before.get_role_display().lower(),
        "acts": [act.words for act in roles.acts_of(after.role, after.objectives)],
    }
    _tell("role_changed", after, by, now, more)


def tell_of_end(*, membership: Membership, by: User, now: datetime) -> None:
    _tell("role_ended", membership, by, now, {"left": by.pk == membership.user_id})


def tell_of_limit(*, membership: Membership, by: User, now: datetime) -> None:
    _tell("limit_changed", membership, by, now, {})


def tell_of_joining(*, membership: Membership, invitation: Invitation, now: datetime) -> None:
    """To those in charge, and to whoever invited; the person has just pressed the button."""
    user = membership.user
    more = {
        "other_address": invitation.email if invitation.email != user.email else "",
        "email": user.email,
    }
    context = _context(membership, invitation.invited_by) | more
    told = {person.pk: person for person in [*in_charge(membership.pledge_maker, but=user), invitation.invited_by]}
    drafts = [_draft("member_joined", each, context, membership) for each in told.values() if each.is_active]
    outbox.queue_many([draft for draft in drafts if draft.to != user.email], now=now)


def in_charge(pledge_maker: PledgeMaker, *, but: User) -> list[User]:
    """Those who lead or coordinate now, but one person."""
    rows = User.objects.filter(
        is_active=True,
        memberships__pledge_maker=pledge_maker,
        memberships__ended_at=None,
        memberships__role__in=roles.IN_CHARGE,
    )
    return list(rows.exclude(pk=but.pk).order_by("pk"))


def _tell(kind: str, membership: Membership, by: User, now: datetime, more: dict[str, Any]) -> None:
    """The person reads `<kind>`, the others `<kind>_of_other`."""
    context = _context(membership, by) | more
    drafts = [_draft(kind, membership.user, context, membership)] if membership.user.is_active else []
    drafts += _drafts(f"{kind}_of_other", in_charge(membership.pledge_maker, but=membership.user), context, membership)
    outbox.queue_many(drafts, now=now)


def _drafts(kind: str, people: Iterable[User], context: dict[str, Any], membership: Membership) -> list[Draft]:
    return [_draft(kind, each, context, membership) for each in people]


def _draft(kind: str, to: User, context: dict[str, Any], membership: Membership) -> Draft:
    said = context | {"name": to.name, "address": _page(to, membership, kind)}
    return Draft(to=to.email, to_name=to.name, kind=kind, template=kind, context=said)


def _page(to: User, membership: Membership, kind: str) -> str:
    """Where the one thing to do is done: a person with a role reads what it means, others look at the people."""
    slug = membership.pledge_maker.slug
    if kind == "role_ended":
        return settings.SITE_URL + reverse("workspace")
    if to.pk == membership.user_id:
        return settings.SITE_URL + reverse("signatories:roles", args=[slug])
    if to.is_synergi:
        return f"{settings.SITE_URL}/staff/pledge-makers/{slug}/people/"
    return settings.SITE_URL + reverse("signatories:people", args=[slug])


def _context(membership: Membership, by: User) -> dict[str, Any]:
    return {
        "person": membership.user.name,
        "pledge_maker": membership.pledge_maker.name,
        "role": membership.get_role_display().lower(),
        "limit": roles.limit_in_words(membership.objectives),
        "by": by.name,
        "by_synergi": by.is_synergi,
    }
