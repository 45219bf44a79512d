"""What signatories hear by mail; every message is a row of the outbox."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.people import publishers
from mail import outbox
from signatories.models import Invitation, Membership, PledgeMaker, Role, Signature, Statement


def send_invitation(*, invitation: Invitation, token: str, now: datetime) -> None:
    outbox.queue(
        to=invitation.email,
        kind="invitation",
        template="invitation",
        context={
            "name": invitation.name,
            "inviter": invitation.invited_by.name,
            "inviter_is_synergi": invitation.invited_by.is_synergi,
            "pledge_maker": invitation.pledge_maker.name,
            "role": invitation.get_role_display().lower(),
            "has_pledged": invitation.pledge_maker.has_pledged(),
            "expires_on": timezone.localtime(invitation.expires_at),
            "address": settings.SITE_URL + reverse("signatories:invitation", args=[token]),
        },
        now=now,
        to_name=invitation.name,
        useful_until=invitation.expires_at,
        secret=True,
    )


def tell_publishers_of_signature(*, signature: Signature, now: datetime) -> None:
    statement = signature.statement
    context = {
        "pledge_maker": statement.pledge_maker.name,
        "leader": signature.name,
        "role_title": signature.role_title,
        "version": statement.version,
        "address": f"{settings.SITE_URL}/staff/",
    }
    for person in publishers():
        outbox.queue(
            to=person.email,
            kind="statement_signed",
            template="statement_signed",
            context=context | {"name": person.name},
            now=now,
            unique_key=f"statement_signed:{statement.pk}:{signature.pk}:{person.pk}",
        )


def tell_colleagues_of_signature(*, signature: Signature, now: datetime) -> None:
    """Those who lead or coordinate with whoever signed."""
    statement = signature.statement
    context = {
        "leader": signature.name,
        "role_title": signature.role_title,
        "address": settings.SITE_URL + reverse("signatories:check_statement", args=[statement.pledge_maker.slug]),
    }
    colleagues = _in_charge(statement.pledge_maker).exclude(user=signature.leader.user)
    _tell("statement_signed_colleague", colleagues, statement, context, key=str(signature.pk), now=now)


def tell_members_of_publication(*, statement: Statement, now: datetime) -> None:
    """Those who lead or coordinate."""
    context = {"address": f"{settings.SITE_URL}/pledge-makers/{statement.pledge_maker.slug}/"}
    _tell("statement_published", _in_charge(statement.pledge_maker), statement, context, str(statement.pk), now)


def _in_charge(pledge_maker: PledgeMaker) -> QuerySet[Membership]:
    rows = pledge_maker.memberships.filter(
        ended_at=None, user__is_active=True, role__in=(Role.LEADER, Role.COORDINATOR)
    )
    return rows.select_related("user").order_by("pk")


def _tell(
    template: str,
    memberships: Iterable[Membership],
    statement: Statement,
    context: dict[str, Any],
    key: str,
    now: datetime,
) -> None:
    about = {**context, "pledge_maker": statement.pledge_maker.name, "version": statement.version}
    drafts = [
        outbox.Draft(
            to=membership.user.email,
            to_name=membership.user.name,
            kind=template,
            template=template,
            context=about | {"name": membership.user.name, "your_role": membership.get_role_display().lower()},
            unique_key=f"{template}:{key}:{membership.user_id}",
        )
        for membership in memberships
    ]
    outbox.queue_many(drafts, now=now)
