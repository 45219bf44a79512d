"""Who may do what with rounds and updates. Pairs: check_can_... raises with a sentence, can_... answers."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import can_publish
from progress_updates.models import ProgressUpdate, RoundEntry, StatusChange, WhyNotRequired
from signatories.models import Leader, Membership, PledgeMaker, Role

LONDON = ZoneInfo("Europe/London")
WRITERS = (Role.LEADER, Role.COORDINATOR, Role.CONTRIBUTOR)
# How long a publisher may undo a publication.
UNDO_WITHIN = timedelta(hours=24)


class NotAllowed(Exception):
    """This person may not do this; the message is a sentence for people."""


def role_for(maker: PledgeMaker, by: User) -> str:
    """The role that somebody has for a Pledge Maker now; empty for none."""
    if not by.is_active:
        return ""
    return (
        Membership.objects.filter(pledge_maker=maker, user=by, ended_at=None).values_list("role", flat=True).first()
        or ""
    )


def current_leader(maker: PledgeMaker, by: User, now: datetime) -> Leader | None:
    """The leader that somebody is for a Pledge Maker; their last day is included."""
    in_office = Q(until_on=None) | Q(until_on__gte=timezone.localdate(now))
    return Leader.objects.filter(in_office, pledge_maker=maker, user=by).first()


def somebody_leads(maker: PledgeMaker) -> bool:
    """Whether there is a leader who could sign now."""
    return maker.memberships.filter(ended_at=None, role=Role.LEADER, user__is_active=True).exists()


def is_alone(maker: PledgeMaker) -> bool:
    """Whether only one person may write for this Pledge Maker."""
    return maker.memberships.filter(ended_at=None, role__in=WRITERS, user__is_active=True).count() == 1


def check_can_run_rounds(*, by: User) -> None:
    if not (by.is_active and by.is_synergi):
        raise NotAllowed(_("Only the Synergi team runs rounds."))


def check_can_enter_for(*, entry: RoundEntry, by: User) -> None:
    """Who may enter an update that this Pledge Maker sent as a document."""
    if not (by.is_active and by.is_synergi):
        raise NotAllowed(_("Only the Synergi team enters updates from documents."))
    if entry.round.opened_at is None:
        raise NotAllowed(_("This round has not opened yet."))
    if entry.why_not_required in (WhyNotRequired.COVERED, WhyNotRequired.WITHDRAWN):
        raise NotAllowed(_("No update is asked of this Pledge Maker: %(why)s.") % {"why": _reason_in_words(entry)})


def is_with_the_team(update: ProgressUpdate) -> bool:
    """Whether only the Synergi team writes in it: entered from a document, and never sent back to the Pledge Maker."""
    return update.entered_by_id is not None and not was_returned_by_staff(update)


def check_can_write(*, update: ProgressUpdate, by: User, now: datetime) -> None:
    if update.entered_by_id is not None and by.is_active and by.is_synergi:
        return
    if is_with_the_team(update):
        raise NotAllowed(_("The Synergi team enters this update from the document that you sent."))
    if role_for(update.entry.pledge_maker, by) not in WRITERS:
        raise NotAllowed(_("You can read this update, but not write in it. Ask a coordinator to change that."))


def check_can_send_now(*, update: ProgressUpdate, now: datetime) -> None:
    """After the round closes only an extension allows submission; what staff returned may come back, and so may
    the correction of what was published."""
    entry = update.entry
    open_until = max(entry.round.closes_at, entry.extended_to or entry.round.closes_at)
    if entry.round.opened_at is None:
        raise NotAllowed(_("This round has not opened yet."))
    if entry.why_not_required in (WhyNotRequired.COVERED, WhyNotRequired.WITHDRAWN):
        raise NotAllowed(_("No update is asked of you in this round: %(why)s.") % {"why": _reason_in_words(entry)})
    if update.version > 1 or (entry.round.is_past and update.entered_by_id is not None):
        return
    if _sent_at(update, now) > open_until and not was_returned_by_staff(update):
        raise NotAllowed(_("This round has closed. Ask the Synergi team for an extension."))


def _sent_at(update: ProgressUpdate, now: datetime) -> datetime:
    """What comes as a document is sent on the day on which it reaches the team, however long the typing takes."""
    if update.entered_by_id is None:
        return now.replace(microsecond=0)
    first = update.sources.order_by("received_on").values_list("received_on", flat=True).first()
    return datetime.combine(first, time(12), tzinfo=LONDON) if first else now.replace(microsecond=0)


def _reason_in_words(entry: RoundEntry) -> str:
    words = entry.get_why_not_required_display()
    return words[0].lower() + words[1:]


def was_returned_by_staff(update: ProgressUpdate) -> bool:
    return StatusChange.objects.filter(update=update, action="return_by_staff").exists()


def check_can_recall(*, update: ProgressUpdate, by: User, now: datetime) -> None:
    """A recall takes the receipt back, so only while the update can still be sent again, and is still asked for."""
    check_can_write(update=update, by=by, now=now)
    maker = update.entry.pledge_maker
    if maker.withdrawn_on or maker.merged_on:
        raise NotAllowed(_("This Pledge Maker has withdrawn or merged. What it sent stays as it is."))
    try:
        check_can_send_now(update=update, now=now)
    except NotAllowed:
        raise NotAllowed(
            _("This round has closed: what you recalled could not be sent again. Ask the Synergi team to return it.")
        ) from None


def check_can_ask(*, update: ProgressUpdate, by: User, now: datetime) -> None:
    check_can_write(update=update, by=by, now=now)
    check_can_send_now(update=update, now=now)


def check_can_take_back(*, update: ProgressUpdate, by: User, now: datetime) -> None:
    check_can_write(update=update, by=by, now=now)
    if update.asked_by_id != by.pk and somebody_leads(update.entry.pledge_maker):
        raise NotAllowed(_("Only the person who asked for the signature can take the request back."))


def check_can_sign_by_document(*, update: ProgressUpdate, by: User, now: datetime) -> None:
    """Only what was entered from a document; the document itself must carry the leader's signature."""
    if update.entered_by_id is None:
        raise NotAllowed(_("Only an update that came as a document can be signed by one."))
    check_can_enter_for(entry=update.entry, by=by)
    check_can_send_now(update=update, now=now)


def check_can_lead(*, update: ProgressUpdate, by: User, now: datetime) -> None:
    maker = update.entry.pledge_maker
    if role_for(maker, by) != Role.LEADER or current_leader(maker, by, now) is None:
        raise NotAllowed(_("Only a leader who signed the pledge can do this."))


def check_can_sign(*, update: ProgressUpdate, by: User, now: datetime) -> None:
    """Whoever asks for the signature may not give it, unless the Pledge Maker has only one person."""
    check_can_lead(update=update, by=by, now=now)
    check_can_send_now(update=update, now=now)
    if update.asked_by_id == by.pk and not is_alone(update.entry.pledge_maker):
        raise NotAllowed(_("You asked for this signature, so you cannot also give it. A colleague can ask instead."))


def check_can_review(*, update: ProgressUpdate, by: User, now: datetime) -> None:
    if not (by.is_active and by.is_synergi):
        raise NotAllowed(_("Only the Synergi team reviews updates."))
    if update.entered_by_id == by.pk and not is_alone_in_the_team(by):
        raise NotAllowed(_("You entered this update, so a colleague reviews it."))


def is_alone_in_the_team(by: User) -> bool:
    return not User.objects.filter(is_active=True).exclude(synergi_role="").exclude(pk=by.pk).exists()


def check_can_publish(*, update: ProgressUpdate, by: User, now: datetime) -> None:
    if not can_publish(by):
        raise NotAllowed(_("Only a publisher can publish."))


def check_can_undo_publication(*, update: ProgressUpdate, by: User, now: datetime) -> None:
    check_can_publish(update=update, by=by, now=now)
    if update.published_at and now > update.published_at + UNDO_WITHIN:
        raise NotAllowed(_("Publication can be undone for 24 hours. That time has passed."))


def allowed(check: Callable[..., None], **about: object) -> bool:
    """The other half of each pair: whether a check would let it through."""
    try:
        check(**about)
    except NotAllowed:
        return False
    return True
