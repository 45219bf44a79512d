"""The start page of the team: how the round stands, what waits for whom, what went wrong."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import audit
from accounts.access import synergi_required
from mail import sending
from mail.models import Message
from progress_updates.statistics import current_round, round_summary
from reports import build
from reports.models import Document
from staff import joining, queue
from staff.words import finding_of, key_of


@synergi_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    round_ = current_round(now)
    summary = round_summary(round_, now) if round_ else None
    mails, documents = queue.failed_mail(), queue.failed_documents()
    context = {
        "now": now,
        "today": timezone.localdate(now),
        "round": round_,
        "finding": finding_of(summary) if summary else "",
        "key": key_of(summary) if summary else [],
        "waiting": queue.waiting_updates(),
        "statements": queue.statements_to_publish(),
        "joining": joining.waiting(),
        "mails": mails[: queue.FAILURES_SHOWN],
        "documents": documents[: queue.FAILURES_SHOWN],
        "more_failures": max(len(mails), len(documents)) > queue.FAILURES_SHOWN,
    }
    return render(request, "staff/overview.html", context)


@synergi_required
@require_POST
def retry_mail(request: HttpRequest, pk: int) -> HttpResponse:
    message, now = get_object_or_404(Message, pk=pk), timezone.now()
    try:
        sending.retry(message=message, by=request.user, now=now)  # type: ignore[arg-type]
    except sending.CannotRetry:
        messages.info(request, _("This message is no longer one that failed. Nothing was changed."))
    else:
        audit.record(action="mail.retried", by=request.user, about=message, now=now)  # type: ignore[arg-type]
        messages.success(request, _("The message to %(to)s will be tried again.") % {"to": message.to})
    return redirect("staff:overview")


@synergi_required
@require_POST
def retry_document(request: HttpRequest, pk: int) -> HttpResponse:
    document = get_object_or_404(Document, pk=pk)
    try:
        build.retry(document=document, by=request.user, now=timezone.now())  # type: ignore[arg-type]
    except build.CannotRetry:
        messages.info(request, _("This document is no longer one that failed. Nothing was changed."))
    else:
        messages.success(request, _("The PDF will be made again."))
    return redirect("staff:overview")
