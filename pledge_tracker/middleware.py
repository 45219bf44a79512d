"""What concerns every answer of the site."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from pledge_tracker import body_limits, health

GetResponse = Callable[[HttpRequest], HttpResponse]
HEADERS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
    "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": settings.X_FRAME_OPTIONS,
}
HEALTH = {"/health/live": health.live, "/health/ready": health.ready}


class EveryAnswerMiddleware:
    """What stands on every answer, whoever made it: no other site can embed it, guess at it or learn whence one came.

    What another middleware has set stays."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response


class HealthMiddleware:
    """Answers a balancer, which asks by number and not by name, before anything looks at the name."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = HEALTH.get(request.path_info)
        return view(request) if view else self.get_response(request)


class BodyLimitMiddleware:
    """Refuses what is too large before a byte of it is read. Most requests send nothing and are not looked at."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "HTTP_TRANSFER_ENCODING" in request.META:
            return body_limits.refuse(request, status=411)
        length = _declared_length(request)
        if length > body_limits.ORDINARY:
            upload = body_limits.upload_limit(request)
            limit = upload if upload and body_limits.may_upload(request) else body_limits.ORDINARY
            if length > limit:
                return body_limits.refuse(request, status=413, limit=limit)
        return self.get_response(request)


def _declared_length(request: HttpRequest) -> int:
    """Bytes. What is no number Django takes for 0, and reads nothing."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
