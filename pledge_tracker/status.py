"""What is waiting and what ran when, in numbers; the Synergi team finds the rest under Stuck."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jobs import heartbeat
from mail import holding
from mail import statistics as mail
from reports import statistics as reports


@dataclass(frozen=True)
class Figure:
    """`key` is its name in the JSON; ages are in seconds there, None when there is nothing to measure."""

    key: str
    words: str
    value: int | None
    is_age: bool = False


@login_not_required
@require_safe
@never_cache
def status(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    shown = figures(now)
    if wants_json(request):
        return JsonResponse({"as_at": now.isoformat(), **{figure.key: figure.value for figure in shown}})
    return render(request, "pledge_tracker/status.html", {"as_at": now, "figures": shown})


def wants_json(request: HttpRequest) -> bool:
    return (
        request.GET.get("format") == "json"
        or request.get_preferred_type(["text/html", "application/json"]) == "application/json"
    )


def figures(now: datetime) -> list[Figure]:
    """Every number of the page, each from the room that knows it."""
    outbox, documents = mail.summary(now), reports.summary(now)
    return [
        Figure("mail_oldest_unsent_seconds", _("Oldest unsent e-mail"), _seconds(outbox.oldest_unsent_age), True),
        Figure("mail_queued", _("E-mails waiting"), outbox.queued),
        Figure("mail_scheduled", _("of those, for later"), outbox.scheduled),
        Figure("mail_retrying", _("of those, to be tried again"), outbox.retrying),
        Figure("mail_sending", _("E-mails being sent"), outbox.sending),
        Figure("mail_sent", _("E-mails sent"), outbox.sent),
        Figure("mail_failed", _("E-mails that failed"), outbox.failed),
        Figure("mail_skipped", _("E-mails no longer wanted"), outbox.skipped),
        Figure("mail_held", _("E-mails on hold"), outbox.held),
        Figure("mail_on_hold_seconds", _("All mail on hold since"), _since(holding.since(), now), True),
        Figure("documents_oldest_waiting_seconds", _("PDF waiting longest"),
               _seconds(documents.oldest_waiting_age), True),
        Figure("documents_waiting", _("PDFs waiting"), documents.waiting),
        Figure("documents_building", _("PDFs being made"), documents.building),
        Figure("documents_ready", _("PDFs ready"), documents.ready),
        Figure("documents_failed", _("PDFs that failed"), documents.failed),
        Figure("planner_last_run_seconds", _("Reminders last planned"), _beat("reminders", now), True),
        Figure("worker_heartbeat_seconds", _("Worker last heard of"), _beat(heartbeat.WORKER, now), True),
    ]  # fmt: skip


def _beat(name: str, now: datetime) -> int | None:
    return _seconds(heartbeat.age(name=name, now=now))


def _since(moment: datetime | None, now: datetime) -> int | None:
    return _seconds(now - moment) if moment else None


def _seconds(age: timedelta | None) -> int | None:
    return int(age.total_seconds()) if age is not None else None
