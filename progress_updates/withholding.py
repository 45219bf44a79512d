"""A published version that holds personal data is taken from the public, and given back once that is settled.

Its address says so. The signed record, its hash and the note stay.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from progress_updates import published
from progress_updates.models import ProgressUpdate, Snapshot, State
from progress_updates.permissions import check_can_publish
from progress_updates.snapshots import read


class WithholdingRefused(Exception):
    """This version cannot be withheld, or given back; the message is a sentence for people."""


@transaction.atomic
def withhold(*, update: ProgressUpdate, note: str, by: User, now: datetime) -> None:
    """Takes a published version from the public. `note` is what everybody reads at its address instead."""
    check_can_publish(update=update, by=by, now=now)
    if not note.strip():
        raise WithholdingRefused(_("Say why, in words that everybody can read."))
    public = ProgressUpdate.objects.filter(pk=update.pk, state=State.PUBLISHED, withheld_at=None)
    _set(public, update, withheld_at=now, withheld_note=note.strip())
    before, after = {"is_withheld": False}, {"is_withheld": True}
    audit.record(action="update.withheld", by=by, about=update, now=now, before=before, after=after)


@transaction.atomic
def end_withholding(*, update: ProgressUpdate, by: User, now: datetime) -> None:
    """Gives a withheld version back to the public, unchanged; its note is no longer shown."""
    check_can_publish(update=update, by=by, now=now)
    withheld = ProgressUpdate.objects.filter(pk=update.pk, state=State.PUBLISHED, withheld_at__isnull=False)
    _set(withheld, update, withheld_at=None, withheld_note="")
    before, after = {"is_withheld": True}, {"is_withheld": False}
    audit.record(action="update.withholding_ended", by=by, about=update, now=now, before=before, after=after)


def _set(rows: object, update: ProgressUpdate, **fields: object) -> None:
    changed = rows.update(**fields)  # type: ignore[attr-defined]
    update.refresh_from_db()
    if not changed:
        raise WithholdingRefused(_("Somebody was faster: this version is not as the page showed it. Read it again."))


def repeated_in(update: ProgressUpdate) -> list[ProgressUpdate]:
    """Public versions of later rounds that repeat next steps of this one, oldest first: their signed records keep them.

    Two queries.
    """
    records = [each for found in published.records_by_entry(update.entry.pledge_maker).values() for each in found]
    here = {
        step for each in records if each.update_id == update.pk for step in _steps(each, "next_steps", "steps_before")
    }
    again = [each.update_id for each in records if here & _steps(each, "steps_before")]
    later = ProgressUpdate.objects.published().filter(pk__in=again, entry__round__due_at__gt=update.entry.round.due_at)
    return list(later.select_related("entry__round").order_by("entry__round__due_at", "version"))


def _steps(record: Snapshot, *parts: str) -> set[tuple[str, str, str]]:
    sections = read(record)["sections"]
    return {(each["key"], step["what"], step["who"]) for each in sections for part in parts for step in each[part]}
