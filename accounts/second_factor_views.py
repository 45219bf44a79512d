"""Giving the second factor, setting one up, and recovery codes."""

from dataclasses import dataclass

from allauth.account.stages import LoginStage, LoginStageController
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import audit, fresh, limits, passkeys, recovery_codes, second_factor, sessions
from accounts.adapter import InvitationOnlyAdapter
from accounts.forms import RecoveryCodeForm
from accounts.models import User
from accounts.passkeys import PasskeyRefused


@dataclass(frozen=True)
class Asked:
    """Who is asked: somebody on the way in, after the mailed code, or (no `stage`) somebody signed in."""

    user: User
    stage: LoginStage | None


def who_is_asked(request: HttpRequest) -> Asked | None:
    if isinstance(request.user, User):
        return Asked(request.user, None)
    stage = LoginStageController.enter(request, second_factor.SecondFactorStage.key)
    user = stage.login.user if stage else None
    return Asked(user, stage) if isinstance(user, User) and user.is_active else None


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def give(request: HttpRequest) -> HttpResponse:
    """Asks for a passkey or a recovery code; who has neither is led to set one up."""
    asked = who_is_asked(request)
    if asked is None:
        return redirect("account_login")
    if not asked.stage and second_factor.is_proven(request):
        return redirect(_next(request))
    if not second_factor.has_one(asked.user):
        return _set_up(request, asked.user)
    form = RecoveryCodeForm(request.POST if request.POST.get("action") == "code" else None)
    if request.method == "POST" and (response := _answered(request, asked, form)):
        return response
    context = {"form": form, "has_passkey": passkeys.of(asked.user).exists(), "next": fresh.safe_next(request, ""),
               "on_the_way_in": bool(asked.stage)}  # fmt: skip
    return render(request, "accounts/second_factor.html", context)


def _set_up(request: HttpRequest, user: User) -> HttpResponse:
    if not user.is_synergi:
        return redirect("account_home")
    return render(request, "accounts/second_factor_set_up.html", {"next": fresh.safe_next(request, "")})


def _next(request: HttpRequest) -> str:
    return fresh.safe_next(request, InvitationOnlyAdapter(request).get_login_redirect_url(request))


def _answered(request: HttpRequest, asked: Asked, form: RecoveryCodeForm) -> HttpResponse | None:
    """Where to go on; None when the page has to be shown again."""
    try:
        limits.check("second_factor.tried", key=str(asked.user.pk), by=asked.user, now=timezone.now())
    except limits.TooOften as refusal:
        messages.error(request, str(refusal))
        return redirect(request.get_full_path())
    if request.POST.get("action") == "passkey":
        return _by_passkey(request, asked)
    return _by_code(request, asked, form) if form.is_valid() else None


def _by_passkey(request: HttpRequest, asked: Asked) -> HttpResponse:
    try:
        passkey = passkeys.used(answer=request.POST.get("answer", ""), user=asked.user)
    except PasskeyRefused as refusal:
        audit.record(action="second_factor.failed", by=asked.user, now=timezone.now(), method="passkey")
        messages.error(request, str(refusal))
        return redirect(request.get_full_path())
    return _go_on(request, asked, passkey)


def _by_code(request: HttpRequest, asked: Asked, form: RecoveryCodeForm) -> HttpResponse | None:
    codes = recovery_codes.use(user=asked.user, typed=form.cleaned_data["code"], now=timezone.now())
    if codes is None:
        audit.record(action="second_factor.failed", by=asked.user, now=timezone.now(), method="recovery_code")
        form.add_error("code", _("That is not one of your recovery codes, or you have used it before."))
        return None
    _say_how_many_are_left(request, recovery_codes.left(codes))
    return _go_on(request, asked, codes)


def _say_how_many_are_left(request: HttpRequest, left: int) -> None:
    if left > recovery_codes.FEW:
        messages.info(request, _("You used a recovery code. %(left)s are left.") % {"left": left})
        return
    few = ngettext("Only %(left)s recovery code is left.", "Only %(left)s recovery codes are left.", left)
    messages.warning(request, few % {"left": left} + " " + _("Make new ones under “Your account”."))


def _go_on(request: HttpRequest, asked: Asked, method: Authenticator) -> HttpResponse:
    post_authentication(request, method)
    audit.record(action="second_factor.given", by=asked.user, now=timezone.now(), method=str(method.type))
    if asked.stage:
        return asked.stage.exit()
    sessions.renew(request.session)
    return redirect(_next(request))


# --- Recovery codes ----------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def codes(request: HttpRequest) -> HttpResponse:
    """New ones once, to the session that made them; otherwise how many are left."""
    if request.POST.get("action") == "make":
        return _make(request)
    if request.method == "POST":
        recovery_codes.hide(request)
        return redirect(fresh.safe_next(request, reverse("account_home")))
    shown = recovery_codes.shown(request, request.user, timezone.now())  # type: ignore[arg-type]
    if shown is None:
        return _how_many_are_left(request)
    context = {"codes": recovery_codes.in_groups(shown), "next": fresh.safe_next(request, "")}
    return render(request, "accounts/recovery_codes.html", context)


@second_factor.second_factor_first
def _how_many_are_left(request: HttpRequest) -> HttpResponse:
    own = recovery_codes.of(request.user)  # type: ignore[arg-type]
    context = {
        "codes": [],
        "left": recovery_codes.left(own),
        "has_some": own is not None,
        "how_many": recovery_codes.how_many(),
        "next": fresh.safe_next(request, ""),
    }
    return render(request, "accounts/recovery_codes.html", context)


@second_factor.second_factor_first
@fresh.fresh_sign_in_required(back=lambda request: with_next("account_recovery_codes", request))
def _make(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    made = recovery_codes.make(user=request.user, now=now)  # type: ignore[arg-type]
    recovery_codes.show(request, made, now)
    return redirect(with_next("account_recovery_codes", request))


def with_next(name: str, request: HttpRequest) -> str:
    """That page, and after it the one that the person wanted."""
    page = fresh.safe_next(request, "")
    return f"{reverse(name)}?{fresh.named_next(page)}" if page else reverse(name)


@never_cache
@require_safe
def codes_file(request: HttpRequest) -> HttpResponse:
    """The same as a text file, while they may be seen."""
    shown = recovery_codes.shown(request, request.user, timezone.now())  # type: ignore[arg-type]
    if shown is None:
        raise Http404
    response = render(request, "accounts/recovery_codes.txt", {"codes": recovery_codes.in_groups(shown)},
                      content_type="text/plain; charset=utf-8")  # fmt: skip
    response["Content-Disposition"] = 'attachment; filename="pledge-tracker-recovery-codes.txt"'
    return response
