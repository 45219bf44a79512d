"""Correcting what was published: a further version with the same life, and a note for the public."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from design.words import count_words, with_unix_line_ends
from progress_updates.drafting import AnswerInput, hold, inputs_of, save_answer
from progress_updates.entries import check_is_taken, hold_entry
from progress_updates.last_round import last_update
from progress_updates.models import EDITABLE, Answer, ProgressUpdate, RoundEntry, State, StepOutcome
from progress_updates.permissions import check_can_write_all

NOTE_WORDS = 100
NOT_SENT = (*EDITABLE, State.AWAITING_SIGN_OFF)


class CorrectionRefused(Exception):
    """This cannot be corrected now, or not so; the message is a sentence for people."""


def check_can_correct(*, entry: RoundEntry, by: User, now: datetime) -> None:
    """Whoever writes all of it for the Pledge Maker; also where the Synergi team had entered it from a document."""
    check_can_write_all(update=ProgressUpdate(entry=entry), by=by, now=now)


@transaction.atomic
def start_correction(*, entry: RoundEntry, note: str, by: User, now: datetime) -> ProgressUpdate:
    """Begins the next version of a published update, with all its words. A second press finds the same draft.

    `note` says to the public what is corrected. Lateness follows the first version; the published one stays public
    until this one is.
    """
    held = hold_entry(entry)
    newest = held.updates.order_by("-version").first()
    if newest is None:
        raise CorrectionRefused(_("Nothing has been published in this round yet, so there is nothing to correct."))
    newest.entry = held
    check_can_correct(entry=held, by=by, now=now)
    if newest.version > 1 and newest.state in EDITABLE:
        return newest
    if newest.state != State.PUBLISHED:
        raise CorrectionRefused(_("The newest version is not published yet, so there is nothing to correct."))
    check_is_taken(held)
    correction = ProgressUpdate.objects.create(
        entry=held, version=newest.version + 1, correction_note=_tidy(note), created_at=now
    )
    audit.record(action="update.correction_started", by=by, about=correction, now=now, version=correction.version)
    _copy(newest, correction, by=by, now=now)
    return correction


def _copy(old: ProgressUpdate, new: ProgressUpdate, *, by: User, now: datetime) -> None:
    """Each section through the ordinary save, so that the history begins with what was published."""
    for answer, content in inputs_of(old):
        row = Answer.objects.create(update=new, question=answer.question)
        if content != AnswerInput():
            save_answer(update=new, question=answer.question, content=content, version=row.version, by=by, now=now)


@transaction.atomic
def change_note(*, update: ProgressUpdate, note: str, by: User, now: datetime) -> None:
    """Other words for the public about what a correction corrects, while it is being written."""
    check_can_write_all(update=update, by=by, now=now)
    if hold(update) not in EDITABLE or update.version == 1:
        raise CorrectionRefused(_("This is no longer a correction that you can write in. Nothing was changed."))
    ProgressUpdate.objects.filter(pk=update.pk).update(correction_note=_tidy(note))
    update.refresh_from_db()
    audit.record(action="update.correction_note_changed", by=by, about=update, now=now)


def follow_promises(*, old: ProgressUpdate | None, new: ProgressUpdate | None) -> None:
    """What drafts of other rounds said of the promises in one version, they say of the same promises in the other."""
    if old is None or new is None:
        return
    there = {(step.question_id, step.what): step for step in new.next_steps.all()}
    by_place = {(step.question_id, step.position): step for step in new.next_steps.all()}
    for step in old.next_steps.filter(outcomes__isnull=False).distinct():
        same = there.get((step.question_id, step.what)) or by_place.get((step.question_id, step.position))
        if same:
            said = StepOutcome.objects.filter(step=step, update__state__in=NOT_SENT)
            said.exclude(update__step_outcomes__step=same).update(step=same)


def take_up_corrections(update: ProgressUpdate) -> None:
    """What comes back to its writers speaks of the promises as they stand now: the earlier update may have been
    corrected while this one was sent."""
    if (now_in_force := last_update(update.entry.pledge_maker, before=update)) is None:
        return
    for older in now_in_force.entry.updates.filter(version__lt=now_in_force.version):
        follow_promises(old=older, new=now_in_force)


def version_before(update: ProgressUpdate) -> ProgressUpdate | None:
    return ProgressUpdate.objects.filter(entry=update.entry_id, version=update.version - 1).first()


def _tidy(note: str) -> str:
    tidy = with_unix_line_ends(note).strip()
    if not tidy:
        raise CorrectionRefused(_("Say what you correct. Everybody can read it."))
    if count_words(tidy) > NOTE_WORDS:
        raise CorrectionRefused(_("Use %(limit)s words or fewer.") % {"limit": NOTE_WORDS})
    return tidy
