"""Pages of somebody signed in are never stored by a cache."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse


class PrivateUnlessPublicMiddleware(LoginRequiredMiddleware):
    """Django's own asks for the user first, and so puts a query and `Vary: Cookie` on every public page."""

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> Any:
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)


class NoStoreWhenSignedInMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # `user` is lazy: asking the session instead keeps public pages free of queries and `Vary: Cookie`.
        signed_in = request.session.accessed and "_auth_user_id" in request.session
        if signed_in and not request.path.startswith("/static/"):
            response["Cache-Control"] = "no-store, private"
        return response
