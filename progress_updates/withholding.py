"""A published version that holds personal data is taken from the public, and given back once that is settled.

Its address says so. The signed record, its hash and the note stay.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from progress_updates.models import ProgressUpdate, State
from progress_updates.permissions import check_can_publish


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
    audit.record(action="update.withheld", by=by, about=update, now=now)


@transaction.atomic
def end_withholding(*, update: ProgressUpdate, by: User, now: datetime) -> None:
    """Gives a withheld version back to the public, unchanged; its note is no longer shown."""
    check_can_publish(update=update, by=by, now=now)
    withheld = ProgressUpdate.objects.filter(pk=update.pk, state=State.PUBLISHED, withheld_at__isnull=False)
    _set(withheld, update, withheld_at=None, withheld_note="")
    audit.record(action="update.withholding_ended", by=by, about=update, now=now)


def _set(rows: object, update: ProgressUpdate, **fields: object) -> None:
    changed = rows.update(**fields)  # type: ignore[attr-defined]
    update.refresh_from_db()
    if not changed:
        raise WithholdingRefused(_("Somebody was faster: this version is not as the page showed it. Read it again."))
