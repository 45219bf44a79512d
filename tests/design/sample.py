"""One page with everything that the look has: for the browser tests, and for looking at it."""

from typing import Any

from crispy_forms.layout import Layout, Submit
from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from design.forms import GovDateField, LongTextField, PledgeForm
from design.layout import Buttons, Question, QuietSubmit, WarningSubmit

RATINGS = (
    ("delivered", "Delivered"),
    ("prioritised", "Prioritised"),
    ("responded_to", "Responded to"),
    ("not_started", "Not started"),
)


class SampleForm(PledgeForm):
    """Every kind of field, each with a hint."""

    looks = {
        "name": {"width": "20"},
        "share": {"width": "5", "suffix": "%"},
        "rating": {"label_size": "m", "item_hints": {"delivered": "It is in place and we can show what it changed."}},
        "groups": {"small": True},
        "changed": {"label_size": "m"},
        "agree_scale": {"inline": True},
        "due": {"label_size": "s"},
    }

    name = forms.CharField(label="Full name", help_text="As it should stand under the Statement.", max_length=200)
    share = forms.IntegerField(label="Share of staff trained", required=False)
    changed = LongTextField(
        label="What changed", max_words=60, help_text="Start a line with a dash to make a bullet."
    )
    note = forms.CharField(label="Anything else", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    rating = forms.ChoiceField(label="How far are you with this objective?", choices=RATINGS, widget=forms.RadioSelect)
    agree_scale = forms.ChoiceField(
        label="Is this a joint update?", choices=[("yes", "Yes"), ("no", "No")], widget=forms.RadioSelect
    )
    groups = forms.MultipleChoiceField(
        label="Whom did you work with?",
        choices=[("users", "People with lived experience"), ("orgs", "Community organisations")],
        widget=forms.CheckboxSelectMultiple,
    )
    region = forms.ChoiceField(label="Region", choices=[("", "Choose a region"), ("nw", "North West"), ("m", "Midlands")])
    due = GovDateField(label="Due date", help_text="For example, 27 3 2027.")
    paper = forms.FileField(label="Board paper", required=False)
    network = forms.BooleanField(label="We agree to be part of the national network")


def layout() -> Layout:
    names = list(SampleForm.base_fields)
    buttons = Buttons(
        Submit("save", "Save and continue"),
        QuietSubmit("later", "Save and come back later"),
        WarningSubmit("drop", "Withdraw"),
    )
    return Layout(*(Question(name) for name in names), buttons)


PAGE = """{% extends "workspace.html" %}{% load crispy_forms_tags pledge_forms furniture %}
{% block title %}{% error_prefix form %}Everything{% endblock %}
{% block nav_pledge %}aria-current="page"{% endblock %}
{% block hero %}<div class="hero"><div class="wrap">
<p class="hero-title">34 leaders promised to reduce ethnic inequalities in mental health care. This is what they have done.</p>
<p>Each signed seven objectives. Every six months each says, in public, what changed, what did not, and what comes next.</p>
<div class="govuk-button-group"><a class="govuk-button" href="/a">See every Pledge Maker</a><a class="govuk-button govuk-button--inverse" href="/b">Read the pledge</a></div>
</div></div>{% endblock %}
{% block main %}
<section class="card card--rise"><h2 class="govuk-heading-l">Round 4, autumn 2026</h2><p class="finding">24 of 34 reported on time. Five have not reported.</p>
{% dots marks "How each Pledge Maker stands" %}{% dots_key key %}</section>
{% error_summary form %}
<nav class="govuk-breadcrumbs" aria-label="Breadcrumb"><ol class="govuk-breadcrumbs__list"><li class="govuk-breadcrumbs__list-item"><a class="govuk-breadcrumbs__link" href="/x">Workspace</a></li><li class="govuk-breadcrumbs__list-item" aria-current="page">Update</li></ol></nav>
<a href="/x" class="govuk-back-link">Back</a>
<span class="caption">Round 4, autumn 2026</span>
<h1 class="govuk-heading-xl">Measure, monitor and report inequalities</h1>
<p class="lede">A finding in a sentence first, the picture second, the table third.</p>
<p class="govuk-body">Body text with <a class="govuk-link" href="/somewhere">a link</a> and <strong>strong words</strong>.</p>
<h2 class="govuk-heading-l">Seven objectives</h2>
<ol class="objectives">{% for name, counts in objectives %}<li>{{ name }}{% rating_bar counts %}</li>{% endfor %}</ol>
<h2 class="govuk-heading-m">Statuses</h2>
<p>{% for kind, text in statuses %}{% status_tag kind text %}<br>{% endfor %}</p>
<p><strong class="govuk-tag">Plum</strong> <strong class="govuk-tag govuk-tag--green">Completed</strong> <strong class="govuk-tag govuk-tag--yellow">In progress</strong> <strong class="govuk-tag govuk-tag--red">Returned</strong> <strong class="govuk-tag govuk-tag--blue">In review</strong> <strong class="govuk-tag govuk-tag--grey">Draft</strong></p>
<ul class="govuk-task-list"><li class="govuk-task-list__item govuk-task-list__item--with-link"><div class="govuk-task-list__name-and-hint"><a class="govuk-link govuk-task-list__link" href="/o1" aria-describedby="t1-status">Objective 1: Service change</a><div class="govuk-task-list__hint">Three open next steps from last round</div></div><div class="govuk-task-list__status" id="t1-status"><strong class="govuk-tag govuk-tag--yellow">In progress</strong></div></li>
<li class="govuk-task-list__item govuk-task-list__item--with-link"><div class="govuk-task-list__name-and-hint"><a class="govuk-link govuk-task-list__link" href="/o2" aria-describedby="t2-status">Objective 2: Measure and report</a></div><div class="govuk-task-list__status" id="t2-status">Completed</div></li>
<li class="govuk-task-list__item"><div class="govuk-task-list__name-and-hint"><div>Ask for the signature</div></div><div class="govuk-task-list__status govuk-task-list__status--cannot-start-yet">Cannot start yet</div></li></ul>
<dl class="govuk-summary-list"><div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Leader</dt><dd class="govuk-summary-list__value">Dr Amara Bell, chief executive</dd><dd class="govuk-summary-list__actions"><a class="govuk-link" href="/c">Change<span class="govuk-visually-hidden"> leader</span></a></dd></div><div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Due</dt><dd class="govuk-summary-list__value">{{ moment|long_moment }}</dd><dd class="govuk-summary-list__actions"></dd></div></dl>
<div class="govuk-summary-card"><div class="govuk-summary-card__title-wrapper"><h2 class="govuk-summary-card__title">Objective 1</h2><ul class="govuk-summary-card__actions"><li class="govuk-summary-card__action"><a class="govuk-link" href="/c1">Change</a></li></ul></div><div class="govuk-summary-card__content"><dl class="govuk-summary-list"><div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Rating</dt><dd class="govuk-summary-list__value">Prioritised</dd></div></dl></div></div>
<table class="govuk-table table-stack"><caption class="govuk-table__caption govuk-table__caption--m">Who has gone quiet, and who has news</caption><thead class="govuk-table__head"><tr class="govuk-table__row"><th scope="col" class="govuk-table__header">Pledge Maker</th><th scope="col" class="govuk-table__header">What happened</th><th scope="col" class="govuk-table__header">Status</th></tr></thead><tbody class="govuk-table__body">
<tr class="govuk-table__row"><th scope="row" class="govuk-table__header"><a class="govuk-link" href="/n">Northtown Mental Health NHS Trust</a></th><td class="govuk-table__cell">Due 30 September 2026. Not received as at 21 November 2026, 9am.</td><td class="govuk-table__cell">{% status_tag "not_received" "Not received" %}</td></tr>
<tr class="govuk-table__row"><th scope="row" class="govuk-table__header"><a class="govuk-link" href="/w">Westmarsh Health Partnership</a></th><td class="govuk-table__cell">Received 14 October 2026.</td><td class="govuk-table__cell">{% status_tag "late" "Received 14 days late" %}</td></tr></tbody></table>
<div class="table-scroll" role="region" aria-label="Figures by round" tabindex="0"><table class="govuk-table"><caption class="govuk-table__caption">Figures by round</caption><thead class="govuk-table__head"><tr class="govuk-table__row"><th scope="col" class="govuk-table__header">Round</th>{% for i in "12345678" %}<th scope="col" class="govuk-table__header govuk-table__header--numeric">Objective {{ i }}</th>{% endfor %}</tr></thead><tbody class="govuk-table__body"><tr class="govuk-table__row"><th scope="row" class="govuk-table__header">Autumn 2026</th>{% for i in "12345678" %}<td class="govuk-table__cell govuk-table__cell--numeric">1,20{{ i }}</td>{% endfor %}</tr></tbody></table></div>
<div class="govuk-inset-text">You told us in the last round that a board seminar would be held.</div>
<div class="govuk-warning-text"><span class="govuk-warning-text__icon" aria-hidden="true">!</span><strong class="govuk-warning-text__text"><span class="govuk-visually-hidden">Warning</span>Signing sends the update. It cannot be edited afterwards.</strong></div>
<details class="govuk-details"><summary class="govuk-details__summary"><span class="govuk-details__summary-text">What counts as delivered?</span></summary><div class="govuk-details__text">It is in place, and you can show what it changed.</div></details>
<div class="govuk-panel govuk-panel--confirmation"><h2 class="govuk-panel__title">Signed and sent</h2><div class="govuk-panel__body">Reference PT-4-0012</div></div>
<div class="columns"><div><div class="prose">{{ typed|plain_text }}</div></div><aside class="beside" aria-labelledby="last"><h2 id="last">What you said last time</h2><div class="prose">{{ typed|plain_text }}</div></aside></div>
<p class="autosave-status" data-autosave-status role="status">Saved 10:42</p>
{% crispy form form.sample_helper %}
<nav class="govuk-pagination" aria-label="Pagination"><div class="govuk-pagination__prev"><a class="govuk-link govuk-pagination__link" href="/p1" rel="prev"><span class="govuk-pagination__link-title">Previous<span class="govuk-visually-hidden"> page</span></span></a></div><ul class="govuk-pagination__list"><li class="govuk-pagination__item"><a class="govuk-link govuk-pagination__link" href="/p1" aria-label="Page 1">1</a></li><li class="govuk-pagination__item govuk-pagination__item--current"><a class="govuk-link govuk-pagination__link" href="/p2" aria-label="Page 2" aria-current="page">2</a></li></ul><div class="govuk-pagination__next"><a class="govuk-link govuk-pagination__link" href="/p3" rel="next"><span class="govuk-pagination__link-title">Next<span class="govuk-visually-hidden"> page</span></span></a></div></nav>
{% endblock %}"""


class Message:
    def __init__(self, level_tag: str, text: str) -> None:
        self.level_tag, self.text = level_tag, text

    def __str__(self) -> str:
        return self.text


def context(form: SampleForm) -> dict[str, Any]:
    from datetime import UTC, datetime

    form.sample_helper = form.helper
    form.sample_helper.inputs = []
    form.sample_helper.layout = layout()
    kinds = ["on_time"] * 24 + ["late"] * 3 + ["extension"] * 2 + ["not_received"] * 5
    counts = {"delivered": 7, "prioritised": 9, "responded_to": 3, "not_started": 5}
    return {
        "form": form,
        "is_demo": True,
        "marks": [(kind, f"Pledge Maker {i}: {kind}", f"/pm/{i}") for i, kind in enumerate(kinds)],
        "key": [("on_time", 24, "on time"), ("late", 3, "late"), ("extension", 2, "extension"), ("not_received", 5, "not received")],
        "objectives": [(name, counts) for name in ("Service changes that reduce inequalities in access, experience and outcomes", "Measure, monitor and report inequalities and progress", "Work in partnership with communities", "National leadership")],
        "statuses": [("on_time", "Received on time"), ("late", "Received 3 days late"), ("extension", "Extension to 1 May 2027"), ("not_received", "Not received"), ("not_due_yet", "Not due yet"), ("reported_with", "Reported with Westmarsh"), ("not_required", "Not required"), ("withdrawn", "Withdrawn from the pledge")],
        "moment": datetime(2026, 11, 22, 9, 4, tzinfo=UTC),
        "typed": "We held two meetings.\nThe second was larger.\n\n- 40 people came\n- £1,200 was spent\n\nMore will follow.",
        "messages": [Message("success", "The update was sent."), Message("info", "The round closes on Friday."), Message("error", "Somebody was faster.")],
    }


@login_not_required
def everything(request: HttpRequest) -> HttpResponse:
    form = SampleForm(request.POST or None, request.FILES or None)
    return HttpResponse(engines["django"].from_string(PAGE).render(context(form), request))


urlpatterns = [path("sample/", everything), path("", include("pledge_tracker.urls"))]
