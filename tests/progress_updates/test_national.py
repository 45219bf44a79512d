"""The figures of the national report, counted by hand for one round in which everything happens once."""

from copy import deepcopy

import pytest
from django.utils import timezone

from progress_updates import national, statistics
from progress_updates.models import ProgressUpdate, Rating, RoundEntry
from progress_updates.national import Change, Counted, StepsKept
from tests.factories.national import report_on, told_once
from tests.factories.progress_updates import make_entry, make_round
from tests.factories.signatories import make_public_pledge_maker

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def told(django_db_setup, django_db_blocker):
    yield from told_once(django_db_blocker)


@pytest.fixture
def scene(told, db):
    return deepcopy(told)


def kept(scene) -> StepsKept:
    answered = [s for _r, content in national.read_all(national.records_query(scene.round)) for s in
                national.said_of_steps(content)]  # fmt: skip
    silent = [s for _r, content in national.read_all(national.earlier_records_query(scene.round)) for s in
              national.unanswered_steps(content)]  # fmt: skip
    unread = [s for _r, content in national.read_all(national.unread_records_query(scene.round)) for s in
              national.unanswered_steps(content, national.NOT_PUBLISHED)]  # fmt: skip
    return national.steps_kept(answered, silent + unread)


def test_statuses_count_every_pledge_maker_once(scene):
    found = statistics.round_summary(scene.round, scene.now).counts
    assert found == {
        "on_time": 2, "late": 1, "extension": 1, "not_received": 1, "not_due_yet": 0,
        "reported_with": 1, "not_required": 1, "withdrawn": 1,
    }  # fmt: skip


def test_leaders_pledge_makers_and_organisations_are_counted_apart(scene):
    """Eight Pledge Makers less the withdrawn one; one of them is made of two organisations."""
    assert national.who_signed(scene.now) == Counted(leaders=7, pledge_makers=7, organisations=8)


def test_an_update_speaks_for_whom_it_covers_too(scene):
    """Early, late and waiting sent theirs; covered reported with early. Publication does not matter here."""
    assert national.who_reported(scene.round, scene.now) == Counted(leaders=4, pledge_makers=4, organisations=5)


def test_a_leader_who_left_is_counted_until_the_last_day(scene):
    day = timezone.localdate(scene.now)
    leaders = scene.makers["late"].leaders
    leaders.update(until_on=day)
    assert national.who_signed(scene.now).leaders == 7
    leaders.update(until_on=day.replace(year=day.year - 1), from_on=day.replace(year=day.year - 2))
    assert national.who_signed(scene.now).leaders == 6


def test_an_organisation_of_two_pledge_makers_is_counted_once(scene):
    shared = scene.makers["early"].organisations.first()
    scene.makers["late"].parts.create(organisation=shared, joined_on=timezone.localdate(scene.now))
    assert national.who_signed(scene.now).organisations == 8


def test_ratings_come_from_published_updates_only(scene):
    """Early prioritised, late delivered; waiting is accepted and not published."""
    first = statistics.ratings_by_objective(scene.round)[0]
    assert first.counts == {"not_started": 0, "responded_to": 0, "prioritised": 1, "delivered": 1}


def test_a_withheld_update_gives_neither_ratings_nor_records(scene):
    ProgressUpdate.objects.filter(pk=scene.updates["late"].pk).update(withheld_at=scene.now)
    first = statistics.ratings_by_objective(scene.round)[0]
    assert (first.counts["delivered"], first.total) == (0, 1)
    assert [record.update for record in national.records_query(scene.round)] == [scene.updates["early"]]


def test_change_compares_only_who_rated_in_both_rounds(scene):
    changes = national.changes_since(scene.round, scene.before)
    assert changes.pledge_makers == 1
    assert changes.objectives == [Change(number, further=1, same=0, back=0) for number in range(1, 8)]


def test_a_step_back_and_no_step_are_told_apart(scene):
    later = make_round(label="Round 3", now=scene.now)
    for name, rating in (("early", Rating.PRIORITISED), ("late", Rating.NOT_STARTED)):
        report_on(make_entry(pledge_maker=scene.makers[name], round_=later), now=scene.now, rating=rating)
    changes = national.changes_since(later, scene.round)
    assert changes.pledge_makers == 2
    assert changes.objectives[6] == Change(7, further=0, same=1, back=1)
    assert changes.objectives[6].compared == 2


def test_the_round_before_is_the_latest_in_which_somebody_published(scene):
    empty = make_round(label="Round 3", now=scene.now)
    assert national.round_before(empty) == scene.round
    assert national.round_before(scene.round) == scene.before
    assert national.round_before(scene.before) is None


def test_promises_are_counted_by_what_became_of_them(scene):
    """Early had eight open steps and told of each by turns; silent had eight and said nothing; late had none."""
    assert kept(scene) == StepsKept(done=3, going_on=3, dropped=2, not_published=0, nothing_said=8, without_update=8)
    assert kept(scene).total == 16


def test_promises_of_who_owes_nothing_are_not_counted_as_silence(scene):
    entry = scene.entry("silent")
    entry.why_not_required = "withdrawn"
    entry.save()
    assert kept(scene) == StepsKept(done=3, going_on=3, dropped=2, not_published=0, nothing_said=0, without_update=0)


def test_promises_with_an_answer_that_cannot_be_read_are_not_counted_as_silence(scene):
    """Silent's update is received and not published yet; that of early is withheld."""
    RoundEntry.objects.filter(pk=scene.entry("silent").pk).update(received_at=scene.now)
    ProgressUpdate.objects.filter(pk=scene.updates["early"].pk).update(withheld_at=scene.now)
    assert kept(scene) == StepsKept(done=0, going_on=0, dropped=0, not_published=16, nothing_said=0, without_update=0)


def test_a_correction_replaces_the_first_version(scene):
    first = scene.updates["late"]
    first.version, second = 1, first
    copy = ProgressUpdate.objects.get(pk=first.pk)
    copy.pk, copy.version, copy.correction_note = None, 2, "A figure was wrong."
    copy.save()
    for answer in first.answers.all():
        answer.pk, answer.update = None, copy
        answer.rating = answer.rating and Rating.NOT_STARTED
        answer.save()
    snapshot = second.snapshots.latest()
    snapshot.pk, snapshot.update = None, copy
    snapshot.save()
    assert statistics.ratings_by_objective(scene.round)[0].counts["not_started"] == 1
    assert [record.update_id for record in national.records_query(scene.round)] == [scene.updates["early"].pk, copy.pk]


@pytest.mark.parametrize("more", [0, 2, 9])
def test_figures_take_the_same_queries_however_many_pledge_makers(scene, django_assert_num_queries, more):
    for _ in range(more):
        make_public_pledge_maker(now=scene.now)
    with django_assert_num_queries(6):
        national.who_signed(scene.now)
        national.who_reported(scene.round, scene.now)
    with django_assert_num_queries(2):
        national.changes_since(scene.round, scene.before)


def test_several_rounds_are_summed_up_in_two_queries(scene, django_assert_num_queries):
    rounds = statistics.Round.objects.opened().newest_first()
    with django_assert_num_queries(2):
        summaries = statistics.summaries_of(rounds, scene.now)
    assert summaries == [statistics.round_summary(each, scene.now) for each in (scene.round, scene.before)]
