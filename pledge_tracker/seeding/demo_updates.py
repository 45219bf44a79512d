"""One Pledge Maker of the demonstration reports: it writes, asks, signs; staff review and publish."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from pledge_tracker.seeding.answers import Writer
from pledge_tracker.seeding.dates import LONDON, at
from pledge_tracker.seeding.demo_makers import Maker, Past
from progress_updates import drafting, workflow
from progress_updates.last_round import answers_by_key, last_update, open_steps
from progress_updates.models import ProgressUpdate, RoundEntry
from progress_updates.snapshots import fingerprint
from signatories.models import PledgeMaker, Role

if TYPE_CHECKING:
    from accounts.models import User
    from pledge_tracker.seeding.demo import Team

RETURN_REASON = (
    "Thank you. Under objective 1 you name a person by first name and ward. Please take that out. "
    "Under objective 2, say which population your figures are measured against."
)
PATH = ("submitted", "in_review", "accepted", "published")


class Reporter:
    def __init__(self, maker: Maker, row: PledgeMaker, team: Team, writer: Writer) -> None:
        self._maker, self._row, self._team, self._writer = maker, row, team, writer

    def report(self, entry: RoundEntry, past: Past, turn: int) -> None:
        """A past round: the whole way, signed so many days from the due day, published with the others."""
        signed_on = _day(entry.round.due_at) + timedelta(days=past.days)
        update = self._draft(entry, turn, signed_on - timedelta(days=16), 12)
        self._ask_and_sign(update, signed_on)
        workflow.start_review(update=update, by=self._team.caseworker, now=_at(signed_on, 4, 11))
        if past.returned_once:
            self._return(update, signed_on + timedelta(days=6))
            self._ask_and_sign(update, signed_on + timedelta(days=12))
            workflow.start_review(update=update, by=self._team.caseworker, now=_at(signed_on, 13, 9))
        workflow.accept(update=update, by=self._team.caseworker, now=_at(signed_on, 14, 15))
        workflow.publish_later(update=update, by=self._team.publisher, now=_at(signed_on, 15, 12))
        workflow.publish_due(now=max(entry.round.publishes_at, _at(signed_on, 15, 13)))

    def report_until(self, state: str, entry: RoundEntry, *, turn: int, today: date) -> None:
        """The open round: everything happened in the three weeks before today."""
        update = self._draft(entry, turn, today - timedelta(days=24), self._maker.sections)
        if state == "draft":
            return
        asked_on = today - timedelta(days=2 if state == "awaiting_sign_off" else 12)
        if state == "awaiting_sign_off":
            workflow.ask_for_signature(update=update, by=self._people()[0], now=at(asked_on, 11))
            return
        self._ask_and_sign(update, asked_on)
        if state == "returned":
            workflow.start_review(update=update, by=self._team.caseworker, now=_at(asked_on, 3, 11))
            self._return(update, asked_on + timedelta(days=5))
            return
        for name in PATH[1 : PATH.index(state) + 1]:
            self._staff_step(name, update, asked_on)

    def _staff_step(self, state: str, update: ProgressUpdate, day: date) -> None:
        if state == "in_review":
            workflow.start_review(update=update, by=self._team.caseworker, now=_at(day, 4, 11))
        elif state == "accepted":
            workflow.accept(update=update, by=self._team.caseworker, now=_at(day, 6, 16))
        elif state == "published":
            workflow.publish(update=update, by=self._team.publisher, now=_at(day, 8, 10))

    def _return(self, update: ProgressUpdate, day: date) -> None:
        workflow.return_by_staff(
            update=update,
            by=self._team.caseworker,
            now=at(day, 16, 30),
            reason=RETURN_REASON,
            respond_by=day + timedelta(days=14),
        )

    def _ask_and_sign(self, update: ProgressUpdate, day: date) -> None:
        workflow.ask_for_signature(update=update, by=self._people()[0], now=at(day, 9, 15))
        workflow.sign(update=update, by=self._leader(), now=at(day, 14, 52), read=fingerprint(update))

    def _draft(self, entry: RoundEntry, turn: int, start: date, sections: int) -> ProgressUpdate:
        """Writes that many sections, one a day; whoever writes takes turns."""
        people = self._people()
        update = drafting.start_update(entry=entry, by=people[0], now=at(start, 9))
        last = last_update(self._row, before=update)
        before, said = open_steps(last), answers_by_key(last)
        for day, answer in enumerate(update.answers.select_related("question")[:sections]):
            question = answer.question
            content = self._writer.answer(
                question,
                turn=turn,
                day=start + timedelta(days=day),
                before=before.get(question.key, []),
                last=said.get(question.key),
            )
            drafting.save_answer(
                update=update,
                question=question,
                content=content,
                version=answer.version,
                by=people[day % len(people)],
                now=at(start + timedelta(days=day), 10 + day % 6, day * 4),
            )
        return update

    def _people(self) -> list[User]:
        """Coordinator first, then contributors."""
        rows = self._row.memberships.filter(ended_at=None).exclude(role__in=(Role.LEADER, Role.READER))
        return [row.user for row in rows.select_related("user").order_by("pk")]

    def _leader(self) -> User:
        return self._row.memberships.select_related("user").get(role=Role.LEADER, ended_at=None).user


def _day(instant: datetime) -> date:
    return instant.astimezone(LONDON).date()


def _at(day: date, later: int, hour: int) -> datetime:
    return at(day + timedelta(days=later), hour)
