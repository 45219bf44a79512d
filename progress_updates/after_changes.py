"""What a change of a Pledge Maker means for its rounds: the change and its effect, in one transaction.

Only rounds that are open to it, by their own close or by an extension beyond it, and only what is still owed: what was
received stays received, closed rounds stay as they are. Everything raises `signatories.changes.Refused` with a
sentence for people.
"""

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from progress_updates import not_required
from progress_updates.entries import hold_entries
from progress_updates.models import RoundEntry, WhyNotRequired
from signatories import changes
from signatories.models import PledgeMaker


def still_owed(maker: PledgeMaker, now: datetime) -> QuerySet[RoundEntry]:
    """Its entries in open rounds from which an update is still to come, the latest round first."""
    return _in_open_rounds(maker, now).filter(why_not_required="", received_at=None)


def _in_open_rounds(maker: PledgeMaker, now: datetime) -> QuerySet[RoundEntry]:
    entries = maker.entries.filter(_may_still_send(now), round__opened_at__isnull=False, round__is_past=False)
    return entries.select_related("round", "pledge_maker").order_by("-round__due_at", "-pk")


def _may_still_send(now: datetime) -> Q:
    """An extension beyond the close keeps a round open for who has it. The last second is included."""
    now = now.replace(microsecond=0)
    return Q(round__closes_at__gte=now) | Q(extended_to__gte=now)


@transaction.atomic
def withdraw(*, pledge_maker: PledgeMaker, on: date, note: str, by: User, now: datetime) -> list[RoundEntry]:
    """It withdraws, and what it still owes in open rounds is no longer asked for. Returns those entries.

    Who was to be reported with it is asked for an update of its own."""
    changes.withdraw(pledge_maker=pledge_maker, on=on, note=note, by=by, now=now)
    held = hold_entries(_in_open_rounds(pledge_maker, now).values_list("pk", flat=True))
    freed = [entry for entry in held if entry.required and not entry.received_at]
    _set(freed, WhyNotRequired.WITHDRAWN)
    after = {"why_not_required": str(WhyNotRequired.WITHDRAWN)}
    for entry in freed:
        before = {"why_not_required": entry.why_not_required}
        audit.record(action="entry.withdrawn", by=by, about=entry, now=now, before=before, after=after)
    _release(held, by, now)
    return freed


def _release(held: list[RoundEntry], by: User, now: datetime) -> None:
    silent = [entry.pk for entry in held if not entry.received_at]
    not_required.release_covered(entries=silent, by=by, now=now)


@transaction.atomic
def undo_withdrawal(*, pledge_maker: PledgeMaker, by: User, now: datetime) -> list[RoundEntry]:
    """It stands behind the pledge again; open rounds ask for its update. Returns those entries.

    Refused once a round has closed without it: the public has read that it had withdrawn."""
    changes.undo_withdrawal(pledge_maker=pledge_maker, by=by, now=now)
    without = RoundEntry.objects.filter(pledge_maker=pledge_maker, why_not_required=WhyNotRequired.WITHDRAWN)
    if closed := without.exclude(_may_still_send(now)).select_related("round").first():
        sentence = _("%(round)s has closed without it. It can join again, but this withdrawal stays.")
        raise changes.Refused(sentence % {"round": closed.round.label})
    asked = hold_entries(without.values_list("pk", flat=True))
    _set(asked, "")
    before, after = {"why_not_required": str(WhyNotRequired.WITHDRAWN)}, {"why_not_required": ""}
    for entry in asked:
        audit.record(action="entry.required_again", by=by, about=entry, now=now, before=before, after=after)
    return asked


@transaction.atomic
def merge(
    *, pledge_maker: PledgeMaker, successors: Collection[PledgeMaker], on: date, by: User, now: datetime
) -> list[RoundEntry]:
    """It goes up in others; what it still owes in open rounds is reported with the first that can still name it.

    Returns the entries that stay as they are, because no successor can: staff decide about those. Who was to be
    reported with one of them is asked for an update of its own."""
    changes.merge(pledge_maker=pledge_maker, successors=successors, on=on, by=by, now=now)
    order = {maker.pk: place for place, maker in enumerate(successors)}
    left = []
    for entry in still_owed(pledge_maker, now):
        covering = covering_entry(entry, order)
        if covering is None or not _cover(entry, covering, by, now):
            left.append(entry)
    _release(hold_entries(_in_open_rounds(pledge_maker, now).values_list("pk", flat=True)), by, now)
    return left


def covering_entry(entry: RoundEntry, successors: Collection[int]) -> RoundEntry | None:
    """The entry of the first of these Pledge Makers whose next signature can speak for this one too."""
    can = not_required.may_cover(entry).filter(pledge_maker__in=list(successors))
    return min(can, key=lambda each: list(successors).index(each.pledge_maker_id), default=None)


def _cover(entry: RoundEntry, covering: RoundEntry, by: User, now: datetime) -> bool:
    """Whoever was reported with it is reported with the successor, for nobody covered covers others."""
    carried = list(RoundEntry.objects.filter(covered_by=entry).values_list("pk", flat=True))
    held = hold_entries([entry.pk, covering.pk, *carried])
    moved = [each for each in held if each.covered_by_id == entry.pk]
    try:
        with transaction.atomic():
            RoundEntry.objects.filter(pk__in=[each.pk for each in moved]).update(covered_by=covering)
            audit.record_each(action="entry.covered", by=by, about=moved, now=now, covered_by=covering.pk)
            not_required.cover(entry=entry, by_entry=covering, by=by, now=now)
    except not_required.Refused:  # signed at this moment
        return False
    return True


def _set(entries: list[RoundEntry], why: str) -> None:
    RoundEntry.objects.filter(pk__in=[entry.pk for entry in entries]).update(why_not_required=why)
