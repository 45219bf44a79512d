"""What concerns every answer of the site."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from pledge_tracker import health

GetResponse = Callable[[HttpRequest], HttpResponse]
HEALTH = {"/health/live": health.live, "/health/ready": health.ready}


class SameOriginMiddleware:
    """No other site can embed what we answer."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        return response


class HealthMiddleware:
    """Answers a balancer, which asks by number and not by name, before anything looks at the name."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = HEALTH.get(request.path_info)
        return view(request) if view else self.get_response(request)
