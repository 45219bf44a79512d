"""Recovery codes: ten for the day on which the passkey is elsewhere, each good once.

allauth works them out from one secret; the secret is encrypted with SECRET_KEY (mfa_adapter.py)."""

from datetime import datetime
from typing import Any

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from cryptography.fernet import InvalidToken
from django.db import transaction
from django.http import HttpRequest

from accounts import audit
from accounts import second_factor_emails as emails
from accounts.models import User

CODES = Authenticator.Type.RECOVERY_CODES
FEW = 3
SHOWN_KEY = "recovery_codes_shown"
SHOWN_FOR = 600  # seconds


def of(user: User) -> Authenticator | None:
    return Authenticator.objects.filter(user_id=user.pk, type=CODES).first()


def how_many() -> int:
    """How many are made at a time."""
    return int(app_settings.RECOVERY_CODE_COUNT)


def left(codes: Authenticator | None) -> int:
    return len(_unused(codes)) if codes else 0


def in_groups(codes: Authenticator) -> list[str]:
    """Those that are left, as people copy them: 1234 5678."""
    return [f"{code[:4]} {code[4:]}" for code in _unused(codes)]


def _unused(codes: Authenticator) -> list[str]:
    try:
        return list(codes.wrap().get_unused_codes())
    except InvalidToken:  # SECRET_KEY was changed and the one before was not kept
        return []


@transaction.atomic
def make(*, user: User, now: datetime, tell: bool = True) -> Authenticator:
    """New codes in the place of all earlier ones. `tell`: by mail, unless another mail says so already."""
    User.objects.select_for_update().get(pk=user.pk)
    Authenticator.objects.filter(user=user, type=CODES).delete()
    codes: Authenticator = RecoveryCodes.activate(user).instance
    audit.record(action="recovery_codes.made", by=user, about=codes, now=now)
    if tell:
        emails.tell(user=user, what="codes_made", now=now)
    return codes


@transaction.atomic
def use(*, user: User, typed: str, now: datetime) -> Authenticator | None:
    """Uses one up; None when it is not one of theirs, or was used before. Of two tries at once one wins."""
    codes = of(user)
    if codes is None or not _unused(codes) or not codes.wrap().validate_code(normalize_user_code(typed)):
        return None
    codes.refresh_from_db()
    if (rest := left(codes)) <= FEW:
        emails.tell(user=user, what="codes_low", left=rest, now=now)
    return codes


# --- Shown once --------------------------------------------------------------------------------------------


def show(request: HttpRequest, codes: Authenticator, now: datetime) -> None:
    """From now on this session may see them, for ten minutes or until their owner has kept them."""
    request.session[SHOWN_KEY] = {"codes": codes.pk, "at": now.timestamp()}


def shown(request: HttpRequest, user: User, now: datetime) -> Authenticator | None:
    """The codes that may still be seen."""
    kept: dict[str, Any] = request.session.get(SHOWN_KEY) or {}
    if not 0 <= now.timestamp() - kept.get("at", 0) <= SHOWN_FOR:
        return None
    return Authenticator.objects.filter(pk=kept["codes"], user_id=user.pk, type=CODES).first()


def hide(request: HttpRequest) -> None:
    request.session.pop(SHOWN_KEY, None)
