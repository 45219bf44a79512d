"""Asking for a sign-in code and typing it. An address that nobody has gets the same answer and the same work."""

from dataclasses import asdict, dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction
from django.http import HttpRequest

from accounts import audit, codes
from accounts.models import CodePurpose, MailedCode, User
from jobs.waking import wake
from mail import outbox
from mail.tasks import send_due

PENDING_KEY = "sign_in"
ADDRESS_KEY = "sign_in_address"


@dataclass(frozen=True)
class Pending:
    """What the session keeps between the two pages."""

    code: int
    holder: str
    email: str
    next: str


def ask(request: HttpRequest, *, email: str, next_: str, now: datetime) -> None:
    """Mails a code to `email` if somebody can sign in with it; the browser cannot tell whether."""
    user = person_with(email)
    holder = codes.new_holder()
    void_pending(request, now)
    row, code = codes.issue(purpose=CodePurpose.SIGN_IN, user=user, holder=holder, now=now)
    mail_code(email=email, code=code, purpose=CodePurpose.SIGN_IN, user=user, now=now)
    request.session[PENDING_KEY] = asdict(Pending(row.pk, holder, email, next_))
    request.session[ADDRESS_KEY] = email


def person_with(email: str) -> User | None:
    """The active person whose verified address this is."""
    rows = EmailAddress.objects.select_related("user").filter(email=email.strip().lower(), verified=True)
    address = rows.filter(user__is_active=True).first()
    return address.user if address else None


def mail_code(*, email: str, code: str, purpose: CodePurpose, user: User | None, now: datetime) -> None:
    """For an unknown address the message is written and taken back, which takes as long."""
    with transaction.atomic():
        outbox.queue(
            to=email,
            kind="sign_in_code",
            template="sign_in_code",
            context={"code": code, "purpose": str(purpose)},
            now=now,
            useful_until=now + codes.GOOD_FOR,
            secret=True,
        )
        transaction.set_rollback(user is None)
    if user is None:
        wake(send_due)


def pending(request: HttpRequest) -> Pending | None:
    kept = request.session.get(PENDING_KEY)
    return Pending(**kept) if kept else None


def forget(request: HttpRequest) -> None:
    request.session.pop(PENDING_KEY, None)


def void_pending(request: HttpRequest, now: datetime) -> None:
    """Somebody who asks again in the same browser can no longer use the code before."""
    if before := pending(request):
        rows = MailedCode.objects.filter(pk=before.code, used_at=None, voided_at=None)
        rows.update(voided_at=now)


def answer(*, asked: Pending, typed: str, now: datetime) -> tuple[codes.Answer, User | None]:
    """Checks what was typed; the person is given only with a right answer. A wrong one is on the record."""
    verdict = codes.check(pk=asked.code, purpose=CodePurpose.SIGN_IN, holder=asked.holder, typed=typed, now=now)
    row = MailedCode.objects.select_related("user").filter(pk=asked.code).first()
    user = row.user if row else None
    if verdict == codes.Answer.RIGHT:
        return verdict, user
    audit.record(action="sign_in.failed", by=user, now=now, answer=str(verdict))
    return verdict, None
