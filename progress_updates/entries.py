"""One Pledge Maker's place in one round: held while it changes, and who may change it."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import can_run_rounds
from progress_updates.models import RoundEntry, WhyNotRequired
from progress_updates.permissions import NotAllowed, role_for
from signatories import roles

# Of these no update is asked, and none is taken.
NOTHING_TAKEN = (WhyNotRequired.COVERED, WhyNotRequired.WITHDRAWN)
SPEAKERS = roles.ACTS["speak"].roles


def hold_entries(entries: Collection[int]) -> list[RoundEntry]:
    """These entries as they stand now, by key; nobody else changes them until this transaction ends.

    Always taken before the row of an update and in the order of their keys, so that no two wait for each other.
    On SQLite transactions begin IMMEDIATE, which is as much as the row locks.
    """
    held = RoundEntry.objects.filter(pk__in=entries).order_by("pk").select_for_update(of=("self",), no_key=True)
    return list(held.select_related("round", "pledge_maker"))


def hold_entry(entry: RoundEntry) -> RoundEntry:
    [held] = hold_entries([entry.pk])
    return held


def check_is_taken(entry: RoundEntry) -> None:
    """Whether an update of this Pledge Maker can be begun in this round."""
    if entry.why_not_required in NOTHING_TAKEN:
        raise NotAllowed(why_nothing_is_taken(entry))


def why_nothing_is_taken(entry: RoundEntry) -> str:
    """In a sentence for the Pledge Maker, why it does not report itself; empty when it may."""
    if entry.why_not_required == WhyNotRequired.WITHDRAWN:
        return _("No update is asked of you in this round: withdrawn from the pledge.")
    if entry.why_not_required == WhyNotRequired.COVERED:
        return _("No update is asked of you in this round: %(name)s reports for you too.") % {"name": _covering(entry)}
    return ""


def _covering(entry: RoundEntry) -> str:
    return entry.covered_by.pledge_maker.name if entry.covered_by else _("another Pledge Maker")


def check_can_speak_for(*, entry: RoundEntry, by: User) -> None:
    """Who may ask for more time, or say something beside the status, in the name of the Pledge Maker."""
    if role_for(entry.pledge_maker, by) not in SPEAKERS:
        raise NotAllowed(_("Only a leader or a coordinator can do this."))


def check_can_tend(*, by: User) -> None:
    """Who of the Synergi team may say what is asked of whom, and by when."""
    if not can_run_rounds(by):
        raise NotAllowed(_("Only the Synergi team can do this."))
