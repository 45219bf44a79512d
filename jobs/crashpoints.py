"""Marked points at which a test may kill this process, to prove that nothing is lost; inert elsewhere."""

import os
import signal

from django.conf import settings


def reached(name: str) -> None:
    """Kills the process with SIGKILL when the tests' CRASH_AT names this point."""
    if settings.ENVIRONMENT == "test" and os.environ.get("CRASH_AT") == name:
        os.kill(os.getpid(), signal.SIGKILL)
