from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from jobs import heartbeat, tasks
from jobs.models import Heartbeat

NOW = timezone.now()


def test_something_that_never_ran_has_no_age(db):
    assert heartbeat.age(name="planner", now=NOW) is None


def test_the_last_beat_counts(db):
    heartbeat.beat(name="planner", now=NOW - timedelta(hours=1), detail="planned 3")
    heartbeat.beat(name="planner", now=NOW - timedelta(minutes=2), detail="planned 0")
    assert heartbeat.age(name="planner", now=NOW) == timedelta(minutes=2)
    assert [row.detail for row in Heartbeat.objects.all()] == ["planned 0"]


def test_an_overlong_detail_is_cut_not_refused(db):
    heartbeat.beat(name="planner", now=NOW, detail="x" * 500)
    assert len(Heartbeat.objects.get().detail) == 200


def test_a_name_has_one_row(db):
    Heartbeat.objects.create(name="planner", at=NOW)
    with pytest.raises(IntegrityError, match="one_heartbeat_per_name"):
        Heartbeat.objects.create(name="planner", at=NOW)


def test_the_task_beats_for_the_worker(db):
    tasks.heartbeat()
    assert heartbeat.age(name=heartbeat.WORKER, now=timezone.now()) < timedelta(seconds=5)
