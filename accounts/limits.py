"""How often something may be tried. One table says how often and why; the database counts.

Loose for a network address, which a whole trust shares; tight for one account or address at one place. A limit is
never only about the address that was typed: who tries somebody else's would shut that person out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from math import ceil
from typing import Any, Protocol

from django.db import models
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import audit
from accounts.models import RateCount, User

TEN_MINUTES, HOUR, DAY = timedelta(minutes=10), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Limit:
    """So many tries `of` one kind of key in a stretch of time. `refusal` is what people read before when to return."""

    scope: str
    of: str
    most: int
    within: timedelta
    why: str
    refusal: Promise


LIMITS = (
    Limit(
        "code.asked",
        "an e-mail address at one network address",
        5,
        TEN_MINUTES,
        "Codes arrive within a minute; whoever needs a sixth has another trouble. Elsewhere the count is another one.",
        _("You have asked for several codes. The newest one works."),
    ),
    Limit(
        "code.asked.network",
        "a network address",
        300,
        TEN_MINUTES,
        "A whole trust signs in on the last morning of a round; a robot is stopped before it mails thousands.",
        _("Too many codes were asked for from your network."),
    ),
    Limit(
        "code.typed.network",
        "a network address",
        600,
        TEN_MINUTES,
        "Two tries for each code asked for. One code has five tries of its own; this one is across accounts.",
        _("Too many codes were typed from your network."),
    ),
    Limit(
        "passkey.asked.network",
        "a network address",
        600,
        TEN_MINUTES,
        "As many as may be tried. A challenge keeps a session, and a robot shall not fill the table with them.",
        _("Too many passkeys were asked for from your network."),
    ),
    Limit(
        "passkey.tried.network",
        "a network address",
        600,
        TEN_MINUTES,
        "A passkey cannot be guessed; this keeps the work of checking within bounds.",
        _("Too many passkeys were tried from your network."),
    ),
    Limit(
        "second_factor.tried",
        "an account",
        10,
        TEN_MINUTES,
        "Recovery codes are short. Only somebody who has the first proof of this account comes so far.",
        _("You have tried several times."),
    ),
    Limit(
        "proof.asked",
        "an account",
        10,
        TEN_MINUTES,
        "Only somebody signed in to the account can ask, so nobody else can use this up.",
        _("You have asked for several codes. The newest one works."),
    ),
    Limit(
        "proof.tried",
        "an account",
        20,
        TEN_MINUTES,
        "Four codes with five tries each, passkeys among them. Each failure is a row of the audit trail.",
        _("You have tried several times."),
    ),
    Limit(
        "address.asked",
        "an account",
        5,
        HOUR,
        "People change their address once in years. Each try writes to a mailbox that may be a stranger's.",
        _("You have asked for several codes. The newest one works."),
    ),
    Limit(
        "invitation.sent",
        "an account",
        60,
        HOUR,
        "A coordinator invites a team in one sitting, the Synergi team a region; nobody mails strangers for long.",
        _("You have sent many invitations."),
    ),
    Limit(
        "invitation.mailed",
        "an e-mail address for one Pledge Maker",
        4,
        DAY,
        "The first invitation, and some again. Whoever does not answer four mails a day is better called.",
        _("This address was invited often enough today."),
    ),
    Limit(
        "joining.sent.network",
        "a network address",
        100,
        HOUR,
        "A conference may share one address. Below the 300 from everybody, so that one place cannot use those up.",
        _("We have had many forms from your network."),
    ),
    Limit(
        "export.taken",
        "an account",
        60,
        HOUR,
        "More than anybody reads; a stolen session cannot copy the register over and over.",
        _("You have taken many files."),
    ),
)
BY_SCOPE = {limit.scope: limit for limit in LIMITS}


@dataclass(frozen=True)
class Try:
    """One try of a key: `by` whom, and `about` whose account, where it may be somebody else who tries."""

    limit: Limit
    key: str
    now: datetime
    by: User | None = None
    about: User | None = None


class TooOften(Exception):
    """A limit was reached. The message says what to do; `seconds` is for Retry-After."""

    def __init__(self, refused: Try) -> None:
        self.refused = refused
        self.seconds = _seconds_left(refused.limit.within, refused.now)
        super().__init__(f"{refused.limit.refusal} {_wait(self.seconds)}")

    def put_on_record(self) -> None:
        """The first refusal of a stretch leaves a row in the audit trail; those after it, or the same again, none."""
        refused = self.refused
        if _is_first_refusal(refused):
            audit.record(
                action="limit.reached",
                by=refused.by,
                about=refused.about,
                now=refused.now,
                limit=refused.limit.scope,
            )


def _wait(seconds: int) -> str:
    minutes, hours = ceil(seconds / 60), ceil(seconds / 3600)
    if hours > 1:
        return ngettext("Try again in an hour.", "Try again in %(count)s hours.", hours) % {"count": hours}
    return ngettext("Try again in a minute.", "Try again in %(count)s minutes.", minutes) % {"count": minutes}


def check(scope: str, *, key: str, now: datetime, by: User | None = None, about: User | None = None) -> None:
    """Counts one try of this key. Raises TooOften beyond the limit; the first refusal of a stretch is on the record.

    `about` is whose account is tried, where it may be somebody else who tries. Call it outside a transaction: what is
    rolled back has not been counted."""
    try:
        check_inside(scope, key=key, now=now, by=by, about=about)
    except TooOften as refusal:
        refusal.put_on_record()
        raise


def check_inside(scope: str, *, key: str, now: datetime, by: User | None = None, about: User | None = None) -> None:
    """The same inside a transaction: only what is kept has been counted.

    A refusal undoes the transaction, so it is put on the record afterwards: `RefusalsMiddleware` does."""
    limit = BY_SCOPE[scope]
    if not allow(scope=scope, key=key, most=limit.most, within=limit.within, now=now):
        raise TooOften(Try(limit, key, now, by, about))


def allow(*, scope: str, key: str, most: int, within: timedelta, now: datetime) -> bool:
    """Counts one try, unless `most` have been counted for this key in this stretch of time.

    Stretches follow each other from a fixed moment, so two that touch may hold twice as many. Each count is one
    conditional UPDATE: of any number of parallel tries exactly `most` are allowed."""
    row = _row(scope, key, within, now)
    one_more = row.filter(count__lt=most)
    if one_more.update(count=F("count") + 1):
        return True
    if row.filter(count__gte=most).exists():
        return False
    # Whoever is faster makes the row; then both count in it.
    new = RateCount(scope=scope, key_hash=_hash(scope, key), began_at=_began(within, now))
    RateCount.objects.bulk_create([new], ignore_conflicts=True)
    return bool(one_more.update(count=F("count") + 1))


def limited(scope: str, *methods: str) -> Any:
    """For the pages of somebody signed in: each request by one of these methods is a try of their account."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            user: Any = request.user
            if request.method in methods:
                check(scope, key=str(user.pk), by=user, now=timezone.now())
            return view(request, *args, **kwargs)

        return counted

    return decorate


class Refusal(Protocol):
    seconds: int


def refused(response: HttpResponse, refusal: Refusal) -> HttpResponse:
    """The same page, saying to machines as well that it was too often, and when to come back."""
    response.status_code = 429
    response.headers["Retry-After"] = str(refusal.seconds)
    return response


def delete_old(before: datetime) -> int:
    """Counts of stretches that began before then. Returns how many were deleted."""
    return RateCount.objects.filter(began_at__lt=before).delete()[0]


def _is_first_refusal(refused: Try) -> bool:
    """One more than `most` means that the refusal is on the record already."""
    limit = refused.limit
    row = _row(limit.scope, refused.key, limit.within, refused.now)
    return bool(row.filter(count=limit.most).update(count=limit.most + 1))


def _row(scope: str, key: str, within: timedelta, now: datetime) -> models.QuerySet[RateCount]:
    return RateCount.objects.filter(scope=scope, key_hash=_hash(scope, key), began_at=_began(within, now))


def _began(within: timedelta, now: datetime) -> datetime:
    """When the stretch of `now` began: whole stretches since 1970, in UTC."""
    length = int(within.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // length * length, UTC)


def _seconds_left(within: timedelta, now: datetime) -> int:
    return max(1, ceil((_began(within, now) + within - now).total_seconds()))


def _hash(scope: str, key: str) -> str:
    return salted_hmac(f"accounts.limits.{scope}", key, algorithm="sha256").hexdigest()
