"""Every address of the site."""

from django.urls import include, path

from pledge_tracker import health

urlpatterns = [
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("account/", include("accounts.urls")),
    path("", include("signatories.urls")),
]
