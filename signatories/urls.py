"""Pages about who signs, what they promise and who acts for whom."""

from django.urls import URLPattern, URLResolver, include, path

from signatories.views import applications, invitations, people, statement, supporters, workspace

workspace_pages: list[URLPattern | URLResolver] = [
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/withdraw/<int:pk>/", people.withdraw, name="withdraw_invitation"),
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
    path("workspace/", workspace.index, name="workspace"),
    path("", include((signatories, "signatories"))),
]
