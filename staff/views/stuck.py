"""What is stuck, what to do about it, and the buttons that try again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import audit
from accounts.access import synergi_required
from accounts.fresh import fresh_sign_in_required
from mail import sending
from mail.models import ErrorClass, Message
from reports import build
from reports.models import Document
from staff.stuck import troubles


@synergi_required
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    return render(request, "staff/stuck.html", {"troubles": troubles(now), "now": now})


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
    return redirect("staff:stuck")


def _stuck_page(request: HttpRequest) -> str:
    return reverse("staff:stuck")


@synergi_required
@require_POST
@fresh_sign_in_required(back=_stuck_page)
def retry_all_mail(request: HttpRequest) -> HttpResponse:
    """Every failed mail of one kind of failure. It mails many, so we ask who is there."""
    now, error_class = timezone.now(), request.POST.get("error_class", "")
    if error_class not in ErrorClass.values:
        messages.error(request, _("We do not know this kind of failure. Nothing was changed."))
        return redirect("staff:stuck")
    count = sending.retry_all(error_class=error_class, by=request.user, now=now)  # type: ignore[arg-type]
    if not count:
        messages.info(request, _("There is no such message any more. Nothing was changed."))
        return redirect("staff:stuck")
    audit.record(action="mail.all_retried", by=request.user, now=now, error_class=error_class, count=count)  # type: ignore[arg-type]
    said = ngettext("%(count)s message will be tried again.", "%(count)s messages will be tried again.", count)
    messages.success(request, said % {"count": count})
    return redirect("staff:stuck")


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
    return redirect("staff:stuck")
