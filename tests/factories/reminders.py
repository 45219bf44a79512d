"""People who are owed reminders, made through the real workflow."""

from datetime import UTC, date, datetime

from progress_updates.models import Round, RoundEntry
from signatories.models import PledgeMaker, Role
from tests.factories.progress_updates import make_round
from tests.factories.signatories import make_member, make_public_pledge_maker

# A Wednesday; two days before it is a Monday.
DUE_ON = date(2026, 9, 30)
LONG_BEFORE = datetime(2026, 8, 3, 9, 0, tzinfo=UTC)
# 10:00 in London on the day of the step.
STEP_DAY = datetime(2026, 9, 28, 9, 0, tzinfo=UTC)
PEOPLE_OF_ONE = 5


def make_owing(*, people: int = 1, due_on: date = DUE_ON, label: str | None = None) -> Round:
    """A round in which so many people owe an update: each Pledge Maker has a leader and up to four others."""
    for first in range(0, people, PEOPLE_OF_ONE):
        make_maker(members=min(people - first, PEOPLE_OF_ONE) - 1)
    return make_round(label=label, due_on=due_on, now=LONG_BEFORE)


def make_maker(*, name: str | None = None, members: int = 0) -> PledgeMaker:
    """A public Pledge Maker with a leader, and coordinators and contributors in turn."""
    maker = make_public_pledge_maker(name=name, now=LONG_BEFORE)
    for number in range(members):
        role = Role.CONTRIBUTOR if number % 2 else Role.COORDINATOR
        make_member(pledge_maker=maker, role=role, now=LONG_BEFORE)
    return maker


def entry_of(maker: PledgeMaker) -> RoundEntry:
    return RoundEntry.objects.select_related("round", "pledge_maker").get(pledge_maker=maker)
