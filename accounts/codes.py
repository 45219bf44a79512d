"""Mailed codes: issued, and checked so that parallel guesses are all counted.

allauth's own code keeps the code in clear in the session and counts wrong tries there, where parallel requests
overwrite each other. Here the row is the record, and each try is one conditional UPDATE."""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from allauth.core.internal.cryptokit import generate_user_code, normalize_user_code
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import CodePurpose, MailedCode, User

GOOD_FOR = timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT)
MAX_TRIES: int = settings.ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS
KEPT_FOR = timedelta(days=1)


class Answer(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"  # and there are tries left
    SPENT = "spent"  # too old, used, voided, of another browser, or tried too often


def new_holder() -> str:
    """A secret for the session of the browser that asks."""
    return secrets.token_urlsafe(24)


@transaction.atomic
def issue(*, purpose: CodePurpose, user: User | None, holder: str, now: datetime) -> tuple[MailedCode, str]:
    """A new code and its row. Older codes of this browser are void; for a proof, older ones of the person too."""
    MailedCode.objects.filter(created_at__lt=now - KEPT_FOR).delete()
    older = Q(holder_hash=_hash("holder", holder))
    if purpose == CodePurpose.PROOF:
        older |= Q(user=user)
    MailedCode.objects.filter(older, purpose=purpose, used_at=None, voided_at=None).update(voided_at=now)
    code = generate_user_code()
    row = MailedCode.objects.create(
        purpose=purpose,
        user=user,
        holder_hash=_hash("holder", holder),
        code_hash=_hash(holder, normalize_user_code(code)),
        created_at=now,
    )
    return row, code


def check(*, pk: int, purpose: CodePurpose, holder: str, typed: str, now: datetime) -> Answer:
    """Spends one try and says whether `typed` is the code; a right answer uses the code up.

    Spaces, dashes and capitals do not matter. Good for exactly GOOD_FOR, its last second included."""
    code = MailedCode.objects.filter(
        pk=pk, purpose=purpose, holder_hash=_hash("holder", holder), used_at=None, voided_at=None
    )
    tries = code.filter(attempts__lt=MAX_TRIES, created_at__gte=now - GOOD_FOR, created_at__lte=now)
    if not tries.update(attempts=F("attempts") + 1):
        return Answer.SPENT
    row = MailedCode.objects.select_related("user").get(pk=pk)
    if constant_time_compare(row.code_hash, _hash(holder, normalize_user_code(typed))):
        # No join in this UPDATE: PostgreSQL would look the joined row up as it was before it waited.
        usable = row.user is not None and row.user.is_active
        return Answer.RIGHT if usable and code.update(used_at=now) else Answer.SPENT
    return Answer.WRONG if row.attempts < MAX_TRIES else Answer.SPENT


def _hash(salt: str, value: str) -> str:
    return salted_hmac(f"accounts.codes.{salt}", value, algorithm="sha256").hexdigest()
