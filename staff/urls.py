"""Addresses of the Synergi team's pages. Nobody else finds them: 404."""

from django.urls import path

from staff.views import invitations, overview, people, pledge_makers, rounds, updates

app_name = "staff"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("mail/<int:pk>/retry/", overview.retry_mail, name="retry_mail"),
    path("documents/<int:pk>/retry/", overview.retry_document, name="retry_document"),
    path("invite/", invitations.invite, name="invite"),
    path("invite/<int:pk>/sent/", invitations.sent, name="invitation_sent"),
    path("invite/<int:pk>/again/", invitations.send_again, name="send_invitation_again"),
    path("invite/<int:pk>/withdraw/", invitations.withdraw, name="withdraw_invitation"),
    path("pledge-makers/", pledge_makers.index, name="pledge_makers"),
    path("pledge-makers/<slug:slug>/", pledge_makers.detail, name="pledge_maker"),
    path("pledge-makers/<slug:slug>/invite/", invitations.invite_further, name="invite_further"),
    path("pledge-makers/<slug:slug>/statement/<int:version>/", pledge_makers.statement, name="statement"),
    path(
        "pledge-makers/<slug:slug>/statement/<int:version>/publish/",
        pledge_makers.publish_statement,
        name="publish_statement",
    ),
    path("people/", people.index, name="people"),
    path("people/<int:pk>/", people.detail, name="person"),
    path("people/<int:pk>/erase/", people.erase, name="erase_person"),
    path("rounds/", rounds.index, name="rounds"),
    path("rounds/new/", rounds.new, name="new_round"),
    path("rounds/<slug:slug>/", rounds.detail, name="round"),
    path("rounds/<slug:slug>/open/", rounds.open_, name="open_round"),
    path("rounds/<slug:slug>/questions/<slug:key>/", rounds.question, name="question"),
    path("updates/<int:pk>/", updates.detail, name="update"),
    path("updates/<int:pk>/start-review/", updates.start_review, name="start_review"),
    path("updates/<int:pk>/send-back/", updates.send_back, name="send_back"),
    path("updates/<int:pk>/accept/", updates.accept, name="accept"),
    path("updates/<int:pk>/publish/", updates.publish, name="publish"),
    path("updates/<int:pk>/undo-publication/", updates.undo_publication, name="undo_publication"),
]
