"""Supporters: the public list, joining, and the page of the mailed link. Opening a link changes nothing."""

from itertools import groupby
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.client import network_of
from accounts.limits import refused
from accounts.public_pages import public, public_form, unchanged_within_the_minute
from signatories import joining, supporters
from signatories.joining_forms import JoinForm, LinkForm, WordsForm
from signatories.models import Supporter, SupporterKind, SupporterState

A_PAGE = 50


@public
@unchanged_within_the_minute
def index(request: HttpRequest) -> HttpResponse:
    # PostgreSQL takes no NUL in a text.
    typed = " ".join(request.GET.get("q", "").replace("\0", " ").split())[:200]
    found = Supporter.objects.published()
    if typed:
        found = found.filter(name__icontains=typed)
    counts = found.aggregate(
        organisations=Count("pk", filter=Q(kind=SupporterKind.ORGANISATION)),
        people=Count("pk", filter=Q(kind=SupporterKind.PERSON)),
    )
    # Organisations stand before people, also from page to page.
    pages = Paginator(found.order_by("kind", Lower("name"), "pk"), A_PAGE)
    pages.count = sum(counts.values())
    page = pages.get_page(request.GET.get("page"))
    numbers = pages.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    context = {"q": typed, "counts": counts, "page": page, "groups": _by_kind(page), "numbers": numbers}
    return render(request, "public/supporters.html", context)


def _by_kind(page: Page) -> list[tuple[str, list[Supporter]]]:
    return [(kind, list(rows)) for kind, rows in groupby(page, key=lambda row: row.kind)]


@public_form
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    form, now = JoinForm(request.POST if request.method == "POST" else None), timezone.now()
    if request.method == "POST" and form.is_valid():
        try:
            joining.check_network(network_of(request), now=now)
            supporters.join(**form.typed(), now=now)
            return redirect("signatories:supporter_received")
        except joining.TooMany as refusal:
            form.add_error(None, refusal)
            return refused(_join_page(request, form), refusal)
    return _join_page(request, form)


def _join_page(request: HttpRequest, form: JoinForm) -> HttpResponse:
    return render(request, "signatories/supporter_join.html", {"form": form, **_promise()})


@public
def received(request: HttpRequest) -> HttpResponse:
    return render(request, "signatories/supporter_received.html", _promise())


@public_form
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest) -> HttpResponse:
    """The answer is the same whether somebody has the address or not."""
    form, now = LinkForm(request.POST if request.method == "POST" else None), timezone.now()
    if request.method == "POST" and form.is_valid():
        try:
            joining.check_network(network_of(request), now=now)
            supporters.send_link(email=form.cleaned_data["email"], now=now)
            return redirect("signatories:supporter_link_sent")
        except joining.TooMany as refusal:
            form.add_error(None, refusal)
            return refused(render(request, "signatories/supporter_link.html", {"form": form}), refusal)
    return render(request, "signatories/supporter_link.html", {"form": form})


@public
def link_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "signatories/supporter_link_sent.html")


@public_form
@require_http_methods(["GET", "HEAD", "POST"])
def manage(request: HttpRequest, token: str) -> HttpResponse:
    """What is kept, new words, and leaving. Who has left, or has an older link, gets a page that helps.

    Tries are not counted: nobody guesses one of 2**256 links, and an old one tells and does nothing."""
    supporter = supporters.find(token=token)
    if supporter is None:
        return render(request, "signatories/supporter_no_link.html", status=404)
    if request.method == "POST" and request.POST.get("action") == "leave":
        supporters.leave(supporter=supporter, now=timezone.now())
        return redirect("signatories:manage_supporter", token)
    if supporter.state == SupporterState.LEFT:
        return render(request, "signatories/supporter_left.html", status=410)
    form = WordsForm(request.POST if request.method == "POST" else None, initial=_words_of(supporter))
    if request.method == "POST" and form.is_valid() and _change(supporter, form):
        return redirect("signatories:manage_supporter", token)
    return render(request, "signatories/supporter.html", {"supporter": supporter, "form": form, **_promise()})


def _words_of(supporter: Supporter) -> dict[str, str]:
    """The newest words, those that wait included."""
    if supporter.changed_at:
        return {"name": supporter.new_name, "statement": supporter.new_statement}
    return {"name": supporter.name, "statement": supporter.statement}


def _change(supporter: Supporter, form: WordsForm) -> bool:
    """False when the team declined it meanwhile: the page then says so, with what was typed."""
    try:
        supporters.propose_change(supporter=supporter, now=timezone.now(), **form.cleaned_data)
    except supporters.Moved:
        supporter.refresh_from_db()
        return False
    return True


def _promise() -> dict[str, Any]:
    return {"answer_within_days": joining.ANSWER_WITHIN.days}
