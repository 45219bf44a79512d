"""The demonstration: invented Pledge Makers in every state of the journey, made as people would make them.

Everything goes through the domain functions, with moments of the past.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from django.db import transaction
from django.utils import timezone

from accounts.models import SynergiRole, User
from accounts.people import account_for
from jobs import waking
from mail.models import Message
from pledge_tracker import demo_codes
from pledge_tracker.demo_people import ADMINISTRATOR, CASEWORKER, PUBLISHER, DemoPerson
from pledge_tracker.seeding import demo_around, demo_changes, demo_joining, demo_makers, past
from pledge_tracker.seeding.answers import Writer
from pledge_tracker.seeding.counting import count_rows
from pledge_tracker.seeding.dates import RoundDates, at, rounds_until
from pledge_tracker.seeding.demo_makers import Maker, Past
from pledge_tracker.seeding.demo_updates import Reporter
from progress_updates import rounds
from progress_updates.models import Round, RoundEntry
from reports import national
from signatories import accepting, invitations, pledge_makers, signing, statements
from signatories.caseworkers import give_to_caseworker
from signatories.models import Leader, Organisation, PledgeMaker, Role, Statement


@dataclass(frozen=True)
class Team:
    """The Synergi team of the demonstration."""

    caseworker: User
    publisher: User


@transaction.atomic
def fill(*, now: datetime, seed: int = 2020) -> None:
    """Fills an empty database. The same day and `seed` give the same data, but for keys and tokens."""
    with waking.asleep():
        _Demo(now, seed).build()
        Message.objects.filter(created_at__lt=now - timedelta(hours=1)).delete()


class _Demo:
    def __init__(self, now: datetime, seed: int) -> None:
        self.now, self.today, self.seed = now, timezone.localdate(now), seed
        self.dates = rounds_until(self.today, 3)
        self.team = Team(
            caseworker=_staff(CASEWORKER, SynergiRole.CASEWORKER), publisher=_staff(PUBLISHER, SynergiRole.PUBLISHER)
        )
        _staff(ADMINISTRATOR, SynergiRole.ADMINISTRATOR)
        self.made: dict[Maker, tuple[PledgeMaker, Reporter]] = {}

    def build(self) -> None:
        _organisations()
        self._founders()
        self._past_rounds()
        self._open_round()
        left_on = self.today - timedelta(days=38)
        demo_changes.change_leader((row for row, _ in self.made.values()), last_day=left_on, team=self.team)
        self._newcomers()
        self._owners()
        demo_joining.fill(caseworker=self.team.caseworker, publisher=self.team.publisher, now=self.now)
        past.fill(first=self.dates[0], today=self.today, by=self.team.caseworker, publisher=self.team.publisher)

    def _founders(self) -> None:
        first_day = self.dates[0].opens - timedelta(days=120)
        for place, maker in enumerate((*demo_makers.MAKERS, demo_makers.WITHDRAWN, demo_makers.MERGED)):
            if len(maker.past) == 2:
                self._sign_up(maker, first_day + timedelta(days=place * 4))

    def _joined_after_the_first_round(self) -> None:
        for maker in demo_makers.MAKERS:
            if len(maker.past) == 1:
                self._sign_up(maker, self.dates[1].opens - timedelta(days=50))

    def _sign_up(self, maker: Maker, day: date, publish: bool = True) -> None:
        """Invited, accepted, written, signed and (mostly) published, in three weeks."""
        row = self._create(maker, day)
        self._invite_leader(maker, row, at(day, 11))
        leader = self._accept(row, at(day + timedelta(days=2), 9, 20))
        statement = self._write_statement(maker, row, leader, day)
        if publish:
            signing.publish(statement=statement, by=self.team.publisher, now=at(day + timedelta(days=20), 14))
        people = [(maker.coordinator, Role.COORDINATOR), *((name, Role.CONTRIBUTOR) for name in maker.contributors)]
        for name, role in people:
            if name:
                self._add_member(maker, row, leader, name, role, at(day + timedelta(days=22), 10))
        self.made[maker] = (row, Reporter(maker, row, self.team, self._writer(maker)))

    def _writer(self, maker: Maker) -> Writer:
        return Writer(Random(f"{self.seed} {maker.name}"), maker.place, maker.domain)

    def _create(self, maker: Maker, day: date) -> PledgeMaker:
        parts = [Organisation.objects.get(name=name) for name, _, _ in maker.parts]
        return pledge_makers.create(name=maker.name, organisations=parts, by=self.team.caseworker, now=at(day, 10))

    def _invite_leader(self, maker: Maker, row: PledgeMaker, when: datetime) -> None:
        invitations.invite(
            pledge_maker=row,
            email=maker.email(maker.leader),
            name=maker.leader,
            role=Role.LEADER,
            role_title=maker.role_title,
            organisation=Organisation.objects.get(name=maker.parts[0][0]),
            by=self.team.caseworker,
            now=when,
        )

    def _accept(self, row: PledgeMaker, when: datetime) -> Leader:
        accepting.accept_found(invitation=row.invitations.get(role=Role.LEADER), now=when)
        return row.leaders.get()

    def _add_member(
        self, maker: Maker, row: PledgeMaker, leader: Leader, name: str, role: Role, when: datetime
    ) -> None:
        assert leader.user
        invitation = invitations.invite(
            pledge_maker=row, email=maker.email(name), name=name, role=role, by=leader.user, now=when
        )
        accepting.accept_found(invitation=invitation, now=when + timedelta(hours=5))

    def _write_statement(self, maker: Maker, row: PledgeMaker, leader: Leader, day: date) -> Statement:
        assert leader.user
        tell, by = self._writer(maker).tell, leader.user
        draft = statements.start(pledge_maker=row, by=by, now=at(day + timedelta(days=3), 16))
        draft = statements.save(
            statement=draft,
            why=tell.text("why"),
            plans={number: tell.plan(number) for number in range(1, 8)},
            edit=draft.edit,
            by=by,
            now=at(day + timedelta(days=9), 17, 5),
        )
        signing.sign(
            statement=draft,
            leader=leader,
            name=leader.name,
            role_title=leader.role_title,
            joins_network=True,
            edit=draft.edit,
            by=by,
            now=at(day + timedelta(days=16), 9, 40),
        )
        return draft

    def _past_rounds(self) -> None:
        self._past_round(turn=0)
        self._joined_after_the_first_round()
        demo_around.correct_one(self._past_round(turn=1), self.team)

    def _past_round(self, turn: int) -> Round:
        round_ = self._round(self.dates[turn])
        for maker, (row, reporter) in self.made.items():
            # Who joined later has no first round.
            past = maker.past[turn - (2 - len(maker.past))]
            self._report(reporter, round_.entries.get(pledge_maker=row), past, turn)
        # As the clock does on the day of publication.
        count_rows()
        national.build_due(now=round_.publishes_at)
        return round_

    def _report(self, reporter: Reporter, entry: RoundEntry, past: Past, turn: int) -> None:
        if past.extended_by:
            demo_around.give_time(entry, past.extended_by, self.team)
        if not past.missing:
            reporter.report(entry, past, turn)
        entry.refresh_from_db()
        demo_around.say_beside(entry, past)

    def _round(self, dates: RoundDates) -> Round:
        by = self.team.caseworker
        round_ = rounds.create_round(
            label=dates.label,
            period_from=dates.period_from,
            period_to=dates.period_to,
            opens_on=dates.opens,
            due_on=dates.due,
            closes_on=dates.closes - timedelta(days=7),
            publishes_on=dates.publishes - timedelta(days=7),
            guidance="Write for somebody who lives in your area and has never read a board paper.",
            by=by,
            now=at(dates.opens - timedelta(days=30)),
        )
        rounds.open_round(round_=round_, by=by, now=at(dates.opens, 9))
        demo_around.move_the_close(round_, dates, self.team)
        return round_

    def _open_round(self) -> None:
        dates = self.dates[-1]
        demo_changes.carry_out((row for row, _ in self.made.values()), before=dates.opens, team=self.team)
        round_ = self._round(dates)
        demo_around.cover_one(round_, self.team)
        for maker, (row, reporter) in self.made.items():
            if maker.now:
                entry = round_.entries.get(pledge_maker=row)
                reporter.report_until(maker.now, entry, turn=2, today=self.today)
        demo_around.ask_and_give(round_, self.team, self.now)

    def _newcomers(self) -> None:
        self._sign_up(demo_makers.LATE_JOINER, self.today - timedelta(days=24))
        rounds.tend(now=self.now)
        self._sign_up(demo_makers.SIGNED_ONLY, self.today - timedelta(days=27), publish=False)
        row = self._create(demo_makers.INVITED_ONLY, self.today - timedelta(days=1))
        self._invite_leader(demo_makers.INVITED_ONLY, row, self.now - timedelta(minutes=5))

    def _owners(self) -> None:
        """The caseworker looks after most, the publisher after some, and nobody after the newest."""
        rows = [row for row, _ in self.made.values()]
        for person, theirs in ((self.team.caseworker, rows[:9]), (self.team.publisher, rows[9:-2])):
            give_to_caseworker(pledge_makers=theirs, caseworker=person, by=self.team.caseworker, now=self.now)


def _staff(person: DemoPerson, role: SynergiRole) -> User:
    user = account_for(email=person.email, name=person.name)
    User.objects.filter(pk=user.pk).update(synergi_role=role)
    user.refresh_from_db()
    demo_codes.give(user)
    return user


def _organisations() -> None:
    opened = date(2001, 4, 1)
    source = "Invented for the demonstration"
    rows = [
        Organisation(name=name, kind=kind, ods_code=code, region=region, town=town, opened_on=opened, source=source)
        for name, kind, code, region, town in _organisation_facts()
    ]
    Organisation.objects.bulk_create(rows)


def _organisation_facts() -> list[tuple[str, str, str | None, str, str]]:
    of_makers = [
        (name, kind, code, maker.region, maker.place) for maker in demo_makers.ALL for name, kind, code in maker.parts
    ]
    return [*of_makers, *demo_makers.SPARE_ORGANISATIONS]
