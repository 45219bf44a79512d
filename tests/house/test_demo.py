"""The demonstration starts, heals, stops and leaves nothing running."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from pledge_tracker import demo
from pledge_tracker.demo_people import DEMO_PEOPLE
from pledge_tracker.supervisor import Child
from tests.servers import free_port
from tests.waiting import wait_until

pytestmark = pytest.mark.servers
# A parent with a helper; the helper would live on when only the parent is killed.
FAMILY = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
)


class Watched:
    """A supervisor in another process with one child; what it said is in a file."""

    def __init__(self, program: str, folder: Path) -> None:
        self.log, self.said = folder / "child.log", folder / "said"
        script = (
            "import sys; from pathlib import Path; from pledge_tracker.supervisor import Child, Supervisor\n"
            f"child = Child('helper', [sys.executable, '-c', {program!r}], Path({str(self.log)!r}))\n"
            "say = lambda text: print(text, flush=True)\n"
            "Supervisor([child], say).run(once_ready=lambda: say('ready') or True)"
        )
        with self.said.open("w") as output:
            self.process = psutil.Popen([sys.executable, "-c", script], stdout=output, stderr=output)

    def family(self, size: int) -> list[psutil.Process]:
        """The child and its helpers, once there are `size` of them."""
        return wait_until(
            lambda: len(found := self.process.children(recursive=True)) == size and found, what=f"{size} processes"
        )


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Callable[[str], Watched]]:
    started: list[Watched] = []

    def start(program: str) -> Watched:
        started.append(Watched(program, tmp_path))
        return started[-1]

    yield start
    for watched in started:
        if watched.process.is_running():
            watched.process.send_signal(signal.SIGTERM)
            watched.process.wait(15)


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return psutil.wait_procs(processes, timeout=5)[1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_the_child_and_its_helpers(watch, number):
    watched = watch(FAMILY)
    family = watched.family(2)
    watched.process.send_signal(number)
    assert watched.process.wait(15) == 0
    assert alive(family) == []


def test_a_child_that_does_not_listen_is_killed(watch):
    watched = watch(STUBBORN)
    family = watched.family(1)
    wait_until(lambda: watched.log.exists() and "deaf" in watched.log.read_text(), what="the child is deaf")
    watched.process.send_signal(signal.SIGINT)
    assert watched.process.wait(15) == 0
    assert alive(family) == []


def test_a_child_that_dies_is_started_again_and_its_helpers_are_not_left(watch):
    watched = watch(FAMILY)
    first = watched.family(2)
    first[0].kill()
    assert alive(first) == []
    watched.family(2)
    assert "helper ended (code -9) and is started again in 1 s" in watched.said.read_text()


def test_a_child_that_keeps_dying_is_started_less_and_less_often(tmp_path):
    child = Child("helper", [sys.executable, "-c", ""], tmp_path / "log")
    said: list[str] = []
    child.start()
    for _ in range(3):
        wait_until(child.has_stopped, what="it ends")
        child.look(said.append)
        child.start()
    child.kill()
    assert [text.split(" in ")[1][:3] for text in said] == ["1 s", "2 s", "4 s"]


def test_a_port_in_use_is_named_with_another_to_try():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(demo.DemoError, match=f"Port {port} cannot be used.*make demo PORT={port + 1}"):
            demo.check_port(port)


def test_a_demo_that_runs_is_not_reset(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    with demo.claim(demo.folder()), pytest.raises(demo.DemoError, match="already running"):
        demo.reset()
    demo.reset()
    assert list(tmp_path.iterdir()) == []


def test_the_demo_runs_restarts_its_worker_and_stops(tmp_path):
    """The whole command: first start with data, a killed worker, Ctrl-C."""
    port, said = free_port(), tmp_path / "said"
    environment = {name: value for name, value in os.environ.items() if name != "ENVIRONMENT"}
    with said.open("w") as output:
        process = psutil.Popen(
            [sys.executable, "manage.py", "demo", "--port", str(port)],
            env=environment | {"VAR_DIR": str(tmp_path)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until(lambda: "Ctrl-C stops it" in said.read_text(), what="the demo runs", seconds=120)
        assert all(person.email in said.read_text() for person in DEMO_PEOPLE)
        worker = next(child for child in process.children() if "celery" in child.cmdline())
        first = [worker, *worker.children(recursive=True)]
        worker.kill()
        assert alive(first) == []
        wait_until(lambda: len(process.children()) == 2, what="the worker is back")
        family = process.children(recursive=True)
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(20)
    assert (code, alive(family)) == (0, [])
    assert said.read_text().rstrip().endswith("Stopped.")
