from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from jobs import timetable
from pledge_tracker.celery import app
from pledge_tracker.timetable import TIMETABLE

pytestmark = pytest.mark.django_db


def rows() -> dict[str, int]:
    return {row.name: row.interval.every for row in PeriodicTask.objects.filter(description=timetable.KEPT)}


def test_migrate_alone_makes_the_timetable():
    assert rows() == TIMETABLE


def test_every_entry_names_a_task_that_exists():
    app.loader.import_default_modules()
    assert set(TIMETABLE) - set(app.tasks) == set()


def test_writing_it_twice_changes_nothing(django_assert_num_queries):
    before = list(PeriodicTask.objects.order_by("pk").values())
    timetable.write(TIMETABLE)
    assert list(PeriodicTask.objects.order_by("pk").values()) == before


def test_a_changed_period_and_a_dropped_entry_are_followed():
    timetable.write({"jobs.tasks.heartbeat": 30, "other.task": 600})
    assert rows() == {"jobs.tasks.heartbeat": 30, "other.task": 600}
    timetable.write({"jobs.tasks.heartbeat": 45})
    assert rows() == {"jobs.tasks.heartbeat": 45}


def test_what_was_switched_off_by_hand_stays_off():
    PeriodicTask.objects.filter(name="jobs.tasks.heartbeat").update(enabled=False)
    timetable.write({"jobs.tasks.heartbeat": 30})
    assert PeriodicTask.objects.get(name="jobs.tasks.heartbeat").enabled is False


def test_rows_made_by_staff_are_left_alone():
    schedule = PeriodicTask.objects.first().interval
    PeriodicTask.objects.create(name="by hand", task="by.hand", interval=schedule)
    timetable.write(TIMETABLE)
    assert PeriodicTask.objects.filter(name="by hand").exists()


def test_the_command_shows_it():
    out = StringIO()
    call_command("timetable", stdout=out)
    assert "jobs.tasks.heartbeat  every 60 seconds" in out.getvalue()


def test_migrate_makes_the_cache_table():
    assert "shared_cache" in connection.introspection.table_names()


@pytest.mark.parametrize(("minutes", "is_running"), [(9, True), (11, False), (None, False)])
def test_beat_lives_while_it_has_started_something_lately(minutes, is_running):
    now = timezone.now()
    last = now - timedelta(minutes=minutes) if minutes else None
    PeriodicTask.objects.filter(name="jobs.tasks.heartbeat").update(last_run_at=last)
    assert timetable.is_kept(now=now) is is_running


def test_a_command_fails_when_beat_is_silent():
    with pytest.raises(CommandError, match="Beat has started nothing lately"):
        call_command("timetable", "--is-running")
    PeriodicTask.objects.filter(name="jobs.tasks.heartbeat").update(last_run_at=timezone.now())
    call_command("timetable", "--is-running")
