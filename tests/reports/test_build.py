"""Documents are made for what is published: claimed, built, marked, tried again, given up with a reason."""

import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.models import AuditEvent
from progress_updates import workflow
from progress_updates.models import ProgressUpdate
from progress_updates.models import State as UpdateState
from reports import build, statistics, tasks
from reports.models import Document, State
from tests.factories.accounts import make_caseworker, make_publisher
from tests.factories.progress_updates import make_update
from tests.factories.reports import make_document, make_published

pytestmark = pytest.mark.django_db


@pytest.fixture
def no_typefaces(settings, tmp_path):
    """Nothing can be rendered: the typefaces are not built."""
    settings.STATICFILES_DIRS = [tmp_path / "nothing"]


def test_what_is_published_gets_a_whole_document(media):
    now = timezone.now()
    update = make_published(now=now)
    assert build.build_missing(now=now) == 1
    document = Document.objects.get()
    assert (document.snapshot.update, document.state, document.error) == (update, State.READY, "")
    content = (media / document.file).read_bytes()
    assert (content[:5], len(content)) == (b"%PDF-", document.bytes)


@pytest.mark.parametrize("state", [s for s in UpdateState if s != UpdateState.PUBLISHED])
def test_what_is_not_published_gets_none(state):
    make_update(state=state)
    assert build.build_missing(now=timezone.now()) == 0
    assert not Document.objects.exists()


def test_a_withheld_update_gets_none():
    update = make_published()
    ProgressUpdate.objects.filter(pk=update.pk).update(withheld_at=timezone.now())
    assert build.build_missing(now=timezone.now()) == 0


def test_a_second_run_makes_nothing_and_asks_twice(django_assert_num_queries):
    make_published()
    build.build_missing(now=timezone.now())
    with django_assert_num_queries(2):
        assert build.build_missing(now=timezone.now()) == 0


def test_a_worker_leaves_it_to_another_who_is_at_it():
    make_published()
    now = timezone.now()
    build.plan(now=now)
    Document.objects.update(state=State.BUILDING, lease_until=now + build.LEASE, attempts=1)
    assert tasks.build_missing() == 0
    assert Document.objects.get().state == State.BUILDING
    assert build.release_all(now=now) == 1
    assert tasks.build_missing() == 1
    assert Document.objects.get().state == State.READY


def test_what_was_signed_last_is_what_is_made():
    """An update that was returned and signed again has two records; the public reads the second."""
    update = make_update(state=UpdateState.RETURNED)
    from tests.factories.progress_updates import leader_of, take, writer_of

    maker, now = update.entry.pledge_maker, timezone.now() + timedelta(minutes=1)
    for step in ("ask_for_signature", "sign", "start_review", "accept", "publish"):
        take(step, update, writer=writer_of(maker), leader=leader_of(maker), now=now)
    build.build_missing(now=now)
    assert update.snapshots.count() == 2
    assert [document.snapshot for document in Document.objects.all()] == [update.snapshots.latest()]


def test_undoing_the_publication_stops_a_document_that_waits():
    update = make_published()
    make_document(update=update)
    workflow.undo_publication(update=update, by=make_publisher(), now=timezone.now())
    assert build.build_missing(now=timezone.now()) == 0


def test_a_failed_attempt_waits_says_why_and_is_tried_again(no_typefaces):
    now = timezone.now()
    make_published(now=now)
    build.build_missing(now=now)
    document = Document.objects.get()
    assert (document.state, document.attempts) == (State.WAITING, 1)
    assert document.error == "The typefaces are not built. Run: make assets"
    assert document.next_attempt_at >= now + build.BACKOFF[0]
    build.build_missing(now=now + timedelta(seconds=1))
    document.refresh_from_db()
    assert document.attempts == 1


def test_after_the_last_attempt_it_has_failed_for_good(no_typefaces):
    now = timezone.now()
    make_published(now=now)
    for attempt in range(build.MAX_ATTEMPTS + 2):
        build.build_missing(now=now + timedelta(hours=attempt))
    document = Document.objects.get()
    assert (document.state, document.attempts) == (State.FAILED, build.MAX_ATTEMPTS)
    assert document.error == "The typefaces are not built. Run: make assets"


def test_staff_try_a_failed_document_again():
    staff, now = make_caseworker(), timezone.now()
    document = make_document(state=State.FAILED, error="It took longer than 60 seconds.", attempts=3)
    build.retry(document=document, by=staff, now=now)
    assert build.build_missing(now=now) == 1
    document.refresh_from_db()
    assert (document.state, document.error, document.retried_by) == (State.READY, "", staff)
    assert AuditEvent.objects.filter(action="document.retried", by=staff, about_id=document.pk).count() == 1


@pytest.mark.parametrize("state", [State.WAITING, State.READY])
def test_only_what_failed_can_be_tried_again(state):
    document = make_document()
    if state == State.READY:
        build.build_missing(now=timezone.now())
    with pytest.raises(build.CannotRetry):
        build.retry(document=document, by=make_caseworker(), now=timezone.now())


def test_a_builder_that_died_leaves_its_work_to_another_once_the_lease_is_over():
    now = timezone.now()
    document = make_document(now=now, state=State.BUILDING, attempts=1, lease_until=now + timedelta(minutes=1))
    assert build.build_missing(now=now) == 0
    assert build.build_missing(now=now + timedelta(minutes=2)) == 1
    document.refresh_from_db()
    assert document.attempts == 2


def test_a_text_that_kills_every_builder_fails_with_a_reason():
    now = timezone.now()
    document = make_document(now=now, state=State.BUILDING, attempts=build.MAX_ATTEMPTS, lease_until=now)
    assert build.build_missing(now=now) == 0
    document.refresh_from_db()
    assert document.state == State.FAILED
    assert document.error == "The program that makes the PDF stopped in the middle of every attempt."


def test_a_full_disk_is_a_reason(media):
    make_published()
    media.parent.joinpath("media").write_text("a file where the folder should be")
    build.build_missing(now=timezone.now())
    assert Document.objects.get().error.startswith("The file could not be stored:")


@pytest.mark.django_db(transaction=True)
def test_two_builders_make_one_document():
    now = timezone.now()
    make_published(now=now)
    made = []

    def run() -> None:
        made.append(build.build_missing(now=now))
        connection.close()

    builders = [threading.Thread(target=run) for _ in range(2)]
    [each.start() for each in builders]
    [each.join() for each in builders]
    assert sorted(made) == [0, 1]
    assert Document.objects.get().attempts == 1


def test_a_lost_or_cut_file_is_made_again_by_the_command(media, capsys):
    make_published()
    build.build_missing(now=timezone.now())
    path = Document.objects.get().path
    path.write_bytes(path.read_bytes()[:1000])
    call_command("build_reports")
    assert capsys.readouterr().out == "Made: 1. Waiting: 0. Being made: 0. Failed: 0.\n"
    assert Document.objects.get().is_whole()


def test_the_task_makes_what_is_missing():
    make_published()
    assert tasks.build_missing() == 1


def test_the_figures_count_what_is_planned_and_what_is_not_yet():
    now = timezone.now()
    make_document(now=now)
    make_document(now=now, state=State.FAILED, error="It took too much computing time.")
    make_published(now=now)
    later = statistics.summary(now + timedelta(minutes=5))
    assert later == statistics.Summary(
        waiting=2, building=0, ready=0, failed=1, oldest_waiting_age=timedelta(minutes=5)
    )


def test_the_figures_take_two_queries(django_assert_num_queries):
    make_document()
    with django_assert_num_queries(2):
        statistics.summary(timezone.now())
