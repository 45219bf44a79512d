"""Pages of somebody signed in are never stored by a cache."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts import kept, kept_pages, refusals, second_factor
from accounts.limits import TooOften
from accounts.refusals import NotYours


class PrivateUnlessPublicMiddleware(LoginRequiredMiddleware):
    """Django's own asks for the user first, and so puts a query and `Vary: Cookie` on every public page."""

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> Any:
        if not getattr(view_func, "login_required", True):
            return None
        if request.method == "POST" and request.user.is_authenticated and kept.is_of_another(request):
            return kept_pages.somebody_else_wrote(request)
        if second_factor.is_awaited(request):
            return second_factor.ask(request)
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> Any:
        """Whoever only wants to read is sent to sign in; what was sent is kept, and the sign-in shown in its place."""
        if request.method == "POST" or kept_pages.asks_by_script(request):
            return kept_pages.sign_in_in_place(request)
        return redirect(kept_pages.login_address(request, request.get_full_path()))

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        kept_pages.forget_what_arrived(request, response)
        return response


def is_signed_in(request: HttpRequest) -> bool:
    """`user` is lazy: asking the session instead keeps public pages free of queries and `Vary: Cookie`."""
    return request.session.accessed and "_auth_user_id" in request.session


class NoStoreWhenSignedInMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        refused = response.status_code >= 400 and settings.SESSION_COOKIE_NAME in request.COOKIES
        if (is_signed_in(request) or refused) and not request.path.startswith("/static/"):
            response["Cache-Control"] = "no-store, private"
        return response


class RefusalsMiddleware:
    """Puts on the record what somebody signed in was refused, and turns too many tries into a page that helps."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        refusal: NotYours | None = getattr(request, "refusal", None)
        forbidden = response.status_code == 403 and not getattr(response, "is_on_record", False)
        if (refusal or forbidden) and is_signed_in(request):
            refusals.record(request, status=response.status_code, about=refusal.about if refusal else None)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, NotYours):
            request.refusal = exception  # type: ignore[attr-defined]
        if isinstance(exception, TooOften):
            exception.put_on_record()
            return refusals.too_often(request, exception)
        return None
