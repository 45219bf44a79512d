"""One of our own modules in a process of its own: an order on stdin, bytes on stdout, and an end to its time."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass

from django.conf import settings


class TookTooLong(Exception):
    """The child was ended because its time was over."""


@dataclass(frozen=True)
class Ran:
    """How it ended. `said` is what it wrote on stderr, at most 200 characters."""

    code: int
    out: bytes
    said: str


def run(module: str, order: bytes, *, time_limit: float) -> Ran:
    """Runs `python -m module`, which knows no secrets and sets its own limits (limits.py). `time_limit` in seconds.

    Raises TookTooLong; nothing of the child is left then.
    """
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    with subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=settings.BASE_DIR,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as child:
        try:
            out, said = child.communicate(order, timeout=time_limit)
        except subprocess.TimeoutExpired:
            raise TookTooLong from None
        finally:
            _end(child)
    return Ran(child.returncode, out, said.decode(errors="replace").strip()[-200:])


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
