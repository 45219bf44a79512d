"""The pages on which a Pledge Maker writes, checks and signs its progress updates."""

from django.urls import include, path

from progress_updates.views import deadline, terms, workspace, workspace_around, workspace_section, workspace_signing

app_name = "progress_updates"
round_pages = [
    path("", workspace.task_list, name="task_list"),
    path("deadline.ics", deadline.as_calendar, name="deadline"),
    path("start/", workspace.start, name="start"),
    path("read/", workspace.read, name="read"),
    path("statement-of-intent/", workspace.statement, name="statement"),
    path("check/", workspace_signing.check, name="check"),
    path("asked/", workspace_signing.asked, name="asked"),
    path("take-back/", workspace_signing.take_back, name="take_back"),
    path("sign/", workspace_signing.sign, name="sign"),
    path("return/", workspace_signing.return_, name="return"),
    path("signed/", workspace_signing.signed, name="signed"),
    path("recall/", workspace_signing.recall, name="recall"),
    path("more-time/", workspace_around.more_time, name="more_time"),
    path("your-words/", workspace_around.own_words, name="own_words"),
    path("correct/", workspace_around.correct, name="correct"),
    path("<slug:section>/", workspace_section.section, name="section"),
    path("<slug:section>/no-change/", workspace_section.no_change, name="no_change"),
    path("<slug:section>/in-full/", workspace_section.in_full, name="in_full"),
]
urlpatterns = [
    path("workspace/<slug:slug>/", workspace.home, name="home"),
    path("workspace/<slug:slug>/leaders/read/", terms.read_pledge, name="read_pledge"),
    path("workspace/<slug:slug>/leaders/<int:pk>/last-day/", terms.end_term, name="end_term"),
    path("workspace/<slug:slug>/<slug:round_slug>/", include(round_pages)),
]
