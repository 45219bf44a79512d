"""What a withdrawal or a merger means for the rounds of a Pledge Maker."""

from datetime import UTC, date, datetime, timedelta

import pytest

from progress_updates import after_changes, rounds
from progress_updates.lateness import public_status
from progress_updates.models import RoundEntry, State
from signatories.changes import Refused
from signatories.models import PledgeMaker
from tests.factories.accounts import make_caseworker
from tests.factories.progress_updates import make_entry, make_round, make_update
from tests.factories.signatories import make_public_pledge_maker

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(db):
    return make_caseworker()


def words(maker: PledgeMaker, now: datetime = NOW) -> list[str]:
    """What the public reads in each round, newest first."""
    entries = maker.entries.select_related("round", "covered_by__pledge_maker").order_by("-round__due_at")
    return [public_status(entry, now).words for entry in entries]


def two_rounds() -> None:
    """One that is closed, one that is open."""
    make_round(label="Spring", due_on=date(2026, 3, 31), now=NOW - timedelta(days=300))
    make_round(label="Autumn", due_on=date(2026, 12, 1), now=NOW)


def test_who_withdraws_owes_nothing_in_open_rounds_and_keeps_the_closed_ones(staff):
    maker = make_public_pledge_maker(now=NOW - timedelta(days=400))
    two_rounds()
    freed = after_changes.withdraw(pledge_maker=maker, on=TODAY, note="N", by=staff, now=NOW)
    assert [entry.round.label for entry in freed] == ["Autumn"]
    assert words(maker) == ["Withdrawn from the pledge", "Not received"]


def test_what_was_received_stays_received(staff):
    update = make_update(state=State.SUBMITTED, now=NOW)
    maker = update.entry.pledge_maker
    assert after_changes.withdraw(pledge_maker=maker, on=TODAY, note="N", by=staff, now=NOW) == []
    assert words(maker) == ["Received on time"]


def test_an_undone_withdrawal_asks_again(staff):
    maker = make_public_pledge_maker(now=NOW - timedelta(days=400))
    two_rounds()
    after_changes.withdraw(pledge_maker=maker, on=TODAY, note="N", by=staff, now=NOW)
    after_changes.undo_withdrawal(pledge_maker=maker, by=staff, now=NOW)
    assert words(maker) == ["Not due yet", "Not received"]


def test_a_withdrawal_is_not_undone_once_a_round_closed_without_it(staff):
    maker = make_public_pledge_maker(now=NOW)
    make_round(label="Autumn", due_on=date(2026, 12, 1), now=NOW)
    after_changes.withdraw(pledge_maker=maker, on=TODAY, note="N", by=staff, now=NOW)
    with pytest.raises(Refused, match="Autumn has closed without it"):
        after_changes.undo_withdrawal(pledge_maker=maker, by=staff, now=NOW + timedelta(days=90))
    maker.refresh_from_db()
    assert maker.withdrawn_on == TODAY


def test_who_goes_up_in_another_is_reported_with_it(staff):
    old, new = make_public_pledge_maker(name="Old", now=NOW), make_public_pledge_maker(name="New", now=NOW)
    make_round(due_on=date(2026, 12, 1), now=NOW)
    left = after_changes.merge(pledge_maker=old, successors=[new], on=TODAY, by=staff, now=NOW)
    assert (left, words(old)) == ([], ["Reported with New"])


def test_who_was_reported_with_it_is_reported_with_the_successor(staff):
    third, old, new = (make_public_pledge_maker(name=name, now=NOW) for name in ("Third", "Old", "New"))
    make_round(due_on=date(2026, 12, 1), now=NOW)
    entry = make_entry(pledge_maker=old, round_=RoundEntry.objects.first().round)
    RoundEntry.objects.filter(pledge_maker=third).update(why_not_required="covered", covered_by=entry)
    after_changes.merge(pledge_maker=old, successors=[new], on=TODAY, by=staff, now=NOW)
    assert words(third) == words(old) == ["Reported with New"]


def test_a_successor_that_has_signed_cannot_name_it_any_more_and_the_next_one_does(staff):
    names = ("Old", "Signed", "Free")
    old, signed, free = (make_public_pledge_maker(name=name, now=NOW) for name in names)
    round_ = make_round(due_on=date(2026, 12, 1), now=NOW)
    make_update(entry=make_entry(pledge_maker=signed, round_=round_), state=State.SUBMITTED, now=NOW)
    after_changes.merge(pledge_maker=old, successors=[signed, free], on=TODAY, by=staff, now=NOW)
    assert words(old) == ["Reported with Free"]


def test_what_no_successor_can_report_stays_for_the_team_to_decide(staff):
    old = make_public_pledge_maker(now=NOW)
    make_round(due_on=date(2026, 12, 1), now=NOW)
    joined_later = make_public_pledge_maker(now=NOW)
    left = after_changes.merge(pledge_maker=old, successors=[joined_later], on=TODAY, by=staff, now=NOW)
    assert [entry.pledge_maker for entry in left] == [old]
    assert words(old) == ["Not due yet"]


def test_the_next_round_asks_nothing_of_who_went_up_in_another(staff):
    old, new, gone = (make_public_pledge_maker(now=NOW) for _ in range(3))
    after_changes.merge(pledge_maker=old, successors=[new], on=TODAY, by=staff, now=NOW)
    after_changes.withdraw(pledge_maker=gone, on=TODAY, note="N", by=staff, now=NOW)
    make_round(due_on=date(2026, 12, 1), now=NOW)
    rounds.tend(now=NOW)
    assert (words(old), words(new), words(gone)) == ([], ["Not due yet"], ["Withdrawn from the pledge"])
