"""Pages about who signs, what they promise and who acts for whom."""

from django.urls import URLPattern, URLResolver, include, path

from signatories.views import (
    applications,
    invitations,
    inviting,
    people,
    roles,
    statement,
    supporters,
    terms,
)

workspace_pages: list[URLPattern | URLResolver] = [
    path("people/", people.people, name="people"),
    path("people/invite/", inviting.invite, name="invite"),
    path("people/resend/<int:pk>/", inviting.resend, name="resend_invitation"),
    path("people/withdraw/<int:pk>/", inviting.withdraw, name="withdraw_invitation"),
    path("people/<int:pk>/", people.member, name="member"),
    path("people/<int:pk>/end/", people.end_membership, name="end_membership"),
    path("roles/", roles.roles, name="roles"),
    path("leaders/", terms.leaders, name="leaders"),
    path("leaders/<int:pk>/stays/", terms.withdraw_last_day, name="withdraw_last_day"),
    path("leaders/re-affirm/", terms.reaffirm, name="reaffirm"),
    path("leaders/ask-for-changes/", terms.ask_for_changes, name="ask_for_changes"),
    path("statement/", statement.write, name="statement"),
    path("statement/check/", statement.check, name="check_statement"),
    path("statement/new-version/", statement.renew, name="renew_statement"),
    path("statement/sign/", statement.sign, name="sign_statement"),
    path("statement/signed/", statement.signed, name="statement_signed"),
]
joining_pages: list[URLPattern | URLResolver] = [
    path("sign-the-pledge/", applications.sign_the_pledge, name="sign_the_pledge"),
    path("sign-the-pledge/received/", applications.received, name="application_received"),
    path("supporters/", supporters.index, name="supporters"),
    path("supporters/join/", supporters.join, name="join_supporters"),
    path("supporters/join/received/", supporters.received, name="supporter_received"),
    path("supporters/link/", supporters.link, name="supporter_link"),
    path("supporters/link/sent/", supporters.link_sent, name="supporter_link_sent"),
    path("supporters/manage/<str:token>/", supporters.manage, name="manage_supporter"),
]
signatories: list[URLPattern | URLResolver] = [
    *joining_pages,
    path("invitation/<str:token>/", invitations.invitation, name="invitation"),
    path("workspace/<slug:slug>/", include(workspace_pages)),
]
urlpatterns = [
    path("", include((signatories, "signatories"))),
]
