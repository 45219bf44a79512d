"""A round that is over, for the national report: told by hand, so that every figure can be counted by hand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import cycle
from typing import Any

from django.db import transaction
from django.utils import timezone

from progress_updates.drafting import OutcomeInput
from progress_updates.last_round import last_update, open_steps
from progress_updates.models import Outcome, ProgressUpdate, Rating, Round, RoundEntry, State, WhyNotRequired
from reports import national
from reports.models import NationalReport
from signatories.models import PledgeMaker
from tests.factories.accounts import make_publisher
from tests.factories.progress_updates import (
    PATHS,
    leader_of,
    make_entry,
    make_round,
    make_update,
    take,
    writer_of,
)
from tests.factories.sections import complete_answer, write_at_once
from tests.factories.signatories import make_organisation, make_pledge_maker, make_public_pledge_maker, make_statement

OUTCOMES = (Outcome.DONE, Outcome.GOING_ON, Outcome.DROPPED)


def report_on(
    entry: RoundEntry,
    *,
    now: datetime,
    rating: str = Rating.PRIORITISED,
    outcomes: Sequence[str] = (Outcome.DONE,),
    text: str = "We met local people and changed the rota.",
    state: str = State.PUBLISHED,
) -> ProgressUpdate:
    """An update with one rating for all objectives; `outcomes` are given by turns to the steps that were open."""
    update = make_update(entry=entry, complete=False, now=now)
    writer, leader, said = writer_of(entry.pledge_maker), leader_of(entry.pledge_maker), cycle(outcomes)
    before = open_steps(last_update(entry.pledge_maker, before=update))
    contents = []
    for answer in update.answers.select_related("question", "update"):
        content = complete_answer(answer.question, text)
        told = tuple(_outcome(step.step.pk, next(said)) for step in before.get(answer.question.key, []))
        contents.append((answer, replace(content, rating=rating if content.rating else "", outcomes=told)))
    write_at_once(contents, by=writer, now=now)
    for step in PATHS[State(state)]:
        take(step, update, writer=writer, leader=leader, now=now)
    return update


def _outcome(step: int, outcome: str) -> OutcomeInput:
    new_date = date(2027, 6, 30) if outcome == Outcome.GOING_ON else None
    return OutcomeInput(step, outcome, new_date, "" if outcome == Outcome.DONE else "The builders were late.")


@dataclass
class OverRound:
    """A round that is over and published, its round before, and one Pledge Maker in each public status."""

    now: datetime
    before: Round
    round: Round
    makers: dict[str, PledgeMaker]
    updates: dict[str, ProgressUpdate]

    def entry(self, name: str) -> RoundEntry:
        return RoundEntry.objects.get(round=self.round, pledge_maker=self.makers[name])

    @property
    def address(self) -> str:
        return f"/rounds/{self.round.slug}/"


def make_over_round(*, now: datetime | None = None) -> OverRound:
    """Eight Pledge Makers, one in each status but "not due yet", and one whose update is received and not published.

    "early" is a partnership of two organisations; it and "silent" reported in the round before too.
    """
    now = now or timezone.now()
    day, joined = timezone.localdate(now), now - timedelta(days=400)
    parts = [make_organisation(name="Eastmere Council"), make_organisation(name="Eastmere Trust")]
    early = make_pledge_maker(name="Early", organisations=parts, now=joined)
    make_statement(pledge_maker=early, state="published", now=joined)
    names = ("Late", "Silent", "Extended", "Covered", "Waiting", "Withdrawn")
    makers = {"early": early} | {name.lower(): make_public_pledge_maker(name=name, now=joined) for name in names}
    before = make_round(label="Round 1, spring", due_on=day - timedelta(days=260), now=now - timedelta(days=300))
    for name in ("early", "silent"):
        then = now - timedelta(days=280)
        report_on(make_entry(pledge_maker=makers[name], round_=before), now=then, rating=Rating.RESPONDED_TO)
    _withdraw(makers["withdrawn"], day)
    round_ = make_round(label="Round 2, autumn", due_on=day - timedelta(days=70), now=now - timedelta(days=120))
    makers["joined"] = make_public_pledge_maker(name="Joined", now=now - timedelta(days=60))
    scene = OverRound(now, before, round_, makers, {})
    _tell(scene)
    return scene


def told_once(blocker: Any) -> Iterator[OverRound]:
    """The same round for all tests of a module, made once: each test takes back only its own changes."""
    with blocker.unblock(), transaction.atomic():
        yield make_over_round()
        transaction.set_rollback(True)


def _withdraw(maker: PledgeMaker, day: date) -> None:
    PledgeMaker.objects.filter(pk=maker.pk).update(withdrawn_on=day - timedelta(days=130))
    maker.refresh_from_db()


def _tell(scene: OverRound) -> None:
    now = scene.now
    RoundEntry.objects.create(
        round=scene.round,
        pledge_maker=scene.makers["joined"],
        due_at=scene.round.due_at,
        why_not_required=WhyNotRequired.JOINED_AFTER_OPENING,
    )
    early = scene.entry("early")
    RoundEntry.objects.filter(pk=scene.entry("covered").pk).update(
        why_not_required=WhyNotRequired.COVERED, covered_by=early
    )
    RoundEntry.objects.filter(pk=scene.entry("extended").pk).update(extended_to=now + timedelta(days=5))
    RoundEntry.objects.filter(pk=scene.entry("silent").pk).update(
        late_reason="Our lead left.", right_of_reply="We report again in spring."
    )
    good = "A barber shop in Eastmere takes referrals.\n\n- fourteen so far"
    scene.updates = {
        "early": report_on(early, now=now - timedelta(days=80), outcomes=OUTCOMES, text=good),
        "late": report_on(scene.entry("late"), now=now - timedelta(days=67), rating=Rating.DELIVERED),
        "waiting": report_on(scene.entry("waiting"), now=now - timedelta(days=75), state=State.ACCEPTED),
    }


def make_national_report(scene: OverRound | None = None, *, public: bool = True) -> NationalReport:
    """A version built by a publisher now, and published unless told otherwise."""
    scene, by = scene or make_over_round(), make_publisher()
    report = national.build(round_=scene.round, by=by, now=scene.now)
    if public:
        national.publish(report=report, by=by, now=scene.now)
    report.refresh_from_db()
    return report
