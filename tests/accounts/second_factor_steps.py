"""Giving the second factor by hand, and what was recorded meanwhile."""

from django.http import HttpResponse
from django.test import Client

from accounts.models import AuditEvent, User
from tests.factories.accounts import mailed_code

GIVE = "/account/second-factor/"


def by_code(client: Client, user: User) -> HttpResponse:
    """The answer once the mailed code was typed."""
    client.post("/account/login/", {"email": user.email})
    return client.post("/account/login/code/", {"code": mailed_code(user.email)})


def give_code(client: Client, typed: str, **more: str) -> HttpResponse:
    return client.post(GIVE, {"action": "code", "code": typed, **more})


def actions() -> list[str]:
    """All that is on the audit trail, the oldest first."""
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))
