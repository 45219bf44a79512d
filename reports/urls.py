"""Addresses of published updates, as a page and as a PDF; they are permanent."""

from django.urls import path

from reports import views

app_name = "reports"
urlpatterns = [
    path("<slug:slug>/<slug:round_slug>/", views.update, name="update"),
    path("<slug:slug>/<slug:round_slug>.pdf", views.pdf, name="pdf"),
    path("<slug:slug>/<slug:round_slug>/v<int:version>/", views.update, name="update_version"),
    path("<slug:slug>/<slug:round_slug>/v<int:version>.pdf", views.pdf, name="pdf_version"),
]
