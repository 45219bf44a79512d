"""Processes of our own beside the tests: a Celery worker, gunicorn, management commands.

They use the test's database and Redis, so a test that starts one needs real commits
(`transactional_db`, `live_server`), which the fixtures below ask for.
"""

import contextlib
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from tests.servers import die_with_parent, free_port
from tests.waiting import wait_until


class Child:
    """A process in a session of its own, with its output in a file."""

    def __init__(self, *command: str, log: Path, **environment: str) -> None:
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=settings.BASE_DIR,
                env={**os.environ, **test_environment(), **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(signal.SIGTERM),
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_until(self, ready: Callable[[], bool], *, what: str) -> None:
        """Fails at once, with its last words, when the process ends before it is ready."""

        def ready_or_dead() -> bool:
            assert self.process.poll() is None, f"It ended:\n{self.said()}"
            return ready()

        wait_until(ready_or_dead, what=what)

    def stop(self) -> int:
        """Asks it to stop and waits; whatever of its session is left afterwards is killed."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(15)
        finally:
            self.kill()

    def kill(self) -> None:
        """kill -9 for it and its children, at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()


def test_environment() -> dict[str, str]:
    """The environment that points another process at this test's database."""
    name = connection.settings_dict["NAME"]
    return {"DATABASE_URL": urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()}


test_environment.__test__ = False  # type: ignore[attr-defined]


@pytest.fixture
def start_child(transactional_db: None, tmp_path: Path) -> Iterator[Callable[..., Child]]:
    """start_child("pledge_tracker...", "argument", NAME="value"): runs `python -m ...`, stopped at the end."""
    children: list[Child] = []

    def start(*command: str, **environment: str) -> Child:
        child = Child(*command, log=tmp_path / f"child-{len(children)}.log", **environment)
        children.append(child)
        return child

    yield start
    for child in children:
        child.stop()


@pytest.fixture
def celery_worker_process(start_child: Callable[..., Child]) -> Callable[..., Child]:
    """celery_worker_process(EMAIL_URL=smtp_sink.url): a real worker, ready when it returns; kill() is -9."""

    def start(**environment: str) -> Child:
        worker = start_child("celery", "-A", "pledge_tracker", "worker", "--concurrency=2",
                             "--loglevel=INFO", "--without-gossip", "--without-mingle", **environment)  # fmt: skip
        worker.wait_until(lambda: " ready." in worker.said(), what="the worker says that it is ready")
        return worker

    return start


@pytest.fixture
def gunicorn_site(start_child: Callable[..., Child]) -> Callable[..., str]:
    """gunicorn_site(REDIS_URL="..."): the site as production serves it; returns its address."""

    def start(**environment: str) -> str:
        address = f"http://127.0.0.1:{free_port()}"
        site = start_child("gunicorn", "pledge_tracker.wsgi", f"--bind={address.removeprefix('http://')}",
                           "--worker-class=gthread", "--threads=4", **{"SITE_URL": address, **environment})  # fmt: skip
        site.wait_until(lambda: answers(f"{address}/health/live"), what="the site answers")
        return address

    return start


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False
