"""The mailbox of the demonstration: everybody's mail, for everybody to read. It cannot exist anywhere else."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from mail import demo_mailbox


def demo_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The addresses exist in the demonstration only; should they ever be included elsewhere, they are 404."""

    @login_not_required
    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@demo_only
def mailbox(request: HttpRequest, beside: Callable[[], dict[str, object]] = dict) -> HttpResponse:
    """`beside` gives what rooms above want to stand on the page as well."""
    to = request.GET.get("to", "")
    return render(request, "mail/demo_mailbox.html", {"mails": demo_mailbox.mails(to=to), "to": to, **beside()})


@demo_only
def demo_mail(request: HttpRequest, file: str, number: int) -> HttpResponse:
    found = demo_mailbox.find(file=file, number=number)
    if found is None:
        raise Http404
    return render(request, "mail/demo_mail.html", {"mail": found})
