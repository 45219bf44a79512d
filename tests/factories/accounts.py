"""People for tests."""

import itertools
import re
from datetime import datetime, timedelta
from typing import Any

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.account.internal.userkit import user_id_to_str
from django.test import Client
from django.utils import timezone

from accounts import sessions
from accounts.models import SynergiRole, User
from accounts.people import account_for
from mail.models import Message

_numbers = itertools.count(1)


def make_user(*, email: str | None = None, name: str = "Ama Mensah", synergi_role: str = "") -> User:
    """Somebody with a verified address, who could sign in by mailed code."""
    user = account_for(email=email or f"person{next(_numbers)}@northtown.example", name=name)
    if synergi_role:
        user.synergi_role = synergi_role
        user.save(update_fields=["synergi_role"])
    return user


def make_caseworker(*, email: str | None = None, name: str = "Casey Worker") -> User:
    return make_user(
        email=email or f"caseworker{next(_numbers)}@synergi.example",
        name=name,
        synergi_role=SynergiRole.CASEWORKER,
    )


def make_publisher(*, email: str | None = None, name: str = "Pat Publisher") -> User:
    return make_user(
        email=email or f"publisher{next(_numbers)}@synergi.example",
        name=name,
        synergi_role=SynergiRole.PUBLISHER,
    )


def make_administrator(*, email: str | None = None, name: str = "Ada Administrator") -> User:
    return make_user(
        email=email or f"administrator{next(_numbers)}@synergi.example",
        name=name,
        synergi_role=SynergiRole.ADMINISTRATOR,
    )


def sign_in(
    client: Client,
    user: User,
    *,
    proved: datetime | None = None,
    fresh: bool = True,
    second_factor: bool | None = None,
) -> Client:
    """A session of this person, who proved who they are just now, at `proved`, or (not `fresh`) not lately.

    A member of the Synergi team has given a second factor as well, unless `second_factor` says otherwise."""
    client.force_login(user)
    session = client.session
    at = proved or (timezone.now() if fresh else timezone.now() - timedelta(hours=1))
    given = user.is_synergi if second_factor is None else second_factor
    if records := _records(user, at.timestamp(), fresh, given):
        session[AUTHENTICATION_METHODS_SESSION_KEY] = records
        session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = user_id_to_str(user)
    sessions.note_use(session=session, user=user, now=timezone.now(), at_once=True)
    # Noted ahead, so that no request of a slow test writes it again: queries are counted.
    session[sessions.USED] = (timezone.now() + timedelta(minutes=10)).isoformat()
    session.save()
    return client


def _records(user: User, at: float, fresh: bool, second_factor: bool) -> list[dict[str, Any]]:
    code = [{"method": "code", "at": at, "email": user.email}] if fresh else []
    return [*code, passkey_record(at)] if second_factor else code


def passkey_record(at: float) -> dict[str, Any]:
    """What a session keeps when a passkey was used at this moment (a Unix time)."""
    return {"method": "mfa", "at": at, "id": 0, "type": "webauthn"}


def mailed_code(email: str) -> str:
    """The code in the newest message to this address."""
    message = Message.objects.filter(to=email, kind="sign_in_code").order_by("-pk").first()
    assert message is not None, f"No code was mailed to {email}."
    found = re.search(r"^[A-Z]{4}-[A-Z]{4}$", message.text, re.MULTILINE)
    assert found is not None, message.text
    return found.group()
