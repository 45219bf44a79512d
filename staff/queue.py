"""Statements to publish, and what failed for good. Each list is one query."""

from django.db.models import QuerySet

from mail.models import Message
from mail.models import State as MailState
from reports.models import Document
from reports.models import State as DocumentState
from signatories.models import Statement, StatementState

# How many failures the overview lists; the rest are counted by the status page.
FAILURES_SHOWN = 20


def statements_to_publish() -> QuerySet[Statement]:
    """Signed, oldest first."""
    rows = Statement.objects.filter(state=StatementState.SIGNED).select_related("pledge_maker")
    return rows.order_by("signed_at", "pk")


def failed_mail() -> list[Message]:
    """The newest failures, one more than is shown, so that the page can say that there are more."""
    return list(Message.objects.filter(state=MailState.FAILED).order_by("-created_at", "-pk")[: FAILURES_SHOWN + 1])


def failed_documents() -> list[Document]:
    rows = Document.objects.of_public_updates().filter(state=DocumentState.FAILED)
    rows = rows.select_related("snapshot__update__entry__pledge_maker", "snapshot__update__entry__round")
    return list(rows.order_by("-created_at", "-pk")[: FAILURES_SHOWN + 1])
