"""Pages about who signs, what they promise and who acts for whom."""

from django.urls import URLPattern, URLResolver, include, path

from signatories.views import invitations, people, statement, workspace

workspace_pages: list[URLPattern | URLResolver] = [
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/withdraw/<int:pk>/", people.withdraw, name="withdraw_invitation"),
    path("statement/", statement.write, name="statement"),
    path("statement/check/", statement.check, name="check_statement"),
    path("statement/sign/", statement.sign, name="sign_statement"),
    path("statement/signed/", statement.signed, name="statement_signed"),
]
signatories: list[URLPattern | URLResolver] = [
    path("invitation/<str:token>/", invitations.invitation, name="invitation"),
    path("workspace/<slug:slug>/", include(workspace_pages)),
]
urlpatterns = [
    path("workspace/", workspace.index, name="workspace"),
    path("", include((signatories, "signatories"))),
]
