"""The public status of a Pledge Maker in a round, also of one that has no entry in it: SQL, and its twin in Python."""

from datetime import date, datetime
from typing import Any

from django.db.models import Case, CharField, FilteredRelation, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from progress_updates.lateness import (
    LONDON,
    NOT_REQUIRED,
    WITHDRAWN,
    PublicStatus,
    lateness_expression,
    public_status,
)
from progress_updates.models import Round, RoundEntry, WhyNotRequired
from signatories.models import PledgeMaker


def with_standing(makers: QuerySet[PledgeMaker], round_: Round, now: datetime) -> QuerySet[Any]:
    """Adds `entry` (that of the round, or None) and `standing` (a kind of lateness.py) to each. No query of its own."""
    here = makers.annotate(entry=FilteredRelation("entries", condition=Q(entries__round=round_)))
    left = Q(withdrawn_on__lte=_last_day(round_))
    standing = Case(
        When(entry__pk__isnull=False, then=lateness_expression(now, prefix="entry__")),
        When(left, then=Value(WITHDRAWN)),
        default=Value(NOT_REQUIRED),
        output_field=CharField(),
    )
    return here.annotate(standing=standing)


def status_in(round_: Round, maker: PledgeMaker, entry: RoundEntry | None, now: datetime) -> PublicStatus:
    """The same in Python, in words; a test proves both equal."""
    if entry is not None:
        return public_status(entry, now)
    last_day = _last_day(round_)
    if maker.withdrawn_on and maker.withdrawn_on <= last_day:
        return PublicStatus(WITHDRAWN, _("Withdrawn from the pledge"), "")
    if maker.merged_on and maker.merged_on <= last_day:
        return PublicStatus(NOT_REQUIRED, _("Not required"), _("Merged into another Pledge Maker"))
    if round_.is_past:
        return PublicStatus(NOT_REQUIRED, _("No record of this round"), "")
    return PublicStatus(NOT_REQUIRED, _("Not required"), str(WhyNotRequired.JOINED_AFTER_OPENING.label))


def _last_day(round_: Round) -> date:
    return round_.closes_at.astimezone(LONDON).date()
