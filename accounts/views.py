"""Signing in by mailed code, and proving afresh who you are."""

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import client, codes, fresh, limits, passkey_views, passkeys, sessions, sign_in
from accounts.adapter import InvitationOnlyAdapter
from accounts.forms import AddressForm, CodeForm
from accounts.models import User


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Asks for the address and mails a code to it."""
    if request.user.is_authenticated:
        return redirect(fresh.safe_next(request, _home(request)))
    form = AddressForm(
        request.POST if request.method == "POST" else None,
        initial={"email": request.session.get(sign_in.ADDRESS_KEY, "")},
    )
    if request.method == "POST" and form.is_valid():
        try:
            return _ask_for_code(request, form.cleaned_data["email"])
        except limits.TooOften as refusal:
            form.add_error("email", str(refusal))
            return limits.refused(_login_page(request, form), refusal)
    return _login_page(request, form)


def _login_page(request: HttpRequest, form: AddressForm) -> HttpResponse:
    ended = request.GET.get("ended") if request.GET.get("ended") in list(sessions.Why) else ""
    context = {"form": form, "next": fresh.safe_next(request, ""), "ended": ended}
    return render(request, "account/login.html", context)


def _home(request: HttpRequest) -> str:
    return InvitationOnlyAdapter(request).get_login_redirect_url(request)


def _ask_for_code(request: HttpRequest, email: str) -> HttpResponse:
    """Raises limits.TooOften. Who asks for somebody else's address from elsewhere uses up nothing of theirs."""
    now, network = timezone.now(), client.network_of(request)
    limits.check("code.asked.network", key=network, now=now)
    limits.check("code.asked", key=f"{email} {network}", about=sign_in.person_with(email), now=now)
    sign_in.ask(request, email=email, next_=fresh.safe_next(request, ""), now=now)
    return redirect("account_confirm_login_code")


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_login_code(request: HttpRequest) -> HttpResponse:
    """Asks for the code, in the browser that asked for it."""
    asked = sign_in.pending(request)
    if request.user.is_authenticated or not asked:
        return _without_code(request)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            if answer := _take_code(request, asked, form):
                return answer
        except limits.TooOften as refusal:
            form.add_error("code", str(refusal))
            return limits.refused(_code_page(request, form, asked), refusal)
    return _code_page(request, form, asked)


def _without_code(request: HttpRequest) -> HttpResponse:
    """Nothing was asked for here: the code is of another browser, or it was used."""
    if request.method == "POST" and not request.user.is_authenticated:
        messages.error(request, _("This code can no longer be used. Ask for a new one."))
    return redirect("account_login")


def _code_page(request: HttpRequest, form: CodeForm, asked: sign_in.Pending) -> HttpResponse:
    return render(request, "account/confirm_login_code.html", {"form": form, "email": asked.email})


def _take_code(request: HttpRequest, asked: sign_in.Pending, form: CodeForm) -> HttpResponse | None:
    """Where it leads; None when another try is left, and the form says so. Raises limits.TooOften."""
    now = timezone.now()
    limits.check("code.typed.network", key=client.network_of(request), now=now)
    verdict, user = sign_in.answer(asked=asked, typed=form.cleaned_data["code"], now=now)
    if user:
        return _enter(request, user, asked)
    if verdict == codes.Answer.SPENT:
        sign_in.forget(request)
        messages.error(request, _("This code can no longer be used. Ask for a new one."))
        return redirect("account_login")
    form.add_error("code", _("That is not the code we sent. Check it and try again."))
    return None


def _enter(request: HttpRequest, user: User, asked: sign_in.Pending) -> HttpResponse:
    sign_in.forget(request)
    request.session.pop(sign_in.ADDRESS_KEY, None)
    record_authentication(request, user, method="code", email=asked.email)
    return perform_login(request, Login(user=user, email=asked.email, redirect_url=asked.next or None))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Mails a fresh code on request, takes it, and goes back to where the person was."""
    user = request.user
    assert isinstance(user, User)
    address = fresh.address_for_proof(user)
    if not address:
        return fresh.refuse(request)
    back = fresh.safe_next(request, _home(request))
    form = CodeForm(request.POST if request.POST.get("action") == "prove" else None)
    if request.method == "POST" and (response := _confirm_post(request, user, form, back)):
        return response
    sent = fresh.code_is_sent(request)
    has_passkey = passkeys.of(user).exists()
    context = {"form": form, "address": address, "sent": sent, "next": back, "has_passkey": has_passkey}
    return render(request, "accounts/confirm.html", context)


def _confirm_post(request: HttpRequest, user: User, form: CodeForm, back: str) -> HttpResponse | None:
    """Where to go on; None when the page has to be shown again."""
    if request.POST.get("action") == "send":
        return _send_proof(request, user)
    by_passkey = request.POST.get("action") == "passkey"
    if not (by_passkey or form.is_valid()):
        return None
    try:
        limits.check("proof.tried", key=str(user.pk), by=user, now=timezone.now())
    except limits.TooOften as refusal:
        messages.error(request, str(refusal))
        return redirect(request.get_full_path())
    return passkey_views.prove(request, user, back) if by_passkey else _take_proof(request, user, form, back)


def _take_proof(request: HttpRequest, user: User, form: CodeForm, back: str) -> HttpResponse | None:
    verdict = fresh.prove(request, user=user, typed=form.cleaned_data["code"], now=timezone.now())
    if verdict == codes.Answer.RIGHT:
        return fresh.go_back(request, back)
    if verdict == codes.Answer.SPENT:
        messages.error(request, _("This code can no longer be used. Ask for a new one."))
        return redirect(request.get_full_path())
    form.add_error("code", _("That is not the code we sent. Check it and try again."))
    return None


def _send_proof(request: HttpRequest, user: User) -> HttpResponse:
    now = timezone.now()
    try:
        limits.check("proof.asked", key=str(user.pk), by=user, now=now)
        fresh.send_code(request, user=user, now=now)
    except limits.TooOften as refusal:
        messages.error(request, str(refusal))
    return redirect(request.get_full_path())


@login_not_required
@require_safe
def inactive(request: HttpRequest) -> HttpResponse:
    """Where the sign-in sends somebody whose account is closed."""
    return render(request, "account/account_inactive.html")
