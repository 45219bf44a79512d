"""Keeps a few processes running, says when one had to be started again, and leaves none behind."""

import contextlib
import ctypes
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

# Seconds: between looks at the children, before a killed child is started again (at first, at most),
# after which a child counts as well, and for which a stopping child is waited for.
LOOK, FIRST_PAUSE, LONGEST_PAUSE, WELL_AFTER, STOP = 0.25, 1.0, 30.0, 60.0, 4.0


class Child:
    """One process with its helpers in a session of its own, so that Ctrl-C reaches the supervisor only."""

    def __init__(self, name: str, command: Sequence[str], log: Path) -> None:
        self.name, self.command, self.log = name, list(command), log
        self.pause = FIRST_PAUSE
        self._process: subprocess.Popen[bytes] | None = None
        self._started = self._again_at = 0.0

    def start(self) -> None:
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_stop_with_the_parent,
            )
        self._started = time.monotonic()

    def look(self, say: Callable[[str], None]) -> None:
        """Starts it again, after a growing pause, when it ended by itself."""
        if self._process is None:
            if time.monotonic() >= self._again_at:
                self.start()
        elif (code := self._process.poll()) is not None:
            say(f"{self.name} ended (code {code}) and is started again in {self.pause:.0f} s; see {self.log}")
            self._bury()

    def _bury(self) -> None:
        """A dead parent may leave helpers, Celery's beat for one."""
        self.kill()
        if time.monotonic() - self._started > WELL_AFTER:
            self.pause = FIRST_PAUSE
        self._again_at = time.monotonic() + self.pause
        self.pause = min(self.pause * 2, LONGEST_PAUSE)
        self._process = None

    def ask_to_stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()

    def has_stopped(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def kill(self) -> None:
        """Ends the whole session, whatever is left of it."""
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def _stop_with_the_parent() -> None:
    """Asks Linux to send SIGTERM when the supervisor is killed; elsewhere the child would stay."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, int(signal.SIGTERM), 0, 0, 0)  # PR_SET_PDEATHSIG


class Supervisor:
    """Runs until Ctrl-C, SIGTERM or a closed terminal."""

    def __init__(self, children: Sequence[Child], say: Callable[[str], None]) -> None:
        self.children, self.say = children, say
        self._asked_to_stop = threading.Event()

    def _listen(self) -> None:
        """From here on a signal ends the run well instead of raising in the middle of something."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self._asked_to_stop.set())

    def run(self, once_ready: Callable[[], bool]) -> None:
        """Starts the children and watches them; `once_ready` is asked until it says True."""
        self._listen()
        ready = False
        try:
            for child in self.children:
                child.start()
            while not self._asked_to_stop.wait(LOOK):
                for child in self.children:
                    child.look(self.say)
                ready = ready or once_ready()
        finally:
            self._stop()

    def _stop(self) -> None:
        for child in self.children:
            child.ask_to_stop()
        deadline = time.monotonic() + STOP
        while time.monotonic() < deadline and not all(child.has_stopped() for child in self.children):
            time.sleep(0.05)
        for child in self.children:
            child.kill()
