"""Changing one's e-mail address: a code goes to the new one, and typing it here makes the change.

Nobody learns whether somebody else has an address: the page says the same, and the same work is done. The old mailbox
may be in the wrong hands, or gone; so the new one is proved, both are told, and every other session ends."""

from dataclasses import asdict, dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts import address_emails, audit, codes, limits, open_sessions
from accounts.models import AddressChange, CodePurpose, MailedCode, User
from mail import outbox

PENDING_KEY = "address_change"


class NotChanged(Exception):
    """The code was right and the address is still the old one; the message is a sentence for the person."""


@dataclass(frozen=True)
class Pending:
    """What the session keeps between the two pages."""

    change: int
    code: int
    holder: str
    email: str


def ask(request: HttpRequest, *, by: User, email: str, now: datetime) -> None:
    """Mails a code to the new address (in small letters). Where somebody else has it, no code fits, and whoever reads
    that mailbox hears that somebody tried. Raises limits.TooOften."""
    limits.check("address.asked", key=str(by.pk), by=by, now=now)
    asked = _ask(by, email, pending(request), now)
    request.session[PENDING_KEY] = asdict(asked)


@transaction.atomic
def _ask(by: User, email: str, before: Pending | None, now: datetime) -> Pending:
    free = _is_free(email, by)
    _void_address_codes(by, before, now)
    holder = codes.new_holder()
    row, code = codes.issue(purpose=CodePurpose.ADDRESS, user=by if free else None, holder=holder, now=now)
    change = AddressChange.objects.create(user=by, old_email=by.email, new_email=email, asked_at=now)
    audit.record(action="address.asked", by=by, about=by, now=now, change=change.pk, free=free)
    if free:
        address_emails.send_code(email=email, code=code, now=now)
    else:
        address_emails.tell_of_attempt(email=email, now=now)
    return Pending(change.pk, row.pk, holder, email)


def _is_free(email: str, by: User) -> bool:
    others = User.objects.filter(Q(email=email) | Q(emailaddress__email=email)).exclude(pk=by.pk)
    return not others.exists()


def pending(request: HttpRequest) -> Pending | None:
    kept = request.session.get(PENDING_KEY)
    return Pending(**kept) if kept else None


def forget(request: HttpRequest) -> None:
    request.session.pop(PENDING_KEY, None)


def answer(request: HttpRequest, *, by: User, asked: Pending, typed: str, now: datetime) -> codes.Answer:
    """Checks what was typed; the right code makes the change. Raises NotChanged when somebody was faster."""
    verdict = codes.check(pk=asked.code, purpose=CodePurpose.ADDRESS, holder=asked.holder, typed=typed, now=now)
    if verdict != codes.Answer.WRONG:
        forget(request)
    if verdict == codes.Answer.RIGHT:
        change(asked=AddressChange.objects.get(pk=asked.change, user=by), by=by, now=now, keep=_key_of(request))
    else:
        audit.record(action="address.code_failed", by=by, about=by, now=now, answer=str(verdict))
    return verdict


def _key_of(request: HttpRequest) -> str:
    return request.session.session_key or ""


@transaction.atomic
def change(*, asked: AddressChange, by: User, now: datetime, keep: str = "") -> None:
    """Makes the address that was proved the one of this account, tells both, and ends all sessions but `keep`.

    The audit trail names the row that holds both addresses for a year, never an address, nor a hash of one: a hash can
    be tried with any address, for good. Raises NotChanged when somebody else has it by now, or the account another."""
    move(user=by, old=asked.old_email, new=asked.new_email, now=now)
    AddressChange.objects.filter(pk=asked.pk).update(confirmed_at=now)
    open_sessions.end_others(user=by, this_key=keep, now=now)
    audit.record(action="address.changed", by=by, about=by, now=now, after={"address_change": asked.pk})
    address_emails.tell_both(user=by, old=asked.old_email, now=now)


def move(*, user: User, old: str, new: str, now: datetime) -> None:
    """The account, and what waits in the outbox for it, have the new address; no open code of it is good any more."""
    _take(user, old, new)
    _void(Q(user=user), now)
    outbox.readdress(old=old, new=new, now=now)
    user.email = new


def _take(user: User, old: str, new: str) -> None:
    try:
        with transaction.atomic():
            changed = User.objects.filter(pk=user.pk, email=old, is_active=True).update(email=new)
            EmailAddress.objects.filter(user=user).delete()
            EmailAddress.objects.create(user=user, email=new, verified=True, primary=True)
    except IntegrityError:
        raise NotChanged(_("Somebody else uses this address now. Your address is as it was.")) from None
    if not changed:
        raise NotChanged(_("Your address was changed in another window meanwhile. Look at it, then ask again."))


def _void_address_codes(user: User, before: Pending | None, now: datetime) -> None:
    """Whoever asks again can use only the newest code, in whichever browser they asked before."""
    _void((Q(user=user) | Q(pk=before.code if before else 0)) & Q(purpose=CodePurpose.ADDRESS), now)


def _void(codes_: Q, now: datetime) -> None:
    MailedCode.objects.filter(codes_, used_at=None, voided_at=None).update(voided_at=now)
