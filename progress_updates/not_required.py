"""Whose update is not asked for: reported with another's, or joined after the round had opened."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from progress_updates.entries import check_can_tend, hold_entries, hold_entry
from progress_updates.models import SENT, ProgressUpdate, RoundEntry, WhyNotRequired

MAY_COVER = ("", WhyNotRequired.JOINED_AFTER_OPENING)


class Refused(Exception):
    """What is asked of this entry cannot be changed so; the message is a sentence for people."""


def may_cover(entry: RoundEntry) -> QuerySet[RoundEntry]:
    """The entries of the same round whose next signature can speak for this one too, by name."""
    newest = ProgressUpdate.objects.filter(entry=OuterRef("pk")).order_by("-version")
    others = entry.round.entries.filter(why_not_required__in=MAY_COVER).exclude(pk=entry.pk)
    others = others.annotate(newest=newest.values("state")[:1]).filter(Q(newest=None) | ~Q(newest__in=SENT))
    return others.select_related("pledge_maker").order_by("pledge_maker__name", "pk")


@transaction.atomic
def cover(*, entry: RoundEntry, by_entry: RoundEntry, by: User, now: datetime) -> None:
    """Says that `by_entry` reports for `entry` too. Its next signature lists whom it covers.

    Nobody covered covers others, so there are no chains and no circles. Both rows are held: neither can be signed
    for between the look and the change. Who speaks for an update that is owed owes it, even if it joined later.
    """
    check_can_tend(by=by)
    held = {each.pk: each for each in hold_entries([entry.pk, by_entry.pk])}
    covered, covering = held[entry.pk], held[by_entry.pk]
    _check_can_be_covered(covered)
    _check_can_cover(covering, covered)
    if covered.required and not covering.required:
        _require(covering, by=by, now=now)
    _set(covered, WhyNotRequired.COVERED, covered_by=covering)
    before, after = {"why_not_required": covered.why_not_required}, {"why_not_required": str(WhyNotRequired.COVERED)}
    audit.record(
        action="entry.covered", by=by, about=covered, now=now, before=before, after=after, covered_by=covering.pk
    )
    audit.record(action="entry.covers", by=by, about=covering, now=now, covers=covered.pk)


def _check_can_be_covered(entry: RoundEntry) -> None:
    _check_is_free(entry)
    if entry.covers.exists():
        raise Refused(_("It reports for another Pledge Maker itself. Undo that first."))


def _check_can_cover(entry: RoundEntry, covered: RoundEntry) -> None:
    if entry.pk == covered.pk:
        raise Refused(_("A Pledge Maker cannot report with itself."))
    if entry.round_id != covered.round_id:
        raise Refused(_("Choose a Pledge Maker of the same round."))
    if entry.why_not_required not in MAY_COVER:
        raise Refused(_("No update is asked of that Pledge Maker itself. Choose another."))
    newest = entry.updates.order_by("-version").first()
    if newest and newest.state in SENT:
        raise Refused(
            _("%(name)s has signed already, without naming this Pledge Maker. Send its update back first.")
            % {"name": entry.pledge_maker.name}
        )


def _check_is_free(entry: RoundEntry) -> None:
    if entry.why_not_required == WhyNotRequired.WITHDRAWN:
        raise Refused(_("It has withdrawn from the pledge. Nothing is asked of it."))
    if entry.received_at:
        raise Refused(_("Its own update was received. Nothing was changed."))
    if entry.why_not_required == WhyNotRequired.COVERED:
        raise Refused(_("It is reported with another already. Undo that first."))


@transaction.atomic
def joined_after_opening(*, entry: RoundEntry, by: User, now: datetime) -> None:
    """Asks nothing of a Pledge Maker in this round, because it joined after the opening. It may still report."""
    check_can_tend(by=by)
    held = hold_entry(entry)
    _check_is_free(held)
    if held.why_not_required:
        raise Refused(_("No update is asked of it already. Nothing was changed."))
    _set(held, WhyNotRequired.JOINED_AFTER_OPENING)
    before, after = {"why_not_required": ""}, {"why_not_required": str(WhyNotRequired.JOINED_AFTER_OPENING)}
    audit.record(action="entry.not_required", by=by, about=held, now=now, before=before, after=after)


@transaction.atomic
def uncover(*, entry: RoundEntry, by: User, now: datetime) -> None:
    """It is no longer reported with another; its own update is asked for."""
    check_can_tend(by=by)
    covering = RoundEntry.objects.filter(covers=entry.pk).values_list("pk", flat=True)
    held = next(each for each in hold_entries([entry.pk, *covering]) if each.pk == entry.pk)
    if held.why_not_required != WhyNotRequired.COVERED:
        raise Refused(_("It is not reported with another. Nothing was changed."))
    if held.covered_by and held.covered_by.received_at:
        raise Refused(
            _("The signed update of %(name)s speaks for it too, so this stays.")
            % {"name": held.covered_by.pledge_maker.name}
        )
    _require(held, by=by, now=now)


@transaction.atomic
def require_again(*, entry: RoundEntry, by: User, now: datetime) -> None:
    """Asks for the update of a Pledge Maker after all. It is due on its own due day, passed or not."""
    check_can_tend(by=by)
    held = hold_entry(entry)
    if held.why_not_required != WhyNotRequired.JOINED_AFTER_OPENING:
        raise Refused(_("This cannot be undone here. Nothing was changed."))
    _require(held, by=by, now=now)


def release_covered(*, entries: Collection[int], by: User, now: datetime) -> None:
    """Asks again for whatever is reported with these entries, from which nothing will come."""
    for covered in hold_entries(RoundEntry.objects.filter(covered_by__in=entries).values_list("pk", flat=True)):
        if covered.why_not_required == WhyNotRequired.COVERED and covered.covered_by_id in entries:
            _require(covered, by=by, now=now)


def _require(entry: RoundEntry, *, by: User, now: datetime) -> None:
    before, after = {"why_not_required": entry.why_not_required}, {"why_not_required": ""}
    _set(entry, "")
    audit.record(action="entry.required_again", by=by, about=entry, now=now, before=before, after=after)


def _set(entry: RoundEntry, why: str, covered_by: RoundEntry | None = None) -> None:
    RoundEntry.objects.filter(pk=entry.pk).update(why_not_required=why, covered_by=covered_by)
