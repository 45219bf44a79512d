"""Making a round and opening it."""

from collections.abc import Iterable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from progress_updates import workflow
from progress_updates.models import Question, Round, RoundEntry, WhyNotRequired
from progress_updates.permissions import check_can_run_rounds
from progress_updates.questions import default_questions
from signatories.models import PledgeMaker, PledgeWording

LONDON = ZoneInfo("Europe/London")

# Addresses beside those of rounds; a round may not be called so.
RESERVED = {"leaders", "new", "people", "roles", "statement"}


class RoundRefused(Exception):
    """The round cannot be made or opened; the message is a sentence for people."""


def start_of(day: date) -> datetime:
    """The first second of a day in London."""
    return datetime.combine(day, time.min, tzinfo=LONDON)


def end_of(day: date) -> datetime:
    """The last second of a day in London: 23:59:59."""
    return datetime.combine(day, time(23, 59, 59), tzinfo=LONDON)


@transaction.atomic
def create_round(
    *,
    label: str,
    period_from: date,
    period_to: date,
    opens_on: date,
    due_on: date,
    closes_on: date,
    publishes_on: date,
    by: User,
    now: datetime,
    word_limit: int = 1000,
    guidance: str = "",
    wording: PledgeWording | None = None,
) -> Round:
    """Makes a round with the scheme's own questions. All days are London days; due and close include theirs."""
    check_can_run_rounds(by=by)
    slug = slugify(label)
    if not slug or slug in RESERVED or Round.objects.filter(slug=slug).exists():
        raise RoundRefused(_("Another round already has this name. Choose a different one."))
    round_ = Round.objects.create(
        label=label,
        slug=slug,
        wording=wording or PledgeWording.objects.latest(),
        period_from=period_from,
        period_to=period_to,
        opens_at=start_of(opens_on),
        due_at=end_of(due_on),
        closes_at=end_of(closes_on),
        publishes_at=start_of(publishes_on),
        word_limit=word_limit,
        guidance=guidance,
        created_at=now,
    )
    Question.objects.bulk_create(default_questions(round_, round_.wording))
    audit.record(action="round.created", by=by, about=round_, now=now)
    return round_


@transaction.atomic
def change_question(*, question: Question, title: str, hint: str, word_limit: int, by: User, now: datetime) -> None:
    """Changes what a round asks, until it opens. Nobody opens it between the look and the change."""
    check_can_run_rounds(by=by)
    round_ = Round.objects.select_for_update().get(pk=question.round_id)
    if round_.opened_at:
        raise RoundRefused(_("The questions were frozen when the round opened."))
    Question.objects.filter(pk=question.pk).update(title=title, hint=hint, word_limit=word_limit)
    audit.record(action="round.question_changed", by=by, about=round_, now=now, question=question.key)


@transaction.atomic
def open_round(*, round_: Round, by: User, now: datetime) -> int:
    """Opens a round and gives every Pledge Maker its entry. Returns how many entries there are.

    From here on questions, limits and guidance stay as they are. A second press changes nothing.
    """
    check_can_run_rounds(by=by)
    hold_dates(round_)
    if now > round_.due_at:
        raise RoundRefused(_("This round’s due date has passed. Make a new round with later dates."))
    opened = Round.objects.filter(pk=round_.pk, opened_at=None).update(opened_at=now, opened_by=by)
    if opened:
        # Nobody withdraws or merges between the look and the entry.
        makers = _on_their_own().select_for_update(of=("self",), no_key=True)
        RoundEntry.objects.bulk_create(entries_for(round_, makers))
        audit.record(action="round.opened", by=by, about=round_, now=now)
    round_.refresh_from_db()
    return round_.entries.count()


def _on_their_own() -> QuerySet[PledgeMaker]:
    """Public Pledge Makers that have not gone up in another; those who withdrew stay in view."""
    return PledgeMaker.objects.published().filter(merged_on=None)


def hold_dates(round_: Round) -> None:
    """Reads the round anew; nobody gives it other dates until this transaction ends."""
    Round.objects.select_for_update(no_key=True).get(pk=round_.pk)
    round_.refresh_from_db()


def entries_for(round_: Round, makers: Iterable[PledgeMaker]) -> list[RoundEntry]:
    return [
        RoundEntry(
            round=round_,
            pledge_maker=maker,
            due_at=round_.due_at,
            why_not_required=WhyNotRequired.WITHDRAWN if maker.withdrawn_on else "",
        )
        for maker in makers
    ]


@transaction.atomic
def add_those_who_joined(*, round_: Round) -> int:
    """Pledge Makers published after the round opened get an entry that requires nothing. Safe to run twice."""
    hold_dates(round_)
    makers = _on_their_own().exclude(entries__round=round_)
    entries = [
        RoundEntry(
            round=round_,
            pledge_maker=maker,
            due_at=round_.due_at,
            why_not_required=WhyNotRequired.JOINED_AFTER_OPENING,
        )
        for maker in makers
    ]
    RoundEntry.objects.bulk_create(entries, ignore_conflicts=True)
    return len(entries)


def tend(*, now: datetime) -> None:
    """What the clock does to rounds: publishes what is due, adds those who joined. Safe to run twice."""
    workflow.publish_due(now=now)
    for round_ in Round.objects.filter(opened_at__isnull=False, closes_at__gte=now):
        add_those_who_joined(round_=round_)
