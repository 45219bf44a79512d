"""Fresh proof of who you are, for what counts: signing, publishing, changing roles.

allauth's `reauthentication_required` waves everybody through who has neither a password nor a second factor,
which here is nearly everybody. This one never does: no way to prove it means no."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from accounts import audit, codes, kept, sessions
from accounts.kept import take_typed as take_typed
from accounts.models import CodePurpose, User
from accounts.refusals import on_record
from accounts.sign_in import mail_code

View = Callable[..., HttpResponse]
PROOF_KEY = "proof_code"
# The page on which a button was pressed before the proof was asked for.
PRESSED_KEY = "proof_for_press"


def is_fresh(request: HttpRequest, now: datetime) -> bool:
    """Whether this session proved who it is within the last FRESH_SIGN_IN_SECONDS, that second included."""
    if not request.user.is_authenticated:
        return False
    records = get_authentication_records(request, request.user)
    if not records:
        return False
    age = now.timestamp() - records[-1]["at"]
    return -1 <= age <= settings.FRESH_SIGN_IN_SECONDS


def address_for_proof(user: User) -> str | None:
    """The verified address that a fresh code can go to; None means that the person cannot prove it now."""
    if not user.is_active:
        return None
    rows = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary", "pk")
    return rows.values_list("email", flat=True).first()


def fresh_sign_in_required(view: View | None = None, *, back: Callable[..., str] | None = None) -> Any:
    """Asks for a fresh proof before the view runs, and brings the person back with what was typed.

    `back(request, ...)` names the page to come back to when the address itself only takes POST."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if is_fresh(request, timezone.now()):
                return view(request, *args, **kwargs)
            if not address_for_proof(request.user):  # type: ignore[arg-type]
                return refuse(request)
            page = back(request, *args, **kwargs) if back else request.get_full_path()
            return _ask(request, page)

        return guarded

    return decorate(view) if view else decorate


def _ask(request: HttpRequest, page: str) -> HttpResponse:
    if request.method == "POST":
        keep_typed(request, page)
        request.session[PRESSED_KEY] = page
    return redirect(f"{reverse('account_confirm')}?{named_next(page)}")


def go_back(request: HttpRequest, page: str) -> HttpResponse:
    """After the proof. Whoever had pressed a button hears that it has done nothing yet."""
    if request.session.get(PRESSED_KEY) == page:
        del request.session[PRESSED_KEY]
        messages.info(request, _("Thank you. Nothing has been done yet: press the button again."))
    return redirect(page)


def named_next(page: str) -> str:
    """The page to go on to, as the query of an address."""
    return urlencode({"next": page})


def refuse(request: HttpRequest) -> HttpResponse:
    audit.record(action="proof.refused", by=request.user, now=timezone.now())  # type: ignore[arg-type]
    return on_record(render(request, "accounts/cannot_confirm.html", status=403))


def keep_typed(request: HttpRequest, page: str) -> None:
    """What was sent, for `take_typed` on that page once the person is back."""
    kept.keep(request=request, by=request.user.pk, page=page, now=timezone.now())


def safe_next(request: HttpRequest, default: str) -> str:
    """The page named by `next`, if it is one of ours."""
    page = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return page if ours else default


def send_code(request: HttpRequest, *, user: User, now: datetime) -> bool:
    """Mails a fresh code and voids the one before. Returns False when there is no address for it."""
    address = address_for_proof(user)
    if not address:
        return False
    holder = codes.new_holder()
    row, code = codes.issue(purpose=CodePurpose.PROOF, user=user, holder=holder, now=now)
    request.session[PROOF_KEY] = {"code": row.pk, "holder": holder}
    mail_code(email=address, code=code, purpose=CodePurpose.PROOF, user=user, now=now)
    return True


def code_is_sent(request: HttpRequest) -> bool:
    return PROOF_KEY in request.session


def prove(request: HttpRequest, *, user: User, typed: str, now: datetime) -> codes.Answer:
    """Checks the typed code; a right one is a fresh authentication of this session."""
    kept = request.session.get(PROOF_KEY) or {"code": 0, "holder": ""}
    verdict = codes.check(pk=kept["code"], purpose=CodePurpose.PROOF, holder=kept["holder"], typed=typed, now=now)
    if verdict != codes.Answer.WRONG:
        request.session.pop(PROOF_KEY, None)
    if verdict == codes.Answer.RIGHT:
        record_authentication(request, user, method="code", email=user.email, reauthenticated=True)
        sessions.renew(request.session)
    passed = verdict == codes.Answer.RIGHT
    audit.record(action="proof.given" if passed else "proof.failed", by=user, now=now)
    return verdict
