"""What a withdrawal or a merger means for the rounds of a Pledge Maker."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import AuditEvent
from progress_updates import after_changes, not_required, rounds, workflow
from progress_updates.lateness import public_status
from progress_updates.models import RoundEntry, State
from progress_updates.permissions import NotAllowed
from signatories.changes import Refused
from signatories.models import PledgeMaker
from tests.factories.accounts import make_caseworker
from tests.factories.progress_updates import make_entry, make_round, make_update, writer_of
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
    assert (left, words(old)) == ([], ["To be reported with New"])


def test_who_was_reported_with_it_is_reported_with_the_successor(staff):
    third, old, new = (make_public_pledge_maker(name=name, now=NOW) for name in ("Third", "Old", "New"))
    make_round(due_on=date(2026, 12, 1), now=NOW)
    entry = make_entry(pledge_maker=old, round_=RoundEntry.objects.first().round)
    RoundEntry.objects.filter(pledge_maker=third).update(why_not_required="covered", covered_by=entry)
    after_changes.merge(pledge_maker=old, successors=[new], on=TODAY, by=staff, now=NOW)
    assert words(third) == words(old) == ["To be reported with New"]
    successor = RoundEntry.objects.get(pledge_maker=new)
    moved = AuditEvent.objects.get(action="entry.covered", about_id=third.entries.get().pk)
    assert (moved.by, moved.detail) == (staff, {"covered_by": successor.pk})


def test_a_successor_that_has_signed_cannot_name_it_any_more_and_the_next_one_does(staff):
    names = ("Old", "Signed", "Free")
    old, signed, free = (make_public_pledge_maker(name=name, now=NOW) for name in names)
    round_ = make_round(due_on=date(2026, 12, 1), now=NOW)
    make_update(entry=make_entry(pledge_maker=signed, round_=round_), state=State.SUBMITTED, now=NOW)
    after_changes.merge(pledge_maker=old, successors=[signed, free], on=TODAY, by=staff, now=NOW)
    assert words(old) == ["To be reported with Free"]


def test_what_no_successor_can_report_stays_for_the_team_to_decide(staff):
    old = make_public_pledge_maker(now=NOW)
    make_round(due_on=date(2026, 12, 1), now=NOW)
    joined_later = make_public_pledge_maker(now=NOW)
    left = after_changes.merge(pledge_maker=old, successors=[joined_later], on=TODAY, by=staff, now=NOW)
    assert [entry.pledge_maker for entry in left] == [old]
    assert words(old) == ["Not due yet"]


def test_who_covers_an_owed_update_owes_it_even_if_it_joined_later(staff):
    """Otherwise a merger would silence both."""
    old = make_public_pledge_maker(name="Old", now=NOW)
    round_ = make_round(due_on=date(2026, 12, 1), now=NOW)
    new = make_public_pledge_maker(name="New", now=NOW)
    rounds.add_those_who_joined(round_=round_)
    assert words(new) == ["Not required"]
    after_changes.merge(pledge_maker=old, successors=[new], on=TODAY, by=staff, now=NOW)
    assert (words(old), words(new)) == (["To be reported with New"], ["Not due yet"])
    event = AuditEvent.objects.get(action="entry.required_again")
    assert (event.about_id, event.before["why_not_required"]) == (
        make_entry(pledge_maker=new, round_=round_).pk,
        "joined_after_opening",
    )


def with_more_time(maker: PledgeMaker) -> datetime:
    """Two weeks after its only round has closed, and an extension of a month more."""
    round_ = make_round(label="Spring", due_on=date(2026, 3, 31), now=NOW - timedelta(days=300))
    closed = round_.closes_at + timedelta(days=14)
    maker.entries.update(extended_to=closed + timedelta(days=30))
    return closed


def test_who_withdraws_or_merges_in_an_extension_beyond_the_close_owes_nothing_either(staff):
    gone, old, new = (make_public_pledge_maker(name=name, now=NOW - timedelta(days=400)) for name in "GON")
    now = with_more_time(gone)
    RoundEntry.objects.update(extended_to=now + timedelta(days=30))
    after_changes.withdraw(pledge_maker=gone, on=now.date(), note="N", by=staff, now=now)
    after_changes.merge(pledge_maker=old, successors=[new], on=now.date(), by=staff, now=now)
    assert (words(gone, now), words(old, now)) == (["Withdrawn from the pledge"], ["To be reported with N"])


def test_a_withdrawal_is_undone_while_the_extension_lasts_and_not_after(staff):
    maker = make_public_pledge_maker(now=NOW - timedelta(days=400))
    now = with_more_time(maker)
    after_changes.withdraw(pledge_maker=maker, on=now.date(), note="N", by=staff, now=now)
    with pytest.raises(Refused, match="Spring has closed without it"):
        after_changes.undo_withdrawal(pledge_maker=maker, by=staff, now=now + timedelta(days=31))
    maker.refresh_from_db()
    after_changes.undo_withdrawal(pledge_maker=maker, by=staff, now=now)
    assert words(maker, now) == [f"Extension to {now + timedelta(days=30):%-d %B %Y}"]


@pytest.mark.parametrize("leaves", ["withdraws", "merges"])
def test_who_was_to_be_reported_with_one_that_leaves_is_asked_itself(staff, leaves):
    lead, carried = (make_public_pledge_maker(name=name, now=NOW) for name in ("Lead", "Carried"))
    make_round(due_on=date(2026, 12, 1), now=NOW)
    entry, covered = lead.entries.get(), carried.entries.get()
    not_required.cover(entry=covered, by_entry=entry, by=staff, now=NOW)
    if leaves == "withdraws":
        after_changes.withdraw(pledge_maker=lead, on=TODAY, note="N", by=staff, now=NOW)
    else:  # its successor is not in the round
        after_changes.merge(
            pledge_maker=lead, successors=[make_public_pledge_maker(now=NOW)], on=TODAY, by=staff, now=NOW
        )
    assert words(carried) == ["Not due yet"]
    assert AuditEvent.objects.get(action="entry.required_again").about_id == covered.pk


def test_what_was_reported_with_one_that_left_stays_reported(staff):
    update = make_update(state=State.SUBMITTED, now=NOW)
    carried = make_public_pledge_maker(now=NOW)
    RoundEntry.objects.create(
        round=update.entry.round,
        pledge_maker=carried,
        due_at=update.entry.due_at,
        why_not_required="covered",
        covered_by=update.entry,
    )
    maker = update.entry.pledge_maker
    after_changes.withdraw(pledge_maker=maker, on=TODAY, note="N", by=staff, now=NOW)
    assert words(carried) == [f"Reported with {maker.name}"]


@pytest.mark.parametrize("left", [{"withdrawn_on": TODAY}, {"merged_on": TODAY}])
def test_who_left_cannot_recall_what_was_sent(left):
    """It would owe again what nobody asks for."""
    update = make_update(state=State.SUBMITTED, now=NOW)
    PledgeMaker.objects.filter(pk=update.entry.pledge_maker_id).update(**left)
    with pytest.raises(NotAllowed, match=r"has withdrawn or merged\. What it sent stays as it is"):
        workflow.recall(update=update, by=writer_of(update.entry.pledge_maker), now=NOW)
    assert words(update.entry.pledge_maker) == ["Received on time"]


def test_the_next_round_asks_nothing_of_who_went_up_in_another(staff):
    old, new, gone = (make_public_pledge_maker(now=NOW) for _ in range(3))
    after_changes.merge(pledge_maker=old, successors=[new], on=TODAY, by=staff, now=NOW)
    after_changes.withdraw(pledge_maker=gone, on=TODAY, note="N", by=staff, now=NOW)
    make_round(due_on=date(2026, 12, 1), now=NOW)
    rounds.tend(now=NOW)
    assert (words(old), words(new), words(gone)) == ([], ["Not due yet"], ["Withdrawn from the pledge"])
