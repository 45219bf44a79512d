"""What people hear by mail when leaders change; every message is a row of the outbox."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from mail.outbox import Draft, queue_many
from signatories.caseworkers import team
from signatories.models import ChangesAsked, Leader, PledgeMaker, Role, Signature

if TYPE_CHECKING:
    from signatories.terms import Successor


def tell_of_end(
    *,
    leader: Leader,
    by: User,
    event: int,
    is_over: bool,
    unsigned: Sequence[str],
    successor: Successor | None,
    now: datetime,
) -> None:
    """The leader, the coordinators and other leaders, and who of the Synergi team looks after the Pledge Maker.

    `event` is the row of the audit trail: what it tells is told once."""
    maker = leader.pledge_maker
    about = {
        **_about(maker),
        "leader": leader.name,
        "role_title": leader.role_title,
        "last_day": leader.until_on,
        "is_over": is_over,
        "by": by.name,
        "by_themselves": by.pk == leader.user_id,
        "unsigned": list(unsigned),
        "successor": successor,
        "others_lead": _members(maker, Role.LEADER).exclude(pk=leader.user_id).exists(),
    }
    _tell("term_ended", leader, about, page_of_team="invite/", event=event, now=now)


def tell_of_staying(*, leader: Leader, by: User, event: int, last_day: date, now: datetime) -> None:
    """Whoever was told of the last day, which no longer counts. `event` as above."""
    about = {
        **_about(leader.pledge_maker),
        "leader": leader.name,
        "role_title": leader.role_title,
        "last_day": last_day,
        "by": by.name,
        "by_themselves": by.pk == leader.user_id,
    }
    _tell("term_goes_on", leader, about, page_of_team="", event=event, now=now)


def _tell(words: str, leader: Leader, about: dict[str, Any], *, page_of_team: str, event: int, now: datetime) -> None:
    """The leader; the coordinators and other leaders; who of the team looks after it: each in words of their own."""
    maker = leader.pledge_maker
    workspace = _address("signatories:leaders", maker)
    people = _members(maker, Role.COORDINATOR, Role.LEADER).exclude(pk=leader.user_id)
    drafts = [_draft(person, words, about, workspace, event) for person in people]
    if leader.user and leader.user.is_active:
        drafts.append(_draft(leader.user, f"{words}_leader", about, about["public_address"], event))
    team_page = f"{settings.SITE_URL}/staff/pledge-makers/{maker.slug}/{page_of_team}"
    drafts += [_draft(person, f"{words}_team", about, team_page, event) for person in _team_of(maker)]
    queue_many(drafts, now=now)


def tell_of_reaffirmation(*, signature: Signature, leader: Leader, now: datetime) -> None:
    """The coordinators, other leaders, and who of the Synergi team looks after the Pledge Maker."""
    maker = leader.pledge_maker
    about = {
        **_about(maker),
        "leader": signature.name,
        "role_title": signature.role_title,
        "version": signature.statement.version,
        "signed_at": signature.signed_at,
    }
    members = _members(maker, Role.COORDINATOR, Role.LEADER).exclude(pk=leader.user_id)
    people = {person.pk: person for person in [*members, *_team_of(maker)]}.values()
    address = about["public_address"]
    queue_many([_draft(person, "pledge_reaffirmed", about, address, signature.pk) for person in people], now=now)


def tell_of_wanted_changes(*, asked: ChangesAsked, leader: Leader, now: datetime) -> None:
    """The coordinators; where there is none, who of the Synergi team looks after the Pledge Maker."""
    maker = leader.pledge_maker
    about = {**_about(maker), "leader": leader.name, "words": asked.words, "version": asked.statement.version}
    if people := list(_members(maker, Role.COORDINATOR)):
        address = _address("signatories:check_statement", maker)
    else:
        people, address = list(_team_of(maker)), f"{settings.SITE_URL}/staff/pledge-makers/{maker.slug}/"
    queue_many([_draft(person, "changes_asked", about, address, asked.pk) for person in people], now=now)


def _about(maker: PledgeMaker) -> dict[str, Any]:
    return {"pledge_maker": maker.name, "public_address": f"{settings.SITE_URL}/pledge-makers/{maker.slug}/"}


def _address(page: str, maker: PledgeMaker) -> str:
    return settings.SITE_URL + reverse(page, args=[maker.slug])


def _members(maker: PledgeMaker, *roles: Role) -> Any:
    """Active accounts in one of these roles, in the order in which they joined."""
    mine = maker.memberships.filter(ended_at=None, role__in=roles, user__is_active=True)
    return User.objects.filter(pk__in=mine.values("user")).order_by("pk")


def _team_of(maker: PledgeMaker) -> Iterable[User]:
    """Who looks after it; the whole team, where nobody does."""
    return [maker.caseworker] if maker.caseworker and maker.caseworker.is_active else team()


def _draft(person: User, template: str, about: dict[str, Any], address: str, key: int) -> Draft:
    return Draft(
        to=person.email,
        to_name=person.name,
        kind=template,
        template=template,
        context={**about, "name": person.name, "address": address},
        unique_key=f"{template}:{key}:{person.pk}",
    )
