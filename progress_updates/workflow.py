"""The life of an update. STEPS is the one table that guards, buttons, audit wording, docs and tests read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts import audit
from accounts.models import User
from progress_updates import emails, on_behalf, permissions
from progress_updates.completeness import Missing, what_is_missing
from progress_updates.corrections import follow_promises, take_up_corrections, version_before
from progress_updates.drafting import hold
from progress_updates.entries import hold_entry
from progress_updates.models import ProgressUpdate, Round, RoundEntry, Snapshot, SourceDocument, State, StatusChange
from progress_updates.snapshots import fingerprint, take_snapshot
from signatories.models import Leader

Check = Callable[..., None]
Words = str | Promise


@dataclass(frozen=True)
class Step:
    """One arrow of the diagram: who may take it, from where to where, and its words."""

    name: str
    sources: tuple[State, ...]
    target: State
    check: Check
    # Who, in the words of the docs.
    who: Words
    # What the button says.
    button: Words
    # What the timeline says.
    past: Words
    needs_reason: bool = False


_STEPS = (
    Step(
        "ask_for_signature",
        (State.DRAFT, State.RETURNED),
        State.AWAITING_SIGN_OFF,
        permissions.check_can_ask,
        gettext_lazy("anyone of the Pledge Maker who may write"),
        gettext_lazy("Ask for the signature"),
        gettext_lazy("asked for the signature"),
    ),
    Step(
        "take_back",
        (State.AWAITING_SIGN_OFF,),
        State.DRAFT,
        permissions.check_can_take_back,
        gettext_lazy("whoever asked for the signature; anyone who may write, while no leader is in office"),
        gettext_lazy("Take the request back"),
        gettext_lazy("took the request for the signature back"),
    ),
    Step(
        "return_by_leader",
        (State.AWAITING_SIGN_OFF,),
        State.DRAFT,
        permissions.check_can_lead,
        gettext_lazy("the leader, with a reason"),
        gettext_lazy("Return it to the writers"),
        gettext_lazy("returned it to the writers"),
        needs_reason=True,
    ),
    Step(
        "sign",
        (State.AWAITING_SIGN_OFF,),
        State.SUBMITTED,
        permissions.check_can_sign,
        gettext_lazy("the leader, after a fresh sign-in; signing is submitting"),
        gettext_lazy("Sign and submit"),
        gettext_lazy("signed and submitted it"),
    ),
    Step(
        "sign_by_document",
        (State.DRAFT, State.RETURNED),
        State.SUBMITTED,
        permissions.check_can_sign_by_document,
        gettext_lazy("Synergi staff, for an update that came as a document with the leader’s signature"),
        gettext_lazy("Submit it with the signed document"),
        gettext_lazy("submitted it with the document that the leader signed"),
    ),
    Step(
        "recall",
        (State.SUBMITTED,),
        State.DRAFT,
        permissions.check_can_recall,
        gettext_lazy("anyone of the Pledge Maker who may write, until the review starts"),
        gettext_lazy("Recall it"),
        gettext_lazy("recalled it"),
    ),
    Step(
        "start_review",
        (State.SUBMITTED,),
        State.IN_REVIEW,
        permissions.check_can_review,
        gettext_lazy("Synergi staff; looking is no review"),
        gettext_lazy("Start the review"),
        gettext_lazy("started the review"),
    ),
    Step(
        "return_by_staff",
        (State.IN_REVIEW,),
        State.RETURNED,
        permissions.check_can_review,
        gettext_lazy("Synergi staff, with a reason and a date"),
        gettext_lazy("Send it back"),
        gettext_lazy("sent it back"),
        needs_reason=True,
    ),
    Step(
        "accept",
        (State.IN_REVIEW,),
        State.ACCEPTED,
        permissions.check_can_review,
        gettext_lazy("Synergi staff; checked for completeness and personal data, not endorsed"),
        gettext_lazy("Accept"),
        gettext_lazy("accepted it"),
    ),
    Step(
        "publish",
        (State.ACCEPTED,),
        State.PUBLISHED,
        permissions.check_can_publish,
        gettext_lazy("a publisher, at once or at the round’s publication time"),
        pgettext_lazy("button", "Publish"),
        gettext_lazy("published it"),
    ),
    Step(
        "undo_publication",
        (State.PUBLISHED,),
        State.ACCEPTED,
        permissions.check_can_undo_publication,
        gettext_lazy("a publisher, within 24 hours"),
        gettext_lazy("Undo publication"),
        gettext_lazy("undid the publication"),
    ),
)
# The steps that submit an update, and make a snapshot.
SIGNED = ("sign", "sign_by_document")
STEPS: dict[str, Step] = {step.name: step for step in _STEPS}


class WrongState(Exception):
    """Somebody was faster, or the page was old: the update is no longer where this step starts."""


class Incomplete(Exception):
    """Sections are missing something. `missing` is in the order of the update."""

    def __init__(self, missing: list[Missing]) -> None:
        super().__init__(_("This update is not complete yet."))
        self.missing = missing


class ReasonMissing(Exception):
    """This step needs a reason in words."""


class ChangedSinceRead(Exception):
    """The answers are not those that the signing page showed."""


def steps_open_to(*, update: ProgressUpdate, by: User, now: datetime) -> list[Step]:
    """The steps that this person may take now: exactly the buttons of the page."""
    return [
        step
        for step in STEPS.values()
        if update.state in step.sources and permissions.allowed(step.check, update=update, by=by, now=now)
    ]


@transaction.atomic
def ask_for_signature(*, update: ProgressUpdate, by: User, now: datetime) -> None:
    """Hands a complete draft to the leader. Nobody saves between the check and the step."""
    hold(update)
    _check("ask_for_signature", update=update, by=by, now=now)
    if missing := what_is_missing(update):
        raise Incomplete(missing)
    _move("ask_for_signature", update=update, by=by, now=now, asked_by=by)


def take_back(*, update: ProgressUpdate, by: User, now: datetime) -> None:
    _check("take_back", update=update, by=by, now=now)
    _move("take_back", update=update, by=by, now=now)


def return_by_leader(*, update: ProgressUpdate, by: User, now: datetime, reason: str) -> None:
    _check("return_by_leader", update=update, by=by, now=now, reason=reason)
    _move("return_by_leader", update=update, by=by, now=now, note=reason)


@transaction.atomic
def sign(*, update: ProgressUpdate, by: User, now: datetime, read: str) -> Snapshot:
    """The leader signs, which submits: the snapshot is made and the entry counts as received.

    `read` is the fingerprint of the answers that the signing page showed; others are refused.
    A fresh sign-in is the view's business. The entry is held: nobody covers or extends it meanwhile.
    """
    update.entry = hold_entry(update.entry)
    Leader.objects.filter(pledge_maker=update.entry.pledge_maker_id, user=by).hold()
    _check("sign", update=update, by=by, now=now)
    if missing := what_is_missing(update):
        raise Incomplete(missing)
    leader = permissions.current_leader(update.entry.pledge_maker, by, now)
    second = now.replace(microsecond=0)
    _move("sign", update=update, by=by, now=now, signed_by=leader, signed_at=second)
    if fingerprint(update) != read:
        raise ChangedSinceRead
    return _receive(update, second)


@transaction.atomic
def sign_by_document(
    *, update: ProgressUpdate, by: User, now: datetime, document: SourceDocument, leader: Leader, read: str
) -> Snapshot:
    """Submits what the team entered from a document that the leader signed. `read` is as in `sign`.

    The update counts as received on the day on which the document reached the team.
    """
    update.entry = hold_entry(update.entry)
    _check("sign_by_document", update=update, by=by, now=now)
    on_behalf.check_signature(update=update, document=document, leader=leader)
    if missing := what_is_missing(update):
        raise Incomplete(missing)
    assert document.signed_on
    signed_at = on_behalf.noon(document.signed_on, now).replace(microsecond=0)
    _move("sign_by_document", update=update, by=by, now=now, signed_by=leader, signed_at=signed_at)
    if fingerprint(update) != read:
        raise ChangedSinceRead
    return _receive(update, now.replace(microsecond=0))


def _receive(update: ProgressUpdate, now: datetime) -> Snapshot:
    received_at = on_behalf.received_at(update, now)
    RoundEntry.objects.filter(pk=update.entry_id, received_at=None).update(received_at=received_at)
    follow_promises(old=version_before(update), new=update)
    return take_snapshot(update=update, now=now)


@transaction.atomic
def recall(*, update: ProgressUpdate, by: User, now: datetime) -> None:
    """Takes a submission back before the review. It then never counted as received."""
    update.entry = hold_entry(update.entry)
    update.entry.pledge_maker.refresh_from_db()
    _check("recall", update=update, by=by, now=now)
    _move("recall", update=update, by=by, now=now, signed_by=None, signed_at=None)
    RoundEntry.objects.filter(pk=update.entry_id).update(received_at=first_counted(update.entry))
    follow_promises(old=update, new=version_before(update))
    take_up_corrections(update)


def start_review(*, update: ProgressUpdate, by: User, now: datetime) -> None:
    _check("start_review", update=update, by=by, now=now)
    _move("start_review", update=update, by=by, now=now)


@transaction.atomic
def return_by_staff(
    *, update: ProgressUpdate, by: User, now: datetime, reason: str, respond_by: date | None = None
) -> None:
    """Sends it back to the Pledge Maker. This never makes an update late."""
    update.entry = hold_entry(update.entry)
    _check("return_by_staff", update=update, by=by, now=now, reason=reason)
    _move("return_by_staff", update=update, by=by, now=now, note=reason, respond_by=respond_by)
    take_up_corrections(update)


def accept(*, update: ProgressUpdate, by: User, now: datetime) -> None:
    """Checked for completeness and personal data; not an endorsement."""
    _check("accept", update=update, by=by, now=now)
    _move("accept", update=update, by=by, now=now)


def publish(*, update: ProgressUpdate, by: User, now: datetime) -> None:
    """Publishes at once."""
    _check("publish", update=update, by=by, now=now)
    _move("publish", update=update, by=by, now=now, published_at=now, publish_at=None)


@transaction.atomic
def publish_later(*, update: ProgressUpdate, by: User, now: datetime) -> None:
    """Publishes at the round's publication time; `publish_due` does it then. A second press changes nothing."""
    _check("publish", update=update, by=by, now=now)
    # The round as it stands: nobody gives it another day between the look and the plan.
    round_ = Round.objects.select_for_update(no_key=True).get(pk=update.entry.round_id)
    waiting = ProgressUpdate.objects.filter(pk=update.pk, state=State.ACCEPTED, publish_at=None)
    if waiting.update(publish_at=round_.publishes_at):
        before, after = {"publish_at": None}, {"publish_at": round_.publishes_at.isoformat()}
        audit.record(action="update.publication_planned", by=by, about=update, now=now, before=before, after=after)
    update.refresh_from_db()


def cancel_publication(*, update: ProgressUpdate, by: User, now: datetime) -> None:
    """Takes back that it is published with the round; it stays accepted. A second press changes nothing."""
    _check("publish", update=update, by=by, now=now)
    with transaction.atomic():
        planned = ProgressUpdate.objects.filter(pk=update.pk, state=State.ACCEPTED, publish_at__isnull=False)
        if planned.update(publish_at=None):
            before = {"publish_at": update.publish_at.isoformat() if update.publish_at else None}
            after = {"publish_at": None}
            audit.record(
                action="update.publication_cancelled", by=by, about=update, now=now, before=before, after=after
            )
    update.refresh_from_db()


def publish_due(*, now: datetime) -> int:
    """Publishes what a publisher has planned and whose time has come. Safe to run twice."""
    published = 0
    for update in ProgressUpdate.objects.to_publish(now).select_related("entry"):
        try:
            _move("publish", update=update, by=None, now=now, published_at=now, publish_at=None)
        except WrongState:
            continue
        published += 1
    return published


def undo_publication(*, update: ProgressUpdate, by: User, now: datetime) -> None:
    _check("undo_publication", update=update, by=by, now=now)
    _move("undo_publication", update=update, by=by, now=now, published_at=None, publish_at=None)


def first_counted(entry: RoundEntry) -> datetime | None:
    """When the first submission that was not recalled was received, to the second; None if there is none."""
    changes = StatusChange.objects.filter(update__entry=entry, action__in=(*SIGNED, "recall"))
    waiting: dict[int, datetime] = {}
    counted: list[datetime] = []
    for update_id, action, at in changes.order_by("at", "pk").values_list("update_id", "action", "at"):
        if action == "recall":
            waiting.pop(update_id, None)
        else:
            if update_id in waiting:
                counted.append(waiting[update_id])
            waiting[update_id] = at
    counted += waiting.values()
    if not counted:
        return None
    from_document = entry.updates.exclude(entered_by=None).first()
    first = min(counted).replace(microsecond=0)
    return on_behalf.received_at(from_document, first) if from_document else first


def _check(name: str, *, update: ProgressUpdate, by: User, now: datetime, reason: str | None = None) -> None:
    step = STEPS[name]
    step.check(update=update, by=by, now=now)
    if update.state not in step.sources:
        raise WrongState(_wrong_state_words(update))
    if step.needs_reason and not (reason or "").strip():
        raise ReasonMissing(_("Say why, so that they know what to change."))


@transaction.atomic
def _move(
    name: str,
    *,
    update: ProgressUpdate,
    by: User | None,
    now: datetime,
    note: str = "",
    respond_by: date | None = None,
    **fields: Any,
) -> None:
    """Compare and set: moves the update only if it still stands where we saw it."""
    step, seen = STEPS[name], update.state
    moved = ProgressUpdate.objects.filter(pk=update.pk, state=seen).update(state=step.target, **fields)
    update.refresh_from_db()
    if not moved:
        raise WrongState(_wrong_state_words(update))
    change = StatusChange.objects.create(
        update=update,
        action=name,
        from_state=seen,
        to_state=step.target,
        by=by,
        at=now,
        note=note.strip(),
        respond_by=respond_by,
    )
    before, after = {"state": str(seen)}, {"state": str(step.target)}
    audit.record(action=f"update.{name}", by=by, about=update, now=now, before=before, after=after)
    emails.tell(change)


def _wrong_state_words(update: ProgressUpdate) -> str:
    return _("Somebody was faster: this update is now “%(state)s”. Nothing was changed.") % {
        "state": State(update.state).label
    }
