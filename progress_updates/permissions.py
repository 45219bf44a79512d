"""Who may do what with rounds and updates. Pairs: check_can_... raises with a sentence, can_... answers."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import can_publish, can_review, can_run_rounds
from progress_updates.models import ProgressUpdate, Question, RoundEntry, StatusChange, WhyNotRequired
from signatories import roles
from signatories.access import membership_of
from signatories.models import Leader, Membership, PledgeMaker, Role

LONDON = ZoneInfo("Europe/London")
WRITERS = roles.ACTS["write_update"].roles
# How long a publisher may undo a publication.
UNDO_WITHIN = timedelta(hours=24)


class NotAllowed(Exception):
    """This person may not do this; the message is a sentence for people."""


def role_for(maker: PledgeMaker, by: User) -> str:
    """The role that somebody has for a Pledge Maker now; empty for none."""
    own = membership_of(by, maker) if by.is_active else None
    return own.role if own else ""


def current_leader(maker: PledgeMaker, by: User, now: datetime) -> Leader | None:
    """The leader that somebody is for a Pledge Maker; their last day is included. Of two terms the newer one."""
    in_office = Q(until_on=None) | Q(until_on__gte=timezone.localdate(now))
    return Leader.objects.filter(in_office, pledge_maker=maker, user=by).last()


def somebody_leads(maker: PledgeMaker) -> bool:
    """Whether there is a leader who could sign now."""
    return maker.memberships.filter(ended_at=None, role=Role.LEADER, user__is_active=True).exists()


def is_alone(maker: PledgeMaker) -> bool:
    """Whether only one person may ask for a signature: a contributor with a limit cannot."""
    can_ask = maker.memberships.filter(ended_at=None, role__in=roles.ACTS["finish_update"].roles, objectives=[])
    return can_ask.filter(user__is_active=True).count() == 1


def check_can_run_rounds(*, by: User) -> None:
    if not can_run_rounds(by):
        raise NotAllowed(_("Only the Synergi team runs rounds."))


def check_can_enter_for(*, entry: RoundEntry, by: User) -> None:
    """Who may enter an update that this Pledge Maker sent as a document."""
    if not can_run_rounds(by):
        raise NotAllowed(_("Only the Synergi team enters updates from documents."))
    if entry.round.opened_at is None:
        raise NotAllowed(_("This round has not opened yet."))
    if entry.why_not_required in (WhyNotRequired.COVERED, WhyNotRequired.WITHDRAWN):
        raise NotAllowed(_("No update is asked of this Pledge Maker: %(why)s.") % {"why": _reason_in_words(entry)})


def is_with_the_team(update: ProgressUpdate) -> bool:
    """Whether only the Synergi team writes in it: entered from a document, and never sent back to the Pledge Maker."""
    return update.entered_by_id is not None and not was_returned_by_staff(update)


def check_can_write(*, update: ProgressUpdate, by: User, now: datetime) -> None:
    """Whether this person writes in it at all. What a limit to objectives means, the next two checks say."""
    _check_is_writer(update, by)


def check_can_write_section(*, update: ProgressUpdate, question: Question, by: User, now: datetime) -> None:
    """A contributor who is limited to some objectives writes in their sections, and reads the others."""
    own = _check_is_writer(update, by)
    if own and not is_within_limit(own, question):
        raise NotAllowed(limit_in_a_sentence(own))


def check_can_write_all(*, update: ProgressUpdate, by: User, now: datetime) -> None:
    """For what touches the whole update: asking for the signature, recalling it, correcting it."""
    own = _check_is_writer(update, by)
    if own and own.objectives:
        raise NotAllowed(limit_in_a_sentence(own))


def is_within_limit(own: Membership, question: Question) -> bool:
    """Whether a member's limit lets them write in this section; without a limit every section."""
    return not own.objectives or question.number in own.objectives


def limit_in_a_sentence(own: Membership) -> str:
    sentence = _("You write about %(limit)s. Everything else you can read. A coordinator can change that.")
    return sentence % {"limit": roles.limit_in_words(own.objectives)}


def _check_is_writer(update: ProgressUpdate, by: User) -> Membership | None:
    """The membership by which somebody writes; none for the team, which writes in what it enters."""
    if update.entered_by_id is not None and by.is_active and by.is_synergi:
        return None
    if is_with_the_team(update):
        raise NotAllowed(_("The Synergi team enters this update from the document that you sent."))
    own = membership_of(by, update.entry.pledge_maker) if by.is_active else None
    if own is None or not roles.may(own.role, "write_update"):
        raise NotAllowed(_("You can read this update, but not write in it. Ask a coordinator to change that."))
    return own


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
    check_can_write_all(update=update, by=by, now=now)
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
    check_can_write_all(update=update, by=by, now=now)
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
    if not roles.may(role_for(maker, by), "sign_update") or current_leader(maker, by, now) is None:
        raise NotAllowed(_("Only a leader who signed the pledge can do this."))


def check_can_sign(*, update: ProgressUpdate, by: User, now: datetime) -> None:
    """Whoever asks for the signature may not give it, unless the Pledge Maker has only one person."""
    check_can_lead(update=update, by=by, now=now)
    check_can_send_now(update=update, now=now)
    if update.asked_by_id == by.pk and not is_alone(update.entry.pledge_maker):
        raise NotAllowed(_("You asked for this signature, so you cannot also give it. A colleague can ask instead."))


def check_can_review(*, update: ProgressUpdate, by: User, now: datetime) -> None:
    if not can_review(by):
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
