"""How a round goes: figures, one row a Pledge Maker, the same as a file, and who looks after whom."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts import audit
from accounts.access import synergi_required
from accounts.kept import sent_or_kept
from accounts.limits import limited
from design.csv_file import csv_response
from progress_updates.findings import of_objectives
from progress_updates.lateness import lateness
from progress_updates.models import Question, QuestionKind, Rating, Round
from progress_updates.statistics import ObjectiveRatings, ratings_by_objective, round_summary
from signatories.caseworkers import give_to_caseworker, team
from signatories.models import PledgeMaker, Region
from staff.address import Chosen, id_in, one_page, read
from staff.forms import GiveForm
from staff.progress import Row, entries_of, filters_of, row_of
from staff.words import finding_of, key_of

# So many can be given to somebody at once.
GIVEN_AT_ONCE = 500


def page(request: HttpRequest, round_: Round) -> HttpResponse:
    """The page of a round that has opened. Eight queries, whatever it shows."""
    now, questions = timezone.now(), list(round_.questions.all())
    chosen = _chosen(request, questions)
    summary, ratings = round_summary(round_, now), ratings_by_objective(round_)
    entries, pages = one_page(entries_of(round_, now, chosen=chosen, by=request.user), chosen.page)  # type: ignore[arg-type]
    context = {
        "round": round_,
        "now": now,
        "is_open": round_.is_open(now),
        "finding": finding_of(summary),
        "key": key_of(summary),
        "total": sum(summary.counts.values()),
        "ratings": _ratings(ratings, questions),
        "ratings_finding": of_objectives(ratings),
        "chosen": chosen,
        "rows": [row_of(entry, now) for entry in entries],
        "pages": pages,
        "questions": questions,
    }
    return render(request, "staff/round.html", context)


def _chosen(request: HttpRequest, questions: Iterable[Question]) -> Chosen:
    return read(request.GET, filters_of(questions, team()), {"page": _("Page")})


def _ratings(ratings: Iterable[ObjectiveRatings], questions: Iterable[Question]) -> dict[str, Any]:
    """The table of ratings: its columns, and for each objective (title, total, ((value, label, count), ...))."""
    titles = {question.number: question.title for question in questions if question.kind == QuestionKind.OBJECTIVE}
    rows = [
        (titles[each.number], each.total, [(f"{each.number}-{r.value}", r.label, each.counts[r]) for r in Rating])
        for each in ratings
        if each.number in titles
    ]
    return {"columns": Rating.labels, "rows": rows, "total": max((total for _title, total, _cells in rows), default=0)}


def _round(slug: str) -> Round:
    return get_object_or_404(Round.objects.opened().select_related("wording", "opened_by"), slug=slug)


# --- As a file ---------------------------------------------------------------------------------------------


@synergi_required
@require_safe
@limited("export.taken", "GET", "HEAD")
def as_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Every row of the same view. The audit trail keeps who took it, and what was chosen."""
    round_, now = _round(slug), timezone.now()
    chosen = _chosen(request, round_.questions.all())
    entries = entries_of(round_, now, chosen=chosen, by=request.user)  # type: ignore[arg-type]
    rows = [row_of(entry, now) for entry in entries.prefetch_related("pledge_maker__parts__organisation")]
    by: Any = request.user
    audit.record(
        action="staff.exported", by=by, about=round_, now=now, what="round", rows=len(rows), chosen=dict(chosen.values)
    )
    name, day = f"{round_.slug} {' '.join(chosen.words)}", timezone.localdate(now)
    return csv_response(name=name[:100], header=_header(), rows=(_line(row, now) for row in rows), day=day)


def _header() -> list[str]:
    return [
        _("Pledge Maker"),
        _("Region"),
        _("Looked after by"),
        _("Status"),
        _("What the public reads"),
        _("Due"),
        _("Received"),
        _("Progress update"),
        _("Last activity"),
        _("Mail reaches"),
    ]


def _line(row: Row, now: datetime) -> list[Any]:
    entry = row.entry
    return [
        entry.pledge_maker.name,
        _regions(entry.pledge_maker),
        row.owner.name if row.owner else "",
        lateness(entry, now),
        row.status.words,
        entry.due,
        entry.received_at,
        row.state,
        row.last_activity,
        row.reach,
    ]


def _regions(maker: PledgeMaker) -> str:
    found = {part.organisation.region for part in maker.parts.all() if part.left_on is None}
    return ", ".join(sorted(str(Region(region).label) for region in found if region))


# --- Who looks after whom ----------------------------------------------------------------------------------


@synergi_required
@require_http_methods(["GET", "POST"])
def give(request: HttpRequest, slug: str) -> HttpResponse:
    """The Pledge Makers of the same view, each with a tick, and who shall look after them."""
    round_, now = _round(slug), timezone.now()
    chosen = _chosen(request, round_.questions.all())
    entries = entries_of(round_, now, chosen=chosen, by=request.user)[: GIVEN_AT_ONCE + 1]  # type: ignore[arg-type]
    makers = [entry.pledge_maker for entry in entries]
    offered = _offered(request, round_, makers[:GIVEN_AT_ONCE])
    form = GiveForm(sent_or_kept(request), pledge_makers=offered, initial={"caseworker": request.user.pk})
    back = f"{reverse('staff:round', args=[slug])}{chosen.all_pages}"
    if request.method == "POST" and form.is_valid():
        _give(request, form)
        return redirect(back)
    context = {"round": round_, "form": form, "chosen": chosen, "back": back, "count": len(makers[:GIVEN_AT_ONCE])}
    return render(request, "staff/give.html", context | {"more": len(makers) > GIVEN_AT_ONCE, "most": GIVEN_AT_ONCE})


def _offered(request: HttpRequest, round_: Round, shown: list[PledgeMaker]) -> list[PledgeMaker]:
    """What the page shows, and what was ticked on it before the view changed."""
    ticked = map(id_in, request.POST.getlist("pledge_makers"))
    more = PledgeMaker.objects.filter(entries__round=round_, pk__in=[pk for pk in ticked if pk is not None])
    return list(dict.fromkeys([*shown, *more.select_related("caseworker")]))


@synergi_required
@require_http_methods(["GET", "POST"])
def give_one(request: HttpRequest, slug: str) -> HttpResponse:
    maker = get_object_or_404(PledgeMaker.objects.select_related("caseworker"), slug=slug)
    form = GiveForm(sent_or_kept(request), one=maker)
    if request.method == "POST" and form.is_valid():
        _give(request, form)
        return redirect("staff:pledge_maker", slug)
    return render(request, "staff/give_one.html", {"pledge_maker": maker, "form": form})


def _give(request: HttpRequest, form: GiveForm) -> None:
    to, by = form.cleaned_data["caseworker"], request.user
    count = give_to_caseworker(pledge_makers=form.chosen(), caseworker=to, by=by, now=timezone.now())  # type: ignore[arg-type]
    if not count:
        messages.info(request, _("Nothing was changed: it was so already."))
        return
    said = (
        ngettext(
            "%(name)s looks after %(count)s more Pledge Maker now.",
            "%(name)s looks after %(count)s more Pledge Makers now.",
            count,
        )
        if to
        else ngettext(
            "Nobody looks after %(count)s Pledge Maker now.",
            "Nobody looks after %(count)s Pledge Makers now.",
            count,
        )
    )
    messages.success(request, said % {"name": to.name if to else "", "count": count})
