"""Every address of the site."""

from django.conf import settings
from django.urls import include, path

from pledge_tracker import health

urlpatterns = [
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("account/", include("accounts.urls")),
    path("", include("signatories.urls")),
]

if settings.DEMO:
    # Everybody's mail for everybody to read: in the demonstration only.
    urlpatterns += [path("demo/mail/", include("mail.urls"))]
