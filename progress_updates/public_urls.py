"""Addresses of the public pages about Pledge Makers; they are permanent."""

from django.urls import path

from progress_updates.views import public

app_name = "public"
urlpatterns = [
    path("", public.pledge_makers, name="pledge_makers"),
    path("<slug:slug>/", public.pledge_maker, name="pledge_maker"),
    path("<slug:slug>/statement/v<int:version>/", public.statement, name="statement"),
]
