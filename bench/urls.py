"""The site's addresses and one more: what the server and our middleware cost alone."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from pledge_tracker.urls import handler500, urlpatterns

__all__ = ["handler500", "urlpatterns"]


@login_not_required
def trivial(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


urlpatterns = [path("bench/trivial", trivial), *urlpatterns]
