"""Nothing typed is lost: the sign-in in place, and the page that sends again what was kept."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import kept, sessions
from accounts.adapter import InvitationOnlyAdapter
from accounts.forms import AddressForm
from accounts.models import User

# RFC 9110 wants a challenge with 401. No browser knows this one, so each shows the page.
CHALLENGE = 'Session realm="Pledge Tracker"'
SIGNING_IN = ("account_login", "account_confirm_login_code")
SIGNING_OUT = "account_logout"


def asks_by_script(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "autosave" or request.headers.get("Accept") == "application/json"


def _for_script(status: int, name: str, words: str = "") -> HttpResponse:
    return _unstored(JsonResponse({"status": name, "message": words}, status=status))


def _unstored(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store, private"
    if response.status_code == 401:
        response["WWW-Authenticate"] = CHALLENGE
    return response


# --- Nobody is signed in -------------------------------------------------------------------------------------


def sign_in_in_place(request: HttpRequest, *, press: bool = True) -> HttpResponse:
    """The answer to a POST of nobody to a private page: what was sent is kept, and the page asks to sign in.

    401, so that neither a cache nor a script takes it for the page. A script keeps its words itself."""
    if asks_by_script(request):
        return _for_script(401, "signed_out", _("You are signed out. Nothing was saved."))
    ended = sessions.just_ended(request)
    writer = kept.writer_of(request) or (ended.user.pk if ended else None)
    page = kept.page_of(request)
    row = kept.keep(request=request, by=writer, page=page, now=timezone.now(), press=press)
    context = {
        "form": AddressForm(initial={"email": row.user.email if row and row.user else ""}),
        "next": reverse("account_kept", args=[row.pk]) if row else page,
        "kept": row,
        "saves": bool(row and kept.what_is_saved_at(row.path)),
        "files": bool(request.FILES),
        "go_on": True,
        "writer": request.POST.get(kept.WRITTEN_BY, ""),
        "typed": [] if row else kept.words_in(kept.typed_in(request)),
    }
    return _unstored(render(request, "accounts/sign_in_in_place.html", context, status=401))


def login_address(request: HttpRequest, page: str) -> str:
    """Where somebody is asked to sign in who only wanted to read; says why the session ended, if it just did."""
    ended = sessions.just_ended(request)
    said = {"next": page} | ({"ended": str(ended.why)} if ended else {})
    return f"{reverse('account_login')}?{urlencode(said, safe='/')}"


# --- Somebody is signed in again -----------------------------------------------------------------------------


@never_cache
@require_safe
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """What was kept: saved by one press, or, where a press does more than save, shown beside the way back."""
    found = kept.waiting(request=request, pk=pk, now=timezone.now())
    if found is None:
        return _nothing_waits(request, pk)
    if what := kept.what_is_saved_at(found.row.path):
        return _resend(request, what=what, path=found.row.path, typed=found.typed, pk=pk, press=found.press)
    if not kept.words_in(found.typed):
        return redirect(found.page)
    return _not_sent(request, found.page, found.typed)


def _nothing_waits(request: HttpRequest, pk: int) -> HttpResponse:
    if kept.was_sent_here(request, pk):
        said = _("Somebody else wrote in this browser before you. Their words are not shown, and nothing was saved.")
        messages.warning(request, said)
    else:
        messages.info(request, _("Nothing is waiting to be saved here."))
    return redirect(InvitationOnlyAdapter(request).get_login_redirect_url(request))


def _resend(request: HttpRequest, *, what: Promise | str, path: str, typed: QueryDict, **more: Any) -> HttpResponse:
    boxes = [(name, value) for name, values in typed.lists() for value in values]
    context = {"what": what, "path": path, "boxes": boxes, "words": kept.words_in(typed), **more}
    return render(request, "accounts/send_again.html", context, status=more.get("status", 200))


def _not_sent(request: HttpRequest, page: str, typed: QueryDict, status: int = 200) -> HttpResponse:
    return render(request, "accounts/not_sent.html", {"page": page, "words": kept.words_in(typed)}, status=status)


def somebody_else_wrote(request: HttpRequest) -> HttpResponse:
    """A page that one person left open, sent while another is signed in: not saved, not shown."""
    if asks_by_script(request):
        return _for_script(403, "somebody_else", _("Somebody else is signed in now. Nothing was saved."))
    return _unstored(render(request, "accounts/somebody_else.html", status=403))


def forget_what_arrived(request: HttpRequest, response: HttpResponse) -> None:
    """What was sent again and taken need not be kept. A proof that is asked for first, or a conflict, is no taking."""
    if request.method != "POST" or not request.resolver_match or response.status_code >= 400:
        return
    number = request.POST.get(kept.SENT_AGAIN, "")
    asked_first = response.headers.get("Location", "").startswith("/account/")
    if number.isascii() and number.isdigit() and len(number) < 19 and not asked_first:
        kept.forget(request=request, pk=int(number))


# --- The page was open while somebody signed in or out in another tab ----------------------------------------


def stale(request: HttpRequest) -> HttpResponse:
    """The form's token is old. From another site: refused, and nothing is kept. From ours: one press sends it again."""
    origin = kept.came_from(request)
    if origin != "us":
        typed = [] if origin else request.POST.items()
        return _unstored(render(request, "errors/csrf.html", {"typed": typed}, status=403))
    is_public = not getattr(getattr(request.resolver_match, "func", None), "login_required", True)
    return _stale_in_public(request) if is_public else _stale_in_private(request)


def _stale_in_public(request: HttpRequest) -> HttpResponse:
    """Whoever signed in in another tab need not do it again; every other form is sent by one press.

    To sign out is asked again on a page of its own: nothing was written that could be lost."""
    assert request.resolver_match
    if asks_by_script(request):
        return _for_script(403, "stale")
    if request.resolver_match.url_name == SIGNING_OUT:
        return redirect(SIGNING_OUT)
    if request.resolver_match.url_name in SIGNING_IN and request.user.is_authenticated:
        return redirect(f"{reverse('account_login')}?{urlencode({'next': request.POST.get('next', '')})}")
    return _stale_resend(request, _("What you typed") if kept.words_in(request.POST) else "", is_public=True)


def _stale_in_private(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return sign_in_in_place(request, press=False)
    if kept.is_of_another(request):
        return somebody_else_wrote(request)
    if asks_by_script(request):
        return _for_script(403, "stale")
    if what := kept.what_is_saved_at(request.path):
        return _stale_resend(request, what)
    page, by = kept.page_of(request), request.user
    assert isinstance(by, User)
    kept.keep(request=request, by=by.pk, page=page, now=timezone.now())
    return _unstored(_not_sent(request, page, kept.typed_in(request), status=403))


def _stale_resend(request: HttpRequest, what: Promise | str, **more: Any) -> HttpResponse:
    about: dict[str, Any] = {"path": request.get_full_path(), "typed": kept.typed_in(request)}
    about |= {"stale": True, "status": 403}
    return _unstored(_resend(request, what=what, **about, **more))
