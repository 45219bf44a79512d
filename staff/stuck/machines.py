"""What runs by itself and does not: workers, mail, documents."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from design.templatetags.furniture import long_moment
from jobs import heartbeat
from mail.models import ErrorClass, Message
from mail.models import State as MailState
from reports.models import Document
from reports.models import State as DocumentState
from staff.stuck.trouble import READ, SHOWN, Item, Trouble, listed

# Of all failed mail so much is read, to show some of each kind of failure.
FAILED_READ = 200
# A mail that should have left so long ago is stuck; a retry after an hour is the fourth.
MAIL_TOO_LONG = timedelta(hours=2)
# The worker and the planner run every minute.
SILENT_FOR = timedelta(minutes=10)


def silent(now: datetime) -> list[Trouble]:
    worker = _("Start a worker and beat again. Until then no mail leaves and no PDF is made; nothing is lost.")
    planner = _("See what the worker’s log says of “reminders”. What is owed is planned at the next run.")
    return [
        _not_heard_of(heartbeat.WORKER, _("No worker is heard of"), worker, now),
        _not_heard_of("reminders", _("Reminders are not planned"), planner, now),
    ]


def _not_heard_of(name: str, heading: str, what_to_do: str, now: datetime) -> Trouble:
    age = heartbeat.age(name=name, now=now)
    if age is not None and age <= SILENT_FOR:
        return Trouble(name, heading, what_to_do, [], 0)
    last = (
        _("Never since this site was set up")
        if age is None
        else _("Last heard of %(at)s") % {"at": long_moment(now - age)}
    )
    return Trouble(name, heading, what_to_do, [Item(last)], 1)


# --- Mail and documents ------------------------------------------------------------------------------------


def failed_mail() -> list[Trouble]:
    """By kind of failure, because all of one kind are tried again together. Two queries."""
    failed = Message.objects.filter(state=MailState.FAILED)
    counts = Counter(dict(failed.order_by().values_list("error_class").annotate(count=Count("pk"))))
    newest = list(failed.order_by("-created_at", "-pk")[:FAILED_READ])
    return [
        Trouble(
            key=f"mail-{error_class or 'other'}",
            heading=_("E-mails that failed: %(why)s") % {"why": _lower(ErrorClass(error_class).label)},
            what_to_do=_mail_advice(error_class),
            items=[_mail_item(message) for message in newest if message.error_class == error_class][:SHOWN],
            count=counts[error_class],
            error_class=error_class,
            is_counted=True,
        )
        for error_class in ErrorClass.values
    ]


def _mail_advice(error_class: str) -> str:
    if error_class == ErrorClass.PERMANENT:
        return _("Find the right address, and invite that person again. Trying again seldom helps.")
    if error_class == ErrorClass.INTERNAL:
        return _("The fault is in this site: give the reason to whoever runs it, then try again.")
    return _("The mail server was away for days. Once it is back, try them all again.")


def _mail_item(message: Message) -> Item:
    about = {"to": message.to, "moment": long_moment(message.created_at)}
    gone = _("A sign-in code: it has run out. They can ask for a new one.")
    return Item(
        title=message.subject,
        detail=_("To %(to)s, written %(moment)s") % about + (f". {gone}" if message.secret else ""),
        reason=message.error,
        retry="" if message.secret else reverse("staff:retry_mail", args=[message.pk]),
    )


def mail_waiting(now: datetime) -> Trouble:
    should_leave = Coalesce("not_before", "created_at")
    rows = Message.objects.filter(state__in=[MailState.QUEUED, MailState.SENDING]).annotate(should_leave=should_leave)
    rows = rows.filter(should_leave__lte=now - MAIL_TOO_LONG).order_by("should_leave", "pk")
    return listed(
        "mail-waiting",
        _("E-mails that wait too long"),
        _("They leave by themselves once the mail server answers. If nothing moves, see whether a worker runs."),
        rows[:READ],
        lambda message: Item(
            message.subject,
            _("To %(to)s, should have left %(moment)s")
            % {"to": message.to, "moment": long_moment(message.should_leave)},
            message.error,
        ),
    )


def mail_held(now: datetime) -> Trouble:
    return listed(
        "mail-held",
        _("E-mails on hold"),
        _("They are held since a restore. Whoever runs this site lets them go with “manage.py release_mail”."),
        Message.objects.filter(state=MailState.HELD).order_by("created_at", "pk")[:READ],
        lambda message: Item(
            message.subject,
            _("To %(to)s, written %(moment)s") % {"to": message.to, "moment": long_moment(message.created_at)},
        ),
    )


def failed_documents() -> QuerySet[Document]:
    return Document.objects.wanted().filter(state=DocumentState.FAILED)


def documents(now: datetime) -> Trouble:
    rows = failed_documents().select_related(
        "snapshot__update__entry__pledge_maker", "snapshot__update__entry__round", "national_report__round"
    )
    return listed(
        "documents",
        _("PDFs that could not be made"),
        _("Try again once. If it fails again, give the reason to whoever runs this site."),
        rows.order_by("-created_at", "-pk")[:READ],
        _document_item,
    )


def _document_item(document: Document) -> Item:
    retry = reverse("staff:retry_document", args=[document.pk])
    if report := document.national_report:
        title = _("National progress report, %(round)s, version %(version)s")
        about = {"round": report.round.label, "version": report.version}
        return Item(
            title % about, "", document.error, reverse("staff:national_versions", args=[report.round.slug]), retry
        )
    assert document.snapshot
    entry = document.snapshot.update.entry
    url = reverse("staff:update", args=[document.snapshot.update_id])
    return Item(f"{entry.pledge_maker.name}, {entry.round.label}", "", document.error, url, retry)


def _lower(label: Any) -> str:
    text = str(label)
    return text[:1].lower() + text[1:]
