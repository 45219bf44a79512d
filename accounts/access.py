"""Pages of the Synergi team do not exist for anybody else, and want a second factor from the team."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from accounts import second_factor
from accounts.models import SynergiRole
from accounts.refusals import NotYours

EVERY_ROLE = tuple(role for role in SynergiRole if role)


def synergi_required(*roles: Any) -> Any:
    """`@synergi_required` for the whole team, `@synergi_required(SynergiRole.PUBLISHER)` for some: else 404."""
    if len(roles) == 1 and callable(roles[0]):
        return _guard(roles[0], EVERY_ROLE)
    return lambda view: _guard(view, roles or EVERY_ROLE)


def _guard(view: Callable[..., HttpResponse], roles: tuple[str, ...]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if getattr(request.user, "synergi_role", "") not in roles:
            raise NotYours
        if not second_factor.is_proven(request):
            return second_factor.ask(request)
        return view(request, *args, **kwargs)

    return guarded
