"""Pages of somebody signed in are never stored by a cache."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


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
