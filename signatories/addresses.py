"""Former addresses of Pledge Makers: what is no longer there has moved for good."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from signatories.models import PledgeMaker

View = Callable[..., HttpResponseBase]


def follow_old_addresses(view: View) -> View:
    """What is not found under a Pledge Maker's former address (`slug`) has moved for good."""

    @wraps(view)
    def followed(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, **kwargs)
        except Http404:
            if (slug := _moved_to(kwargs.get("slug", ""))) is None:
                raise
        assert request.resolver_match
        return HttpResponsePermanentRedirect(reverse(request.resolver_match.view_name, kwargs={**kwargs, "slug": slug}))

    return followed


def _moved_to(old_slug: str) -> str | None:
    moved = PledgeMaker.objects.published().filter(former_addresses__slug=old_slug)
    return moved.values_list("slug", flat=True).first()
