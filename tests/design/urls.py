"""The site's own addresses, and a page with everything; a form that saves itself, with answers as ordered."""

from typing import ClassVar

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template import engines
from django.urls import include, path

from design.forms import LongTextField, PledgeForm
from tests.design import sample


class Draft(PledgeForm):
    edit = forms.IntegerField(widget=forms.HiddenInput)
    changed = LongTextField(label="What changed", max_words=5)
    rating = forms.ChoiceField(
        label="Rating", choices=[("a", "Delivered"), ("b", "Not started")], widget=forms.RadioSelect, required=False
    )


DRAFT_PAGE = """{% extends "workspace.html" %}{% load crispy_forms_tags %}{% block title %}Draft{% endblock %}
{% block main %}<h1 class="govuk-heading-l">Draft</h1><p class="autosave-status" data-autosave-status></p>
{% crispy form helper %}{% endblock %}"""


class Desk:
    """What the server holds and how it answers: the tests set both."""

    answer: ClassVar[str] = "saved"
    words: ClassVar[str] = ""
    edit: ClassVar[int] = 1
    saves: ClassVar[list[str]] = []

    @classmethod
    def clear(cls) -> None:
        cls.answer, cls.words, cls.edit, cls.saves = "saved", "", 1, []


@login_not_required
def everything(request: HttpRequest) -> HttpResponse:
    form = sample.SampleForm(request.POST or None, request.FILES or None)
    return HttpResponse(engines["django"].from_string(sample.PAGE).render(sample.context(form), request))


@login_not_required
def draft(request: HttpRequest) -> HttpResponse:
    form = Draft(initial={"edit": Desk.edit, "changed": Desk.words})
    helper = form.helper
    helper.attrs = {"data-autosave": "/draft/save/"}
    page = engines["django"].from_string(DRAFT_PAGE)
    return HttpResponse(page.render({"form": form, "helper": helper}, request))


@login_not_required
def save(request: HttpRequest) -> HttpResponse:
    if Desk.answer == "signed out":
        return HttpResponseRedirect("/account/login/")
    if Desk.answer == "conflict":
        return JsonResponse({"status": "conflict", "message": "Ola was faster.", "url": "/draft/"}, status=409)
    Desk.words = request.POST["changed"]
    Desk.edit = int(request.POST["edit"]) + 1
    Desk.saves.append(Desk.words)
    return JsonResponse({"status": "saved", "edit": Desk.edit, "saved_at": "10:42"})


urlpatterns = [
    path("everything/", everything),
    path("draft/", draft),
    path("draft/save/", save),
    path("", include("pledge_tracker.urls")),
]
