"""The addresses of the site as the demonstration has them."""

from django.urls import include, path

from pledge_tracker.urls import urlpatterns as site

urlpatterns = [*site, path("demo/mail/", include("mail.urls"))]
