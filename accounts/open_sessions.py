"""Where somebody is signed in: which browser, from where, when last used. Ending one counts at its next request."""

import re
from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User

# The first that fits counts: most browsers also call themselves Chrome or Safari.
BROWSERS = (
    (r"Edg(e|A|iOS)?/", "Edge"),
    (r"OPR/|Opera", "Opera"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"Firefox/|FxiOS/", "Firefox"),
    (r"Chrome/|CriOS/|Chromium/", "Chrome"),
    (r"Safari/", "Safari"),
)
SYSTEMS = (
    (r"iPhone", "iPhone"),
    (r"iPad", "iPad"),
    (r"Android", "Android"),
    (r"Windows", "Windows"),
    (r"CrOS", "ChromeOS"),
    (r"Macintosh|Mac OS X", "Mac"),
    (r"Linux|X11", "Linux"),
)


@dataclass(frozen=True)
class OpenSession:
    """One browser in which somebody is signed in, in words."""

    pk: int
    browser: str
    where: str
    began: datetime
    last_used: datetime
    is_this: bool


def of(*, user: User, this_key: str | None, this_address: str, now: datetime) -> list[OpenSession]:
    """This browser first, then the one used last. Two queries; nothing is changed."""
    rows = list(_alive(user, now).order_by("-last_seen_at", "-pk"))
    listed = [_in_words(row, this_key, this_address) for row in rows]
    return sorted(listed, key=lambda session: not session.is_this)


def _alive(user: User, now: datetime) -> models.QuerySet[UserSession]:
    keys = Session.objects.filter(expire_date__gt=now).values("session_key")
    return UserSession.objects.filter(user_id=user.pk, session_key__in=keys)


def _in_words(row: UserSession, this_key: str | None, this_address: str) -> OpenSession:
    is_this = row.session_key == this_key
    return OpenSession(
        pk=row.pk,
        browser=browser_in_words(row.user_agent),
        where=_where(row.ip, this_address),
        began=row.created_at,
        last_used=row.last_seen_at,
        is_this=is_this,
    )


def browser_in_words(user_agent: str) -> str:
    """Like “Firefox on Windows”, as far as the browser says."""
    browser, system = _first(BROWSERS, user_agent), _first(SYSTEMS, user_agent)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("An unknown browser")


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for pattern, name in names if re.search(pattern, user_agent)), "")


def _where(address: str, this_address: str) -> str:
    if address == this_address:
        return _("The network that you are in now (%(address)s)") % {"address": address}
    return _("Another network (%(address)s)") % {"address": address}


# --- Ending ------------------------------------------------------------------------------------------------


def key_of(*, user: User, pk: int) -> str | None:
    return UserSession.objects.filter(user_id=user.pk, pk=pk).values_list("session_key", flat=True).first()


@transaction.atomic
def end(*, user: User, pk: int, now: datetime) -> bool:
    """Ends one of their own; False when it is none of theirs, or over already."""
    session = UserSession.objects.filter(user_id=user.pk, pk=pk).first()
    if session is None:
        return False
    session.end()
    audit.record(action="session.ended", by=user, about=user, now=now, why="from_elsewhere", sessions=1)
    return True


@transaction.atomic
def end_others(*, user: User, this_key: str | None, now: datetime) -> int:
    """Ends all but the one with this key. Returns how many."""
    others = list(UserSession.objects.filter(user_id=user.pk).exclude(session_key=this_key))
    for session in others:
        session.end()
    if others:
        audit.record(action="session.ended", by=user, about=user, now=now, why="from_elsewhere", sessions=len(others))
    return len(others)


def end_all(*, user: User) -> None:
    """Signs this person out everywhere."""
    sessions = UserSession.objects.filter(user_id=user.pk)
    Session.objects.filter(session_key__in=sessions.values("session_key")).delete()
    sessions.delete()
