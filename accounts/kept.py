"""What somebody sent when it could not be taken: kept for a day, and given back to the same person only.

Two things make it wait: the session had ended, or the act needs a fresh proof of who is there. The browser holds a
secret in its session, the row its hash; and the row names who wrote it, as every form of a private page says, signed.
Whoever else signs in in that browser gets nothing."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise

from accounts.models import KeptRequest, User

View = Callable[..., Any]
KEPT_FOR = timedelta(days=1)
# Bytes, as they are stored.
LARGEST = 1024 * 1024
LONGEST_PATH = 2000
# More than anybody has tabs; an open page can fill no table.
MOST_OF_ONE_PERSON = 20
HELD = "kept_requests"
WRITTEN_BY, SENT_AGAIN = "written_by", "sent_again"
NOT_TYPED = ("csrfmiddlewaretoken", WRITTEN_BY, SENT_AGAIN)
# What our forms call the buttons that carry their own words: those are nobody’s.
BUTTONS = ("save", "later", "drop")
_SIGNER = Signer(salt="accounts.kept")


# --- Who wrote it --------------------------------------------------------------------------------------------


def mark_of(user: User) -> str:
    """What the forms of this person's pages carry, so that what they type comes back to nobody else."""
    return _SIGNER.sign(str(user.pk))


def writer_of(request: HttpRequest) -> int | None:
    """Whose page sent this; None when the page does not say."""
    try:
        return int(_SIGNER.unsign(request.POST.get(WRITTEN_BY, "")))
    except (BadSignature, ValueError):
        return None


def is_of_another(request: HttpRequest) -> bool:
    """Whether the page that sent this was somebody else's than who is signed in now."""
    writer = writer_of(request)
    return writer is not None and writer != request.user.pk


# --- What may be sent again ----------------------------------------------------------------------------------


def saves_words(what: Promise) -> Callable[[View], View]:
    """Marks a view whose POST does nothing but save what was typed, so that it may be sent again after the sign-in.

    `what` names the words: "your answer". Signing, publishing, sending and deciding are never marked."""

    def mark(view: View) -> View:
        view.saves_words = what  # type: ignore[attr-defined]
        return view

    return mark


def what_is_saved_at(path: str) -> Promise | str:
    """The words that a POST to this address saves; empty when it does anything else."""
    try:
        return getattr(resolve(path.partition("?")[0]).func, "saves_words", "")
    except Resolver404:
        return ""


def typed_in(request: HttpRequest) -> QueryDict:
    """What was sent, without our own marks. Files are not in it."""
    typed = request.POST.copy()
    for name in NOT_TYPED:
        typed.pop(name, None)
    return typed


def words_in(typed: QueryDict) -> list[tuple[str, str]]:
    """What a person would miss: sentences, names, addresses; not ticks, numbers, codes and the names of buttons."""
    boxes = ((name, value.strip()) for name, values in typed.lists() for value in values if name not in BUTTONS)
    return [(name.replace("_", " ").capitalize(), value) for name, value in boxes if _is_words(value)]


def _is_words(value: str) -> bool:
    return any(sign.isalpha() for sign in value) and any(sign in value for sign in (" ", "\n", "@", "://"))


# --- Keeping and giving back ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """A kept request, and what its browser knows about it: the page it was written on, and whether the script may
    press the button."""

    row: KeptRequest
    page: str
    press: bool

    @property
    def typed(self) -> QueryDict:
        return QueryDict(self.row.body)


def keep(*, request: HttpRequest, by: int | None, page: str, now: datetime, press: bool = False) -> KeptRequest | None:
    """Keeps what was sent for the person with this number, who wrote it on `page`. Without token and files.

    None when there is nothing to keep, too much of it, or nobody to give it back to."""
    if was_sent_here(request, request.POST.get(SENT_AGAIN, "")):
        return None  # and its copy is still there
    body, path = typed_in(request).urlencode(), _address_of(request)
    known = by is not None and User.objects.filter(pk=by, is_active=True).exists()
    if not (body and path and known) or len(body) > LARGEST:
        return None
    secret = secrets.token_urlsafe(24)
    row = KeptRequest.objects.create(holder_hash=_hash(secret), user_id=by, path=path, body=body, created_at=now)
    _make_room(by)
    _hold(request, row, {"secret": secret, "page": page, "press": press})
    return row


def _address_of(request: HttpRequest) -> str:
    """Without its query where it is too long with it; empty where it is too long all the same."""
    return next((path for path in (request.get_full_path(), request.path) if len(path) <= LONGEST_PATH), "")


def _hold(request: HttpRequest, row: KeptRequest, held: dict[str, Any]) -> None:
    """The browser remembers the newest, as many as are kept: a page that is sent over and over fills no session."""
    older = list(request.session.get(HELD, {}).items())[1 - MOST_OF_ONE_PERSON :]
    request.session[HELD] = {**dict(older), str(row.pk): held}


def _make_room(by: int | None) -> None:
    spare = KeptRequest.objects.filter(user=by).order_by("-pk").values_list("pk", flat=True)[MOST_OF_ONE_PERSON:]
    if numbers := list(spare):
        KeptRequest.objects.filter(pk__in=numbers).delete()


def waiting(*, request: HttpRequest, pk: int, now: datetime) -> Waiting | None:
    """The kept request with this number, if this browser sent it and this very person wrote it within a day."""
    held = request.session.get(HELD, {}).get(str(pk))
    if not held or not request.user.is_authenticated:
        return None
    rows = KeptRequest.objects.filter(pk=pk, user=request.user, created_at__gte=now - KEPT_FOR)  # type: ignore[misc]
    row = rows.filter(holder_hash=_hash(held["secret"])).first()
    return Waiting(row, held["page"], held["press"]) if row else None


def was_sent_here(request: HttpRequest, pk: int | str) -> bool:
    """Whether this browser sent it, whoever wrote it."""
    return str(pk) in request.session.get(HELD, {})


def forget(*, request: HttpRequest, pk: int) -> None:
    """It has arrived: row and secret go. Nothing happens to what is somebody else's."""
    if found := waiting(request=request, pk=pk, now=timezone.now()):
        found.row.delete()
        held = request.session[HELD]
        request.session[HELD] = {number: each for number, each in held.items() if number != str(pk)}


def take_typed(request: HttpRequest) -> QueryDict | None:
    """What was typed for this page before it was asked who is there; given once. No query where nothing waits.

    Nothing is taken by a HEAD, which shows it to nobody."""
    if request.method == "HEAD":
        return None
    for number, held in reversed(request.session.get(HELD, {}).items()):
        if held["page"].partition("?")[0] != request.path:
            continue
        if found := waiting(request=request, pk=int(number), now=timezone.now()):
            forget(request=request, pk=int(number))
            return found.typed
    return None


def sent_or_kept(request: HttpRequest) -> QueryDict | None:
    """What the form of this page is bound to: what is sent now, were it nothing, else what was kept for it."""
    return request.POST if request.method == "POST" else take_typed(request)


def _hash(secret: str) -> str:
    return salted_hmac("accounts.kept.holder", secret, algorithm="sha256").hexdigest()


# --- Where it came from --------------------------------------------------------------------------------------


def came_from(request: HttpRequest) -> str:
    """ "us", "elsewhere", or "" when the browser does not say: by Origin, else by Referer."""
    said = request.headers.get("Origin") or request.headers.get("Referer") or ""
    if not said:
        return ""
    parts = urlsplit(said)
    return "us" if (parts.scheme, parts.netloc) == (request.scheme, request.get_host()) else "elsewhere"


def page_of(request: HttpRequest) -> str:
    """The page on which it was written: that which sent it, if it is ours, else the address it was sent to."""
    parts = urlsplit(request.headers.get("Referer", ""))
    ours = (parts.scheme, parts.netloc) == (request.scheme, request.get_host())
    # Two slashes at its beginning would be another site.
    path = "/" + parts.path.lstrip("/\\")
    return f"{path}?{parts.query}".rstrip("?") if ours else request.get_full_path()
