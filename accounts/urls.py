"""Signing in and out, and proving afresh who you are. No other page of allauth's is reachable."""

from allauth.account import views as allauth_views
from django.urls import path

from accounts import views

# The names are those that allauth reverses.
urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("login/code/", views.confirm_login_code, name="account_confirm_login_code"),
    path("confirm/", views.confirm, name="account_confirm"),
    path("logout/", allauth_views.logout, name="account_logout"),
    path("inactive/", views.inactive, name="account_inactive"),
]
