"""Signing in and out, and proving afresh who you are. No other page of allauth's is reachable."""

from allauth.account import views as allauth_views
from django.urls import path

from accounts import (
    account_views,
    details_views,
    kept_pages,
    passkey_views,
    second_factor_views,
    session_pages,
    views,
)

# The names are those that allauth reverses.
urlpatterns = [
    path("", account_views.home, name="account_home"),
    path("address/", details_views.address, name="account_address"),
    path("address/code/", details_views.address_code, name="account_address_code"),
    path("name/", details_views.name, name="account_name"),
    path("sessions/<int:pk>/end/", account_views.end_session, name="account_end_session"),
    path("sessions/end-others/", account_views.end_other_sessions, name="account_end_other_sessions"),
    path("second-factor/", second_factor_views.give, name="account_second_factor"),
    path("recovery-codes/", second_factor_views.codes, name="account_recovery_codes"),
    path("recovery-codes.txt", second_factor_views.codes_file, name="account_recovery_codes_file"),
    path("login/passkey/", passkey_views.sign_in, name="account_passkey_sign_in"),
    path("passkeys/options/", passkey_views.options, name="account_passkey_options"),
    path("passkeys/add/", passkey_views.add, name="account_passkey_add"),
    path("passkeys/add/options/", passkey_views.options_to_add, name="account_passkey_add_options"),
    path("passkeys/<int:pk>/rename/", passkey_views.rename, name="account_passkey_rename"),
    path("passkeys/<int:pk>/remove/", passkey_views.remove, name="account_passkey_remove"),
    path("login/", views.login, name="account_login"),
    path("login/code/", views.confirm_login_code, name="account_confirm_login_code"),
    path("confirm/", views.confirm, name="account_confirm"),
    path("logout/", allauth_views.logout, name="account_logout"),
    path("inactive/", views.inactive, name="account_inactive"),
    path("kept/<int:pk>/", kept_pages.again, name="account_kept"),
    path("stay/", session_pages.stay, name="account_stay"),
    path("signed-in/", session_pages.signed_in, name="account_signed_in"),
]
