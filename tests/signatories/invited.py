"""An invitation that was mailed, and the link in its mail."""

import re
from datetime import UTC, datetime

from mail.models import Message
from signatories.models import Invitation
from tests.factories.signatories import make_invitation

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
EMAIL = "ngozi@northtown.example"


def token_of(email: str = EMAIL) -> str:
    """From the newest invitation that was mailed: the token stands nowhere else."""
    message = Message.objects.filter(to=email, kind="invitation").latest("pk")
    found = re.search(r"/invitation/([\w-]+)/", message.text)
    assert found
    return found.group(1)


def page_of(token: str) -> str:
    return f"/invitation/{token}/"


def invite(**more) -> Invitation:  # type: ignore[no-untyped-def]
    return make_invitation(**{"email": EMAIL, "name": "Dr Ngozi Bello", "now": NOW} | more)
