"""The second factor: a passkey or a recovery code beside the mailed code. The Synergi team must have one."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.stages import LoginStage
from allauth.mfa.internal.constants import LoginStageKey
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.flows import did_use_passwordless_login
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts import audit, fresh, kept, open_sessions
from accounts import second_factor_emails as emails
from accounts.models import User
from accounts.permissions import check_can_reset_second_factor


def is_proven(request: HttpRequest) -> bool:
    """Whether this session has given a second factor. No query."""
    records = get_authentication_records(request, request.user)  # type: ignore[arg-type]
    return any(record.get("method") == "mfa" for record in records)


def has_one(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether this person has set one up. Recovery codes that are all used up count: they are no way around it."""
    return Authenticator.objects.filter(user_id=user.pk).exists()


def is_awaited(request: HttpRequest) -> bool:
    """Whether somebody of the team has not given it yet. Until then there is only their account: who also acts for a
    Pledge Maker could do there what the team may do."""
    of_the_team = getattr(request.user, "is_synergi", False)
    return of_the_team and not request.path.startswith(reverse("account_home")) and not is_proven(request)


def ask(request: HttpRequest) -> HttpResponse:
    """Sends the person to the page where it is given or set up, and keeps what was typed until they are back."""
    page = request.get_full_path()
    if request.method == "POST":
        page = kept.page_of(request)  # a button's own address may take no GET
        fresh.keep_typed(request, page)
    return redirect(f"{reverse('account_second_factor')}?{fresh.named_next(page)}")


def second_factor_first(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Who has a second factor gives it before this: a mailed code alone is not enough to add another one."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_proven(request) and has_one(request.user):
            return ask(request)
        return view(request, *args, **kwargs)

    return guarded


class SecondFactorStage(LoginStage):
    """In place of allauth's stage, which would let through somebody who has recovery codes only."""

    key = LoginStageKey.MFA_AUTHENTICATE.value
    urlname = "account_second_factor"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        user = self.login.user
        needed = user and has_one(user) and not did_use_passwordless_login(self.request, user)
        return (redirect(self.urlname) if needed else None), True


@transaction.atomic
def reset(*, user: User, by: User, now: datetime) -> None:
    """For somebody who lost it: takes passkeys and recovery codes away and ends every session. Both are told.

    Raises PermissionDenied unless `by` is another, active administrator. Nothing happens where there is none."""
    check_can_reset_second_factor(by, user)
    gone, _each = Authenticator.objects.filter(user=user).delete()
    if not gone:
        return
    open_sessions.end_all(user=user)
    audit.record(action="second_factor.reset", by=by, about=user, now=now, taken_away=gone)
    emails.tell_of_reset(user=user, by=by, now=now)
