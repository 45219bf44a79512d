"""The addresses of the site, and one at which it fails as it is told to."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import path

from pledge_tracker import urls

handler500 = urls.handler500
FAULTS = {"ours": ValueError("ours"), "database": OperationalError("refused"), "rights": PermissionDenied("no")}


@login_not_required
def fails(request: HttpRequest, how: str) -> HttpResponse:
    raise FAULTS[how]


urlpatterns = [*urls.urlpatterns, path("fails/<str:how>/", fails)]
