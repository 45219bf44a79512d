"""The queue: what waits, oldest first; each figure leads to its rows, and the rows come as a file too."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import audit
from accounts.access import synergi_required
from accounts.limits import limited
from design.csv_file import csv_response
from signatories.caseworkers import team
from staff import waiting
from staff.address import Chosen, Filter, one_page, read
from staff.progress import owner_filter


@synergi_required
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The rows of one queue. Five queries, whatever it shows."""
    now, chosen = timezone.now(), _chosen(request)
    kind, by = _kind(chosen), request.user
    figures = waiting.figures(now, owner=chosen.get("owner"), by=by)  # type: ignore[arg-type]
    rows = waiting.rows_of(kind, now, owner=chosen.get("owner"), by=by)  # type: ignore[arg-type]
    found, pages = one_page(rows, chosen.page)
    words = waiting.words()
    context = {
        "figures": [(each, figures[each], words[each], chosen.query(what=each, page="")) for each in words],
        "kind": kind,
        "heading": words[kind],
        "what_to_do": waiting.what_to_do(kind),
        "since": waiting.since_words(kind),
        "items": [waiting.item_of(kind, row) for row in found],
        "chosen": chosen,
        "pages": pages,
    }
    return render(request, "staff/queue.html", context)


@synergi_required
@require_safe
@limited("export.taken", "GET", "HEAD")
def as_csv(request: HttpRequest) -> HttpResponseBase:
    """Every row of the same queue. The audit trail keeps who took it, and what was chosen."""
    now, chosen = timezone.now(), _chosen(request)
    kind, by = _kind(chosen), request.user
    rows = waiting.rows_of(kind, now, owner=chosen.get("owner"), by=by)  # type: ignore[arg-type]
    items = [waiting.item_of(kind, row) for row in rows]
    detail = {"what": "queue", "rows": len(items), "chosen": {**chosen.values, "what": kind}}
    audit.record(action="staff.exported", by=by, now=now, **detail)  # type: ignore[arg-type]
    header = [_("Pledge Maker"), _("Round"), waiting.since_words(kind), _("Looked after by"), _("Note")]
    lines = ([item.name, item.round, item.since, item.owner, item.note] for item in items)
    return csv_response(name=f"queue {kind}", header=header, rows=lines, day=timezone.localdate(now))


def _chosen(request: HttpRequest) -> Chosen:
    words = waiting.words()
    what = Filter("what", _("Queue"), words[waiting.REVIEW], [("", tuple(words.items()))], is_box=False)
    filters: list[Any] = [what, owner_filter(team())]
    return read(request.GET, filters, {"page": _("Page")})


def _kind(chosen: Chosen) -> str:
    return chosen.get("what") or waiting.REVIEW
