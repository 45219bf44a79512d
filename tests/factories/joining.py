"""Applications and supporters, made through the real domain functions."""

import itertools
import re
from datetime import datetime
from typing import Any

from django.utils import timezone

from mail.models import Message
from signatories import applications, supporters
from signatories.models import Application, Supporter, SupporterKind, SupporterState
from tests.factories.accounts import make_caseworker, make_publisher

_numbers = itertools.count(1)
WHY = "Our board has promised it.\n\nWe want to be held to it."
APPLICATION = {
    "organisation_name": "Northtown Mental Health NHS Trust",
    "leader_name": "Dr Ngozi Bello",
    "leader_role_title": "Chief executive",
    "leader_email": "ngozi.bello@northtown.example",
    "contact_name": "Tom Ashworth",
    "contact_email": "tom.ashworth@northtown.example",
    "why": WHY,
}
SUPPORTER = {
    "kind": SupporterKind.PERSON,
    "name": "Grace Addo",
    "statement": "I was a patient here. It must change.",
    "email": "grace.addo@southmoor.example",
}


def make_application(*, now: datetime | None = None, looks_automatic: bool = False, **more: Any) -> Application:
    """One that waits, of an address of its own."""
    told = {**APPLICATION, "contact_email": f"contact{next(_numbers)}@northtown.example", **more}
    return applications.apply(**told, looks_automatic=looks_automatic, now=now or timezone.now())


def make_supporter(
    *, state: str = SupporterState.WAITING, now: datetime | None = None, looks_automatic: bool = False, **more: Any
) -> Supporter:
    """In any state, walked there through the real workflow, with an address of its own."""
    now = now or timezone.now()
    told = {**SUPPORTER, "email": f"supporter{next(_numbers)}@southmoor.example", **more}
    row = supporters.join(**told, consents=True, looks_automatic=looks_automatic, now=now)
    if state == SupporterState.PUBLISHED:
        supporters.publish(supporter=row, by=make_publisher(), now=now)
    elif state == SupporterState.DECLINED:
        supporters.decline(supporter=row, reason="We could not tell who you are.", by=make_caseworker(), now=now)
    elif state == SupporterState.LEFT:
        supporters.leave(supporter=row, now=now)
    row.refresh_from_db()
    return row


def make_changed_supporter(*, now: datetime | None = None, statement: str = "It has begun to change.") -> Supporter:
    """On the list, with new words that wait for the team."""
    row = make_supporter(state=SupporterState.PUBLISHED, now=now)
    supporters.propose_change(supporter=row, name="Grace Addo-Mills", statement=statement, now=now or timezone.now())
    row.refresh_from_db()
    return row


def mailed_link(supporter: Supporter) -> str:
    """The path in the newest mail with a link: the token stands nowhere else."""
    kinds = ("supporter_received", "supporter_link")
    message = Message.objects.filter(to=supporter.email, kind__in=kinds).latest("pk")
    found = re.search(r"/supporters/manage/([\w-]+)/", message.text)
    assert found, message.text
    return found.group()


def token_of(supporter: Supporter) -> str:
    return mailed_link(supporter).split("/")[3]
