"""A broker that refuses or hangs costs a second or two, once; the work is found later in the rows."""

import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery
from django.db import transaction
from django.utils import timezone

from jobs import heartbeat, tasks, waking
from tests.servers import free_port, redis_answers
from tests.waiting import wait_until


@pytest.fixture
def hanging_address() -> Iterator[str]:
    """A Redis that accepts and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


class OwnRedis:
    """A Redis that a test may kill and start again on the same port."""

    def __init__(self, folder: Path) -> None:
        self.port, self.folder = free_port(), folder
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--save", "", "--dir", str(self.folder)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_until(lambda: redis_answers(self.port), what="Redis answers")

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[OwnRedis]:
    server = OwnRedis(tmp_path)
    yield server
    server.kill()


def task_on(broker: str):
    """The heartbeat task of an application like ours, with another broker."""
    app = Celery("elsewhere", set_as_current=False)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    app.conf.broker_url = broker
    return app.task(tasks.heartbeat.run, name=tasks.heartbeat.name)


def seconds_of(call, *args) -> tuple[object, float]:
    start = time.monotonic()
    return call(*args), time.monotonic() - start


def queued(redis_client) -> int:
    return redis_client.llen("celery")


def test_a_wake_reaches_the_broker(redis_client):
    assert waking.publish(tasks.heartbeat)
    assert queued(redis_client) == 1


def test_a_broker_that_refuses_costs_less_than_two_seconds():
    answer, seconds = seconds_of(waking.publish, task_on(f"redis://127.0.0.1:{free_port()}/0"))
    assert answer is False
    assert seconds < 2


def test_a_broker_that_hangs_costs_less_than_two_seconds(hanging_address):
    answer, seconds = seconds_of(waking.publish, task_on(hanging_address))
    assert answer is False
    assert seconds < 2


def test_after_a_failure_the_broker_is_left_alone_for_a_while(hanging_address, redis_client):
    _, at_first = seconds_of(waking.publish, task_on(hanging_address))
    answer, seconds = seconds_of(waking.publish, tasks.heartbeat)
    assert answer is False
    assert seconds < at_first / 4
    assert queued(redis_client) == 0


def test_when_the_rest_is_over_wakes_work_again(hanging_address, redis_client):
    waking.publish(task_on(hanging_address))
    waking.end_rest()
    assert waking.publish(tasks.heartbeat)
    assert queued(redis_client) == 1


@pytest.mark.servers
def test_a_worker_outlives_an_outage_of_redis(own_redis, celery_worker_process):
    own_redis.start()
    worker = celery_worker_process(REDIS_URL=own_redis.url)
    own_redis.kill()
    worker.wait_until(lambda: "Connection to broker lost" in worker.said(), what="the worker misses Redis")
    own_redis.start()
    task = task_on(own_redis.url)
    wait_until(lambda: waking.publish(task) or waking.end_rest(), what="Redis takes messages again")
    wait_until(
        lambda: heartbeat.age(name=heartbeat.WORKER, now=timezone.now()) is not None,
        what="the worker works again",
    )


@pytest.mark.django_db(transaction=True)
def test_nobody_is_woken_before_the_transaction_is_committed(redis_client):
    with transaction.atomic():
        waking.wake(tasks.heartbeat)
        assert queued(redis_client) == 0
    assert queued(redis_client) == 1


@pytest.mark.django_db(transaction=True)
def test_nobody_is_woken_for_what_was_rolled_back(redis_client):
    with transaction.atomic():
        waking.wake(tasks.heartbeat)
        transaction.set_rollback(True)
    assert queued(redis_client) == 0
