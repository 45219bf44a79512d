"""Invented data in bulk, and the command: the same rows as real use would leave."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction

from accounts.models import AuditEvent
from mail.models import Message
from pledge_tracker.seeding import bulk, names
from pledge_tracker.seeding.dates import rounds_until
from progress_updates import snapshots, workflow
from progress_updates.completeness import what_is_missing
from progress_updates.models import AnswerVersion, ProgressUpdate, Round, State
from signatories.models import Leader, PledgeMaker

NOW = datetime(2026, 11, 22, 11, 0, tzinfo=ZoneInfo("Europe/London"))


def test_the_same_seed_tells_the_same(db):
    assert _told(seed=1) == _told(seed=1)
    assert _told(seed=1) != _told(seed=2)


def _told(seed):
    with transaction.atomic():
        bulk.fill(makers=2, rounds=2, now=NOW, seed=seed, say=lambda words: None)
        versions = AnswerVersion.objects.order_by("pk")
        told = list(versions.values_list("text", "rating", "saved_at", "saved_by__email"))
        transaction.set_rollback(True)
    assert len(told) >= 24
    return told


@pytest.fixture
def in_bulk(db):
    bulk.fill(makers=12, rounds=4, now=NOW, seed=1, say=lambda words: None)


def test_bulk_makes_as_many_as_are_asked_for(in_bulk):
    assert PledgeMaker.objects.published().count() == 12
    assert Leader.objects.count() == 12
    assert [round_.entries.count() for round_ in Round.objects.all()] == [12, 12, 12, 12]
    assert Round.objects.newest_first().first().is_open(NOW)


def test_bulk_snapshots_are_what_the_workflow_would_have_stored(in_bulk):
    sent = list(ProgressUpdate.objects.exclude(signed_by=None))
    assert len(sent) > 30
    for update in sent:
        snapshot = update.snapshots.latest()
        assert snapshot.is_intact()
        assert bytes(snapshot.body) == snapshots.canonical(snapshots.content_of(update))


def test_bulk_updates_are_complete_and_rightly_received(in_bulk):
    for update in ProgressUpdate.objects.exclude(signed_by=None):
        assert what_is_missing(update) == []
        assert update.entry.received_at == workflow.first_counted(update.entry)


def test_bulk_history_leads_step_by_step_to_the_state(in_bulk):
    for update in ProgressUpdate.objects.all():
        state = State.DRAFT
        for change in update.changes.all():
            assert state in workflow.STEPS[change.action].sources
            assert (change.from_state, change.to_state) == (state, workflow.STEPS[change.action].target)
            state = change.to_state
        assert state == update.state
        trail = AuditEvent.objects.filter(about_kind="progress_updates.progressupdate", about_id=update.pk)
        assert trail.count() == update.changes.count()


def test_bulk_answers_stand_as_their_latest_version(in_bulk):
    for update in ProgressUpdate.objects.all():
        assert update.answers.count() == update.entry.round.questions.count()
        for answer in update.answers.exclude(version=0):
            [version] = answer.versions.all()
            assert (version.text, version.rating, version.saved_at) == (answer.text, answer.rating, answer.saved_at)
            steps = list(update.next_steps.filter(question=answer.question).values_list("what", flat=True))
            assert [step["what"] for step in version.next_steps] == steps


def test_bulk_queues_no_mail(in_bulk):
    assert not Message.objects.exists()


def test_invented_names_never_run_out():
    assert len({names.trust(index) for index in range(25_000)}) == 25_000


def test_dates_follow_today():
    dates = rounds_until(NOW.date(), 3)
    assert [one.label for one in dates] == ["Round 1, autumn 2025", "Round 2, spring 2026", "Round 3, winter 2026"]
    assert all(one.opens < one.due < one.closes < one.publishes for one in dates)


# --- The command ------------------------------------------------------------------------------------------


def test_the_command_says_what_it_made(db, capsys):
    call_command("seed", "--pledge-makers", "2", "--rounds", "1")
    assert capsys.readouterr().out.splitlines()[-1].startswith("2 Pledge Makers, 1 rounds, ")


@pytest.mark.parametrize("arguments", [["--demo"], ["--pledge-makers", "1", "--rounds", "1"]])
def test_a_database_in_use_is_left_alone(db, arguments):
    call_command("seed", "--pledge-makers", "1", "--rounds", "0")
    with pytest.raises(CommandError, match="goes into an empty database"):
        call_command("seed", *arguments)
    assert PledgeMaker.objects.count() == 1


def test_negative_numbers_are_refused(db):
    with pytest.raises(CommandError, match="cannot be negative"):
        call_command("seed", "--pledge-makers", "-1")
