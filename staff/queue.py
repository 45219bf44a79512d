"""What waits for the Synergi team, oldest first. Each list is one query, however long it is."""

from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery

from mail.models import Message
from mail.models import State as MailState
from progress_updates.models import ProgressUpdate, State, StatusChange
from reports.models import Document
from reports.models import State as DocumentState
from signatories.models import Statement, StatementState

# How many failures the overview lists; the rest are counted by the status page.
FAILURES_SHOWN = 20


@dataclass(frozen=True)
class Waiting:
    """Updates by what they wait for. `returned` wait for the Pledge Maker, the others for us."""

    to_review: list[ProgressUpdate]
    in_review: list[ProgressUpdate]
    returned: list[ProgressUpdate]
    to_publish: list[ProgressUpdate]

    @property
    def total(self) -> int:
        return len(self.to_review) + len(self.in_review) + len(self.to_publish)


def waiting_updates() -> Waiting:
    """Every update between its signature and its publication, in the order in which it came to where it is."""
    rows = list(_between_signature_and_publication())

    def standing_in(state: str) -> list[ProgressUpdate]:
        return [row for row in rows if row.state == state]

    return Waiting(
        to_review=standing_in(State.SUBMITTED),
        in_review=standing_in(State.IN_REVIEW),
        returned=standing_in(State.RETURNED),
        to_publish=standing_in(State.ACCEPTED),
    )


def _between_signature_and_publication() -> QuerySet[ProgressUpdate]:
    last = StatusChange.objects.filter(update=OuterRef("pk")).order_by("-at", "-pk")
    return (
        ProgressUpdate.objects.filter(state__in=[State.SUBMITTED, State.IN_REVIEW, State.RETURNED, State.ACCEPTED])
        .select_related("entry__pledge_maker", "entry__round")
        .annotate(
            since=Subquery(last.values("at")[:1]),
            respond_by=Subquery(last.values("respond_by")[:1]),
            last_by=Subquery(last.values("by__name")[:1]),
        )
        .order_by("since", "pk")
    )


def statements_to_publish() -> list[Statement]:
    rows = Statement.objects.filter(state=StatementState.SIGNED).select_related("pledge_maker")
    return list(rows.order_by("signed_at", "pk"))


def failed_mail() -> list[Message]:
    """The newest failures, one more than is shown, so that the page can say that there are more."""
    return list(Message.objects.filter(state=MailState.FAILED).order_by("-created_at", "-pk")[: FAILURES_SHOWN + 1])


def failed_documents() -> list[Document]:
    rows = Document.objects.of_public_updates().filter(state=DocumentState.FAILED)
    rows = rows.select_related("snapshot__update__entry__pledge_maker", "snapshot__update__entry__round")
    return list(rows.order_by("-created_at", "-pk")[: FAILURES_SHOWN + 1])
