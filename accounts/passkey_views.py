"""Signing in with a passkey; adding, renaming and removing one. The button's script is static/js/passkeys.js."""

from collections.abc import Callable

from allauth.account.models import Login
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.flows import perform_passwordless_login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import audit, client, fresh, limits, open_sessions, passkeys, recovery_codes, second_factor, sessions
from accounts.forms import PasskeyNameForm
from accounts.models import User
from accounts.passkeys import PasskeyRefused
from accounts.second_factor_views import who_is_asked, with_next


@login_not_required
@never_cache
@require_POST
def options(request: HttpRequest) -> HttpResponse:
    """For the browser: our challenge. Who is known is asked for one of theirs, anybody else for any passkey.

    Counted like a try: each challenge of a new visitor is a session to keep."""
    limits.check("passkey.asked.network", key=client.network_of(request), now=timezone.now())
    asked = who_is_asked(request) if request.POST.get("whose") == "mine" else None
    return JsonResponse(passkeys.options_to_use(asked.user if asked else None))


@login_not_required
@never_cache
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """A passkey alone: the device has it, and the person opened it by face, finger or PIN. Both factors in one."""
    next_ = fresh.safe_next(request, "")
    back = f"{reverse('account_login')}?{fresh.named_next(next_)}" if next_ else reverse("account_login")
    try:
        limits.check("passkey.tried.network", key=client.network_of(request), now=timezone.now())
        passkey = passkeys.used(answer=request.POST.get("answer", ""))
    except limits.TooOften as refusal:
        messages.error(request, str(refusal))
        return redirect(back)
    except PasskeyRefused as refusal:
        audit.record(action="sign_in.failed", by=None, now=timezone.now(), method="passkey")
        messages.error(request, f"{refusal} {_('A mailed code works as well.')}")
        return redirect(back)
    return _enter(request, passkey, next_)


def _enter(request: HttpRequest, passkey: Authenticator, next_: str) -> HttpResponse:
    """allauth refuses a closed account on the way."""
    if not passkey.user.is_active:
        audit.record(action="sign_in.failed", by=passkey.user, now=timezone.now(), method="passkey", closed=True)
    return perform_passwordless_login(request, passkey, Login(user=passkey.user, redirect_url=next_ or None))


def prove(request: HttpRequest, user: User, back: str) -> HttpResponse:
    """A fresh proof of somebody signed in."""
    try:
        passkey = passkeys.used(answer=request.POST.get("answer", ""), user=user)
    except PasskeyRefused as refusal:
        audit.record(action="proof.failed", by=user, now=timezone.now(), method="passkey")
        messages.error(request, str(refusal))
        return redirect(request.get_full_path())
    passkeys.count_as_proof(request, passkey)
    audit.record(action="proof.given", by=user, now=timezone.now(), method="passkey")
    return fresh.go_back(request, back)


# --- One's own ---------------------------------------------------------------------------------------------


def _own(request: HttpRequest, pk: int) -> Authenticator:
    return get_object_or_404(passkeys.of(request.user), pk=pk)  # type: ignore[arg-type]


def may_change(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The second factor first, if there is one, and a fresh proof: a mailed code alone adds no other key."""
    return never_cache(second_factor.second_factor_first(fresh.fresh_sign_in_required(view)))


@require_POST
@second_factor.second_factor_first
def options_to_add(request: HttpRequest) -> HttpResponse:
    if not fresh.is_fresh(request, timezone.now()):
        return JsonResponse({}, status=403)
    return JsonResponse(passkeys.options_to_add(request.user))  # type: ignore[arg-type]


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
def add(request: HttpRequest) -> HttpResponse:
    typed = fresh.take_typed(request)
    suggested = (typed and typed.get("name")) or open_sessions.browser_in_words(request.headers.get("User-Agent", ""))
    form = PasskeyNameForm(request.POST if request.method == "POST" else None, initial={"name": suggested})
    if request.method == "POST" and form.is_valid():
        try:
            return _added(request, form.cleaned_data["name"])
        except PasskeyRefused as refusal:
            form.add_error(None, str(refusal))
    return render(request, "accounts/passkey_add.html", {"form": form, "next": fresh.safe_next(request, "")})


def _added(request: HttpRequest, name: str) -> HttpResponse:
    """The first passkey comes with recovery codes, for the day on which it is lost."""
    user, now = request.user, timezone.now()
    assert isinstance(user, User)
    passkeys.add(request=request, user=user, name=name, answer=request.POST.get("answer", ""), now=now)
    sessions.renew(request.session)
    messages.success(request, _("The passkey is added. You can sign in with it from now on."))
    if recovery_codes.of(user):
        return redirect(fresh.safe_next(request, reverse("account_home")))
    recovery_codes.show(request, recovery_codes.make(user=user, now=now, tell=False), now)
    return redirect(with_next("account_recovery_codes", request))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    passkey = _own(request, pk)
    name = passkeys.name_of(passkey)
    form = PasskeyNameForm(request.POST if request.method == "POST" else None, initial={"name": name})
    if request.method == "POST" and form.is_valid():
        return _renamed(request, passkey, form.cleaned_data["name"])
    return render(request, "accounts/passkey_rename.html", {"form": form, "name": name})


def _renamed(request: HttpRequest, passkey: Authenticator, name: str) -> HttpResponse:
    try:
        passkeys.rename(passkey=passkey, name=name, by=request.user, now=timezone.now())  # type: ignore[arg-type]
    except PasskeyRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The passkey has its new name."))
    return redirect("account_home")


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    passkey = _own(request, pk)
    if request.method == "POST":
        return _removed(request, passkey)
    last = passkeys.of(request.user).count() == 1  # type: ignore[arg-type]
    context = {"name": passkeys.name_of(passkey), "last": last}
    return render(request, "accounts/passkey_remove.html", context)


def _removed(request: HttpRequest, passkey: Authenticator) -> HttpResponse:
    try:
        passkeys.remove(passkey=passkey, by=request.user, now=timezone.now())  # type: ignore[arg-type]
    except PasskeyRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The passkey is removed. Take it off your device too, so that it is not offered."))
    return redirect("account_home")
