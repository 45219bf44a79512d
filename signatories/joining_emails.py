"""What applicants and supporters hear by mail, and that the team hears that something waits.

Nothing that was typed is repeated before somebody of the team has read it: the address may be a stranger's, and
we would carry anybody's words to it."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.people import publishers
from mail import outbox
from mail.models import Message
from signatories.joining import ANSWER_WITHIN
from signatories.models import Application, Invitation, Supporter, SupporterState


def key_of(supporter: Supporter) -> str:
    """How the keys of all mails about a supporter begin, so that they can be forgotten with them."""
    return f"supporter:{supporter.pk}:"


def acknowledge_application(*, application: Application, now: datetime) -> None:
    _to_contact(application, "application_received", {"answer_by": now + ANSWER_WITHIN}, now)


def tell_of_approval(*, application: Application, invitation: Invitation, now: datetime) -> None:
    """Not to a contact who is the leader: they have the invitation."""
    if application.contact_email != invitation.email:
        context = {"leader": invitation.name, "expires_on": timezone.localtime(invitation.expires_at)}
        _to_contact(application, "application_approved", context, now)


def tell_of_refusal(*, application: Application, now: datetime) -> None:
    _to_contact(application, "application_declined", {"reason": application.decline_reason}, now)


def _to_contact(application: Application, template: str, context: dict[str, Any], now: datetime) -> None:
    about = {"name": application.contact_name, "organisation": application.organisation_name}
    outbox.queue(
        to=application.contact_email,
        kind=template,
        template=template,
        context={**about, **context, "site": settings.SITE_URL},
        now=now,
        unique_key=f"{template}:{application.pk}",
    )


def acknowledge_supporter(*, supporter: Supporter, token: str, now: datetime) -> None:
    more = {"answer_by": now + ANSWER_WITHIN, "address": _manage(token)}
    _to_supporter(supporter, "supporter_received", more, now, secret=True)


def send_fresh_link(*, supporter: Supporter, token: str, now: datetime) -> None:
    _to_supporter(supporter, "supporter_link", {"address": _manage(token)}, now, secret=True)


def tell_of_publication(*, supporter: Supporter, now: datetime) -> None:
    more = {"name": supporter.name, "address": _site("signatories:supporters")}
    _to_supporter(supporter, "supporter_published", more, now)


def tell_of_decline(*, supporter: Supporter, now: datetime) -> None:
    """Also when a change is refused, and the words on the list stay."""
    stays = supporter.state == SupporterState.PUBLISHED
    more = {"name": supporter.name, "reason": supporter.decline_reason, "stays": stays}
    _to_supporter(supporter, "supporter_declined", more, now)


def _to_supporter(supporter: Supporter, template: str, more: dict[str, Any], now: datetime, **how: Any) -> None:
    outbox.queue(
        to=supporter.email,
        kind=template,
        template=template,
        context={**more, "link_address": _site("signatories:supporter_link")},
        now=now,
        unique_key=f"{key_of(supporter)}{template}:{now.isoformat()}",
        **how,
    )


def links_mailed(address: str, *, since: datetime) -> int:
    return Message.objects.filter(kind="supporter_link", to=address, created_at__gt=since).count()


def tell_team(*, looks_automatic: bool, now: datetime) -> None:
    """One mail a day to each publisher, at the first arrival; the overview has the rest, and all from robots."""
    if looks_automatic:
        return
    day = timezone.localdate(now)
    drafts = [
        outbox.Draft(
            to=person.email,
            kind="joining_waits",
            template="joining_waits",
            context={"name": person.name, "address": f"{settings.SITE_URL}/staff/", "days": ANSWER_WITHIN.days},
            unique_key=f"joining_waits:{day}:{person.pk}",
        )
        for person in publishers()
    ]
    outbox.queue_many(drafts, now=now)


def _manage(token: str) -> str:
    return _site("signatories:manage_supporter", token)


def _site(name: str, *args: str) -> str:
    return settings.SITE_URL + reverse(name, args=args)
