"""What people put right about themselves: their e-mail address and their name."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import addresses, codes, limits, names
from accounts.details_forms import NameForm, NewAddressForm
from accounts.forms import CodeForm
from accounts.fresh import fresh_sign_in_required, take_typed
from accounts.models import User
from accounts.second_factor import second_factor_first


@require_http_methods(["GET", "HEAD", "POST"])
@second_factor_first
@fresh_sign_in_required
def address(request: HttpRequest) -> HttpResponse:
    """Asks for the new address, and mails a code to it. Who has a second factor gives it before: whoever reads the old
    mailbox could otherwise take the account."""
    user = request.user
    assert isinstance(user, User)
    typed = take_typed(request)
    form = NewAddressForm(
        request.POST if request.method == "POST" else None,
        current=user.email,
        initial={"email": typed and typed.get("email")},
    )
    if request.method == "POST" and form.is_valid():
        try:
            addresses.ask(request, by=user, email=form.cleaned_data["email"], now=timezone.now())
            return redirect("account_address_code")
        except limits.TooOften as refusal:
            form.add_error("email", str(refusal))
            return limits.refused(render(request, "accounts/address.html", {"form": form}), refusal)
    return render(request, "accounts/address.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def address_code(request: HttpRequest) -> HttpResponse:
    """Takes the code that went to the new address, in the browser that asked."""
    asked = addresses.pending(request)
    if asked is None:
        return redirect("account_address")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and (response := _typed(request, asked, form)):
        return response
    return render(request, "accounts/address_code.html", {"form": form, "email": asked.email})


def _typed(request: HttpRequest, asked: addresses.Pending, form: CodeForm) -> HttpResponse | None:
    user, typed = request.user, form.cleaned_data["code"]
    assert isinstance(user, User)
    try:
        verdict = addresses.answer(request, by=user, asked=asked, typed=typed, now=timezone.now())
    except addresses.NotChanged as refusal:
        messages.error(request, str(refusal))
        return redirect("account_address")
    if verdict == codes.Answer.WRONG:
        form.add_error("code", _("That is not the code we sent. Check it and try again."))
        return None
    if verdict == codes.Answer.SPENT:
        messages.error(request, _("This code can no longer be used. Nothing was changed. Ask for a new one."))
        return redirect("account_address")
    messages.success(request, _("Your address is changed. We have told the old one and the new one."))
    return redirect("account_home")


@require_http_methods(["GET", "HEAD", "POST"])
def name(request: HttpRequest) -> HttpResponse:
    """The name that colleagues see, and that our e-mails begin with."""
    user = request.user
    assert isinstance(user, User)
    form = NameForm(request.POST if request.method == "POST" else None, initial={"name": user.name})
    if request.method == "POST" and form.is_valid():
        names.correct(user=user, name=form.cleaned_data["name"], by=user, now=timezone.now())
        messages.success(request, _("Your name is saved."))
        return redirect("account_home")
    return render(request, "accounts/name.html", {"form": form})
