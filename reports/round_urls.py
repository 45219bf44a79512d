"""Addresses of rounds in public: how each stands, and its national report in every version; they are permanent."""

from django.urls import path

from reports import round_views as views

app_name = "rounds"
urlpatterns = [
    path("", views.index, name="index"),
    path("<slug:slug>/", views.round_page, name="round"),
    path("<slug:slug>.pdf", views.pdf, name="pdf"),
    path("<slug:slug>.csv", views.data, name="csv"),
    path("<slug:slug>/v<int:version>/", views.round_page, name="version"),
    path("<slug:slug>/v<int:version>.pdf", views.pdf, name="pdf_version"),
    path("<slug:slug>/v<int:version>.csv", views.data, name="csv_version"),
]
