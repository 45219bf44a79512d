"""Pages about who signs, what they promise and who acts for whom."""

from django.http import HttpResponse
from django.urls import path

app_name = "signatories"
urlpatterns = [
    path("invitation/<str:token>/", lambda request, token: HttpResponse(), name="invitation"),
]
