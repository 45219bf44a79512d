"""What signatories hear by mail; every message is a row of the outbox."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.people import publishers
from mail import outbox
from signatories.models import Invitation, Role, Signature, Statement


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
            "has_pledged": Statement.objects.public().filter(pledge_maker=invitation.pledge_maker_id).exists(),
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


def tell_leaders_of_publication(*, statement: Statement, now: datetime) -> None:
    pledge_maker = statement.pledge_maker
    memberships = pledge_maker.memberships.filter(role=Role.LEADER, ended_at=None, user__is_active=True)
    for membership in memberships.select_related("user").order_by("pk"):
        outbox.queue(
            to=membership.user.email,
            kind="statement_published",
            template="statement_published",
            context={
                "name": membership.user.name,
                "pledge_maker": pledge_maker.name,
                "version": statement.version,
                "address": f"{settings.SITE_URL}/pledge-makers/{pledge_maker.slug}/",
            },
            now=now,
            unique_key=f"statement_published:{statement.pk}:{membership.user_id}",
        )
