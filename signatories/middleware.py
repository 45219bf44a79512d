"""Workspace pages of a Pledge Maker that has another name now."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from signatories.access import Moved


class FollowRenamedMiddleware:
    """A page under a former address leads its members to the new one; what was sent there arrives all the same.

    Others are told 404, as under any address that is not theirs. Costs nothing where the address is today's. It stands
    last, so that what is answered anew is guarded and recorded as a request to the new address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        address = getattr(request, "moved_to", "")
        if not address:
            return response
        request.path = request.path_info = address
        if request.method in ("GET", "HEAD"):
            return redirect(request.get_full_path())
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Moved):
            return None
        match = request.resolver_match
        assert match
        request.moved_to = reverse(match.view_name, kwargs={**match.kwargs, "slug": exception.slug})  # type: ignore[attr-defined]
        return HttpResponse()
