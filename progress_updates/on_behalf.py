"""Updates that a trust sent as a document and the Synergi team enters. The document is kept beside them.

While the team enters an update, it is the team's to write. Once the team has sent it back, the Pledge Maker's
writers may write in it too. That it was entered from a document is said wherever it is shown, for good.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from progress_updates import documents
from progress_updates.drafting import hold
from progress_updates.models import Answer, ProgressUpdate, RoundEntry, SourceDocument, State, StatusChange
from progress_updates.permissions import check_can_enter_for
from signatories.models import Leader

LONDON = ZoneInfo("Europe/London")


class Refused(Exception):
    """This cannot be entered, or not so; the message is a sentence for people."""


@dataclass(frozen=True)
class Sent:
    """A document as it reached the team. `received_on` is that day in London."""

    name: str
    content: bytes
    received_on: date
    # The day on which the leader signed it; empty where it carries no signature.
    signed_on: date | None = None


@transaction.atomic
def start(*, entry: RoundEntry, sent: Sent, by: User, now: datetime) -> ProgressUpdate:
    """Begins to enter an update from a document. Refused where the Pledge Maker has written something itself.

    A draft in which nobody has saved a word is taken over. If the team enters it already, the document is added.
    """
    check_can_enter_for(entry=entry, by=by)
    update, made = ProgressUpdate.objects.get_or_create(
        entry=entry, version=1, defaults={"created_at": now, "entered_by": by}
    )
    if made:
        Answer.objects.bulk_create(Answer(update=update, question=each) for each in entry.round.questions.all())
    elif update.entered_by_id is None:
        _take_over(update, by)
    keep_document(update=update, sent=sent, by=by, now=now)
    if made:
        audit.record(action="update.started_on_behalf", by=by, about=update, now=now)
    return update


def _take_over(update: ProgressUpdate, by: User) -> None:
    state = hold(update)
    if state != State.DRAFT or update.answers.filter(version__gt=0).exists():
        raise Refused(_("This Pledge Maker has begun its own update in this round, so you cannot enter one for it."))
    update.answers.update(text="")
    ProgressUpdate.objects.filter(pk=update.pk, entered_by=None).update(entered_by=by)
    update.refresh_from_db()


@transaction.atomic
def keep_document(*, update: ProgressUpdate, sent: Sent, by: User, now: datetime) -> SourceDocument:
    """Keeps a document beside an update that the team enters. The same file a second time changes nothing.

    Raises `documents.NotKept` for a file that is none we keep, `Refused` for days that cannot be.
    """
    check_can_enter_for(entry=update.entry, by=by)
    if hold(update) not in (State.DRAFT, State.RETURNED) or update.entered_by_id is None:
        raise Refused(_("Documents are added only while the team enters the update."))
    check_days(sent, now)
    kind = documents.recognise(sent.content, sent.name)
    written = documents.store(sent.content, kind)
    document, made = SourceDocument.objects.get_or_create(
        update=update,
        sha256=written.sha256,
        defaults={
            "name": documents.safe_name(sent.name),
            "content_type": kind.content_type,
            "file": written.file,
            "bytes": written.bytes,
            "received_on": sent.received_on,
            "signed_on": sent.signed_on,
            "kept_by": by,
            "kept_at": now,
        },
    )
    if made:
        audit.record(action="update.document_kept", by=by, about=update, now=now, sha256=written.sha256)
    return document


def check_days(sent: Sent, now: datetime) -> None:
    """Raises Refused for days that cannot be."""
    if sent.received_on > timezone.localdate(now):
        raise Refused(_("The day on which it reached you cannot be in the future."))
    if sent.signed_on and sent.signed_on > sent.received_on:
        raise Refused(_("The leader cannot have signed it after it reached you."))


def check_signature(*, update: ProgressUpdate, document: SourceDocument, leader: Leader) -> None:
    """Whether this document can stand for this leader's signature. Raises Refused."""
    if document.update_id != update.pk or document.signed_on is None:
        raise Refused(_("Choose a document that carries the leader’s signature, and say on which day it was signed."))
    if leader.pledge_maker_id != update.entry.pledge_maker_id:
        raise Refused(_("This leader belongs to another Pledge Maker."))
    if not Leader.objects.on(document.signed_on).filter(pk=leader.pk).exists():
        raise Refused(_("%(leader)s was not a leader on the day of the signature.") % {"leader": leader.name})


@transaction.atomic
def say_signed(*, document: SourceDocument, signed_on: date, by: User, now: datetime) -> None:
    """Says that a kept document carries the leader's signature, and of which day."""
    check_can_enter_for(entry=document.update.entry, by=by)
    if hold(document.update) not in (State.DRAFT, State.RETURNED):
        raise Refused(_("This update is no longer being entered."))
    if signed_on > document.received_on:
        raise Refused(_("The leader cannot have signed it after it reached you."))
    SourceDocument.objects.filter(pk=document.pk).update(signed_on=signed_on)
    document.refresh_from_db()
    audit.record(action="update.document_signed", by=by, about=document.update, now=now, signed_on=str(signed_on))


def noon(day: date, now: datetime) -> datetime:
    """The moment that stands for a day of which no hour is known: noon in London, but never in the future."""
    return min(datetime.combine(day, time(12), tzinfo=LONDON), now)


def received_at(update: ProgressUpdate, signed_at: datetime) -> datetime:
    """The moment of receipt that lateness counts, to the second.

    For what the Pledge Maker signs here: the signature. For a document: the day on which it reached the team, that
    of the first signed document if there is one. How fast the team types makes nobody late.
    """
    if update.entered_by_id is None:
        return signed_at.replace(microsecond=0)
    days = list(update.sources.values_list("received_on", "signed_on"))
    counted = [received for received, signed in days if signed] or [received for received, _signed in days]
    return noon(min(counted), signed_at).replace(microsecond=0) if counted else signed_at.replace(microsecond=0)


def entered_version(update: ProgressUpdate) -> ProgressUpdate | None:
    """The version that the team entered from a document: this one, or the one that this corrects. At most one query."""
    if update.entered_by_id is not None or update.version == 1:
        return update if update.entered_by_id is not None else None
    earlier = ProgressUpdate.objects.filter(entry=update.entry_id, version__lt=update.version)
    return earlier.exclude(entered_by=None).order_by("-version").first()


def source_of(update: ProgressUpdate) -> dict[str, Any] | None:
    """What a signed record says of its source, in corrections too; None for what the Pledge Maker wrote itself.

    No names: neither who typed it nor what the sender called the file. The hashes prove which files they were.
    """
    if (entered := entered_version(update)) is None:
        return None
    round_ = update.entry.round
    signed = StatusChange.objects.filter(update=update, action__in=("sign", "sign_by_document")).order_by("pk").last()
    return {
        "entered_by": "Synergi",
        "entered_on": timezone.localdate(entered.created_at).isoformat(),
        "signed_in_document": bool(signed and signed.action == "sign_by_document"),
        "first_published_on": timezone.localdate(round_.publishes_at).isoformat() if round_.is_past else None,
        "documents": [
            {
                "sha256": each.sha256,
                "received_on": each.received_on.isoformat(),
                "signed_on": each.signed_on.isoformat() if each.signed_on else None,
            }
            for each in entered.sources.order_by("received_on", "pk")
        ],
    }
