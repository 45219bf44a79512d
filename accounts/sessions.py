"""How long a session lasts: the rules as data, who is still signed in, and the record of how it ended.

A page counts as use, and so does saving words, also by itself. To be asked how much time is left does not: a page
that is merely open keeps nobody signed in. The last use is written now and then, so that a page costs no write; a
session may therefore end up to that long before the idle time is over, never after it.
"""

from collections.abc import MutableMapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest

from accounts import audit
from accounts.models import User

BEGAN, USED = "session_began", "session_used"


@dataclass(frozen=True)
class Limits:
    """How long a session lasts without use, and at most; and how often its last use is written."""

    idle: timedelta
    most: timedelta
    written_every: timedelta


TRUST_PEOPLE = Limits(idle=timedelta(hours=20), most=timedelta(days=7), written_every=timedelta(minutes=5))
SYNERGI_TEAM = Limits(idle=timedelta(minutes=60), most=timedelta(hours=12), written_every=timedelta(minutes=1))
WARNED_BEFORE = timedelta(minutes=5)


class Why(StrEnum):
    """Why a session ended, as the audit record has it."""

    IDLE = "idle"
    LONGEST = "longest"
    SIGNED_OUT = "signed_out"


def limits_of(user: User) -> Limits:
    return SYNERGI_TEAM if user.is_synergi else TRUST_PEOPLE


def ends_at(session: MutableMapping[str, Any] | SessionBase, user: User) -> datetime | None:
    """The last moment at which the session still counts; None before its first use is written."""
    limits, began, used = limits_of(user), session.get(BEGAN), session.get(USED)
    if not began or not used:
        return None
    return min(datetime.fromisoformat(used) + limits.idle, datetime.fromisoformat(began) + limits.most)


def why_over(session: MutableMapping[str, Any] | SessionBase, user: User, now: datetime) -> Why | None:
    """Why the session is over at `now`; None while it lasts, its last second included."""
    end = ends_at(session, user)
    if end is None or now <= end:
        return None
    idle_since = datetime.fromisoformat(session[USED]) + limits_of(user).idle
    return Why.IDLE if end == idle_since else Why.LONGEST


def seconds_left(session: SessionBase, user: User, now: datetime) -> int:
    """Whole seconds until the session ends unless it is used."""
    end = ends_at(session, user)
    return max(0, int((end - now).total_seconds())) if end else int(limits_of(user).idle.total_seconds())


def can_be_extended(session: SessionBase, user: User, now: datetime) -> bool:
    """Whether to stay helps: not in the last minutes of the longest that a session may last."""
    began = datetime.fromisoformat(session[BEGAN]) if session.get(BEGAN) else now
    return began + limits_of(user).most - now > WARNED_BEFORE


def note_use(*, session: SessionBase, user: User, now: datetime, at_once: bool = False) -> bool:
    """Writes that the session is used now, unless that was written a moment ago. Says whether it was."""
    limits, last = limits_of(user), session.get(USED)
    if last and not at_once and now - datetime.fromisoformat(last) < limits.written_every:
        return False
    began = datetime.fromisoformat(session.setdefault(BEGAN, now.isoformat()))
    session[USED] = now.isoformat()
    # Row and cookie outlive the session a little, so that whoever comes back then is told why it ended.
    left = min(limits.idle, began + limits.most - now) + limits.written_every
    session.set_expiry(int(left.total_seconds()))
    UserSession.objects.filter(session_key=session.session_key).update(last_seen_at=now)
    return True


def person(request: HttpRequest, found: User | AnonymousUser, now: datetime) -> User | AnonymousUser:
    """Who is there: nobody, once the session has run out. Then it is ended, and the request says why and whose."""
    if not isinstance(found, User):
        return found
    why = why_over(request.session, found, now)
    if why is None:
        return found
    end(session=request.session, user=found, why=why, now=now)
    request.ended_session = Ended(found, why)  # type: ignore[attr-defined]
    return AnonymousUser()


@transaction.atomic
def renew(session: SessionBase) -> None:
    """The same session under a new key, after each further proof of who is there: whoever had the key of before has
    nothing (OWASP ASVS 5.0, 7.2.4)."""
    before = session.session_key
    session.cycle_key()
    UserSession.objects.filter(session_key=before).update(session_key=session.session_key)


@dataclass(frozen=True)
class Ended:
    """A session that ended in this very request."""

    user: User
    why: Why


def just_ended(request: HttpRequest) -> Ended | None:
    return getattr(request, "ended_session", None)


@transaction.atomic
def end(*, session: SessionBase, user: User, why: Why, now: datetime) -> None:
    """Deletes the session; its end is on the record once, however many requests notice it."""
    key = session.session_key
    if Session.objects.filter(session_key=key).delete()[0]:
        UserSession.objects.filter(session_key=key).delete()
        audit.record(action="session.ended", by=user, now=now, why=str(why))
    session.flush()


def end_those_run_out(now: datetime) -> int:
    """Deletes the sessions that nobody came back to; the end of each that was somebody's is on the record.

    Returns how many were deleted. Safe to run twice, and beside pages that notice the same. Visitors' go in one
    statement: a robot leaves thousands of them."""
    over = Session.objects.filter(expire_date__lt=now)
    visitors = [row.pk for row in over.iterator() if SESSION_KEY not in row.get_decoded()]
    gone = over.filter(pk__in=visitors).delete()[0]
    return gone + sum(_delete_run_out(row, now) for row in list(over))


@transaction.atomic
def _delete_run_out(row: Session, now: datetime) -> int:
    deleted = Session.objects.filter(pk=row.pk, expire_date__lt=now).delete()[0]
    held = row.get_decoded()
    UserSession.objects.filter(session_key=row.pk).delete()
    user = User.objects.filter(pk=held[SESSION_KEY]).first() if deleted and held.get(SESSION_KEY) else None
    if user:
        audit.record(action="session.ended", by=user, now=now, why=str(why_over(held, user, now) or Why.IDLE))
    return deleted
