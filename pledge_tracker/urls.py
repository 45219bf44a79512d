"""Every address of the site."""

from django.conf import settings
from django.urls import include, path

from mail.views import mailbox
from pledge_tracker import demo_codes, health, information, status, views
from progress_updates.views import choosing

handler500 = "pledge_tracker.errors.server_error"

urlpatterns = [
    path("", views.home, name="home"),
    path("pledge-makers/", include("progress_updates.public_urls")),
    path("pledge-makers/", include("reports.urls")),
    path("rounds/", include("reports.round_urls")),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("status", status.status, name="status"),
    path("privacy/", information.privacy, name="privacy"),
    path("accessibility/", information.accessibility, name="accessibility"),
    path("account/", include("accounts.urls")),
    path("staff/", include("staff.urls")),
    path("workspace/", choosing.index, name="workspace"),
    path("", include("signatories.urls")),
    path("", include("progress_updates.urls")),
]

if settings.DEMO:
    # Everybody's mail for everybody to read: in the demonstration only.
    urlpatterns += [
        path("demo/mail/", mailbox, {"beside": demo_codes.beside_the_mail}, name="demo-mailbox"),
        path("demo/mail/", include("mail.urls")),
    ]
