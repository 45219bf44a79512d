"""Rounds that were before Pledge Tracker: made with the dates of then, opened as history, nobody asked or reminded."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Min, Q
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from progress_updates import not_required
from progress_updates.models import Question, QuestionKind, Round, RoundEntry, WhyNotRequired
from progress_updates.permissions import check_can_run_rounds
from progress_updates.questions import default_questions
from progress_updates.rounds import RESERVED, RoundRefused, end_of, start_of
from signatories import leaders
from signatories.models import Leader, PledgeMaker, PledgeWording, Statement, StatementState

# What the forms of then asked: why, seven blocks, next steps.
ASKED_THEN = ("why", *(f"objective-{number}" for number in range(1, 8)), "next-steps")
# Old answers are entered whole, so this limit only catches a slip.
WORD_LIMIT = 10_000


@transaction.atomic
def create_past_round(
    *,
    label: str,
    period_from: date,
    period_to: date,
    asked_on: date,
    due_on: date,
    published_on: date,
    by: User,
    now: datetime,
    wording: PledgeWording | None = None,
    asked: Collection[str] = ASKED_THEN,
    word_limit: int = WORD_LIMIT,
) -> Round:
    """Makes a round of the past. All days are London days before today; the due day is included.

    `wording` is that in force on the due day unless given; `asked` are keys of the scheme's own questions.
    """
    check_can_run_rounds(by=by)
    slug = slugify(label)
    if not slug or slug in RESERVED or Round.objects.filter(slug=slug).exists():
        raise RoundRefused(_("Another round already has this name. Choose a different one."))
    if max(due_on, published_on, period_to) >= timezone.localdate(now):
        raise RoundRefused(_("All days of a past round must be before today."))
    round_ = Round.objects.create(
        label=label,
        slug=slug,
        wording=wording or wording_in_force(due_on),
        period_from=period_from,
        period_to=period_to,
        opens_at=start_of(asked_on),
        due_at=end_of(due_on),
        closes_at=end_of(max(due_on, published_on)),
        publishes_at=start_of(published_on),
        word_limit=word_limit,
        created_at=now,
        is_past=True,
    )
    Question.objects.bulk_create(questions_of_then(round_, asked))
    audit.record(action="round.created", by=by, about=round_, now=now)
    return round_


def wording_in_force(day: date) -> PledgeWording:
    """The wording of the pledge on a day; the first one for days before it."""
    wordings = PledgeWording.objects.order_by("effective_on")
    return wordings.filter(effective_on__lte=day).last() or wordings[0]


def questions_of_then(round_: Round, asked: Collection[str]) -> list[Question]:
    """The scheme's questions that the form of then had. Its next steps were one box of words, without names or dates,
    so they stay one."""
    rows = [each for each in default_questions(round_, round_.wording) if each.key in asked]
    for order, row in enumerate(rows, start=1):
        row.order = order
        row.hint = ""
        if row.kind == QuestionKind.NEXT_STEPS:
            row.kind = QuestionKind.TEXT
    return rows


@transaction.atomic
def open_past_round(*, round_: Round, makers: Iterable[PledgeMaker], by: User, now: datetime) -> int:
    """Makes a past round part of the history, with the Pledge Makers of then. Returns how many there are.

    Its questions are frozen from here on. A second press changes nothing.
    """
    check_can_run_rounds(by=by)
    if not round_.is_past:
        raise RoundRefused(_("This round is not a past one."))
    if Round.objects.filter(pk=round_.pk, opened_at=None).update(opened_at=now, opened_by=by):
        makers = list(makers)
        known = known_from([maker.pk for maker in makers])
        RoundEntry.objects.bulk_create(_entry(round_, maker, known.get(maker.pk)) for maker in makers)
        audit.record(action="round.opened", by=by, about=round_, now=now)
    round_.refresh_from_db()
    return round_.entries.count()


def add_to_past_round(*, round_: Round, maker: PledgeMaker, by: User, now: datetime) -> RoundEntry:
    """Gives a Pledge Maker of then its entry, if it has none yet. Raises RoundRefused for any other."""
    check_can_run_rounds(by=by)
    if not (round_.is_past and round_.opened_at):
        raise RoundRefused(_("Pledge Makers are added to past rounds only. Other rounds take care of that themselves."))
    if not was_there(round_, maker):
        raise RoundRefused(_("%(name)s was not a Pledge Maker on the public list then.") % {"name": maker.name})
    wanted = _entry(round_, maker, known_from([maker.pk]).get(maker.pk))
    entry, made = RoundEntry.objects.get_or_create(
        round=round_,
        pledge_maker=maker,
        defaults={"due_at": wanted.due_at, "why_not_required": wanted.why_not_required},
    )
    if made:
        audit.record(action="round.entry_added", by=by, about=entry, now=now)
    return entry


def was_there(round_: Round, maker: PledgeMaker) -> bool:
    """Whether a past round may hold this Pledge Maker: it does already, or staff may choose it."""
    return round_.entries.filter(pledge_maker=maker).exists() or maker in makers_of_then(round_)


def makers_of_then(round_: Round) -> "list[PledgeMaker]":
    """Whom staff may choose from: those on the public list who had not withdrawn or gone up in another by then."""
    asked_on = timezone.localdate(round_.opens_at)
    there = Q(merged_on=None) | Q(merged_on__gte=asked_on)
    return list(PledgeMaker.objects.published().filter(there).order_by("name", "pk"))


def known_from(makers: Collection[int]) -> dict[int, date]:
    """The first London day on which each is known to stand behind the pledge: that of its first signature, or the first
    day of its first leader, whichever is earlier. Two queries."""
    signed = Statement.objects.exclude(state=StatementState.DRAFT).filter(pledge_maker__in=makers)
    led = Leader.objects.filter(pledge_maker__in=makers).order_by().values_list("pledge_maker")
    firsts = signed.order_by().values_list("pledge_maker").annotate(first=Min("signed_at"))
    days = {maker: timezone.localdate(first) for maker, first in firsts}
    for maker, first in led.annotate(first=Min("from_on")):
        days[maker] = min(first, days.get(maker, first))
    return days


@transaction.atomic
def add_leader_of_then(*, pledge_maker: PledgeMaker, by: User, now: datetime, **facts: Any) -> Leader:
    """Adds a leader known from history, as `leaders.add_from_history`, whose words `facts` are.

    Past rounds in which it thereby turns out to have signed in time ask for its update, like everybody's."""
    before = known_from([pledge_maker.pk]).get(pledge_maker.pk)
    leader = leaders.add_from_history(pledge_maker=pledge_maker, by=by, now=now, **facts)
    joined = pledge_maker.entries.filter(round__is_past=True, why_not_required=WhyNotRequired.JOINED_AFTER_OPENING)
    for entry in joined.select_related("round").order_by("pk"):
        if _joined_after(entry.round, before) and not _joined_after(entry.round, leader.from_on):
            not_required.require_again(entry=entry, by=by, now=now)
    return leader


def _joined_after(round_: Round, known: date | None) -> bool:
    return known is not None and known > timezone.localdate(round_.opens_at)


def _entry(round_: Round, maker: PledgeMaker, known: date | None) -> RoundEntry:
    """Who withdrew later had to report then like everybody; who signed only later had not."""
    gone = bool(maker.withdrawn_on and maker.withdrawn_on < timezone.localdate(round_.opens_at))
    joined = WhyNotRequired.JOINED_AFTER_OPENING if _joined_after(round_, known) else ""
    why = WhyNotRequired.WITHDRAWN if gone else joined
    return RoundEntry(round=round_, pledge_maker=maker, due_at=round_.due_at, why_not_required=why)
