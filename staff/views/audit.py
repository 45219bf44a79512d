"""Who did what: the audit trail, for administrators. The same rows come as a file."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import audit
from accounts.access import synergi_required
from accounts.limits import limited
from accounts.models import AuditEvent
from accounts.roles import DUTIES
from design.csv_file import csv_response
from staff.address import one_page
from staff.audit_trail import Line, chosen_of, lines_of, rows_of

# Rows of the file that are put into words at once.
AT_ONCE = 500


@synergi_required(*DUTIES["read_audit_trail"].roles)
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Three queries, whatever it shows."""
    chosen = chosen_of(request.GET)
    found, pages = one_page(rows_of(chosen), chosen.page)
    return render(request, "staff/audit.html", {"chosen": chosen, "pages": pages, "lines": lines_of(found)})


@synergi_required(*DUTIES["read_audit_trail"].roles)
@require_safe
@limited("export.taken", "GET", "HEAD")
def as_csv(request: HttpRequest) -> HttpResponseBase:
    """Every row of the same view. That it was taken is the row after them."""
    now, by = timezone.now(), request.user
    chosen = chosen_of(request.GET)
    detail: dict[str, Any] = {"what": "audit", "rows": rows_of(chosen).count(), "chosen": dict(chosen.values)}
    taken = audit.record(action="staff.exported", by=by, now=now, **detail)  # type: ignore[arg-type]
    rows = rows_of(chosen).filter(pk__lt=taken.pk)
    return csv_response(name="audit trail", header=_header(), rows=_lines(rows), day=timezone.localdate(now))


def _header() -> list[str]:
    return [
        _("When"),
        _("Who"),
        _("Account"),
        _("What was done"),
        _("Code of the act"),
        _("About"),
        _("Number"),
        _("Name"),
        _("Before and after"),
        _("Also noted"),
    ]


def _lines(rows: QuerySet[AuditEvent]) -> Iterator[list[Any]]:
    found = rows.iterator(chunk_size=AT_ONCE)
    while some := list(islice(found, AT_ONCE)):
        for event, line in zip(some, lines_of(some), strict=True):
            yield _cells(event, line)


def _cells(event: AuditEvent, line: Line) -> list[Any]:
    changes = "; ".join(f"{what}: {before} → {after}" for what, before, after in line.changes)
    noted = "; ".join(f"{what}: {value}" for what, value in line.noted)
    about = [line.kind, event.about_id, line.name]
    return [line.at, line.who, event.by_id, line.did, event.action, *about, changes, noted]
