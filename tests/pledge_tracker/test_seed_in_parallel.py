"""Filling a large database on every core: all parts are done, and a part that fails is not passed over."""

import pytest
from django.db import transaction

from jobs import heartbeat
from jobs.models import Heartbeat
from pledge_tracker.seeding.parallel import PartFailed, on_every_core
from tests.factories.mail import NOW


def note(name: str) -> None:
    heartbeat.beat(name=name, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_every_part_is_done_by_some_process(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    on_every_core(note, ["a", "b", "c"])
    assert set(Heartbeat.objects.values_list("name", flat=True)) >= {"a", "b", "c"}


@pytest.mark.django_db(transaction=True)
def test_a_part_that_fails_is_told(monkeypatch, capfd):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    with pytest.raises(PartFailed):
        on_every_core(lambda part: 1 / part, [0, 1])
    assert "ZeroDivisionError" in capfd.readouterr().err


@pytest.mark.django_db
def test_inside_a_transaction_one_part_comes_after_the_other():
    done = []
    with transaction.atomic():
        on_every_core(done.append, [1, 2, 3])
    assert done == [1, 2, 3]
