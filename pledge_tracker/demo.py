"""The demonstration: where it lives, what is made ready before it starts, and what it runs."""

import fcntl
import os
import shutil
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.db import connections
from django.utils import timezone

from pledge_tracker.supervisor import Child
from reports import build

# What a shell may have set for other purposes, and the demonstration must not use.
NOT_OURS = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "MEDIA_ROOT", "ALLOWED_HOSTS", "SECRET_KEY", "DEBUG")


class DemoError(Exception):
    """Something the person at the keyboard can mend; the text says how."""


def folder() -> Path:
    """Where the demonstration keeps everything: its database, files, mailbox and logs."""
    return settings.VAR_DIR if settings.DEMO else settings.VAR_DIR / "demo"


def environment(port: int) -> dict[str, str]:
    """The environment of the demonstration, whatever the shell's own looks like."""
    kept = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    return kept | {
        "ENVIRONMENT": "demo",
        "VAR_DIR": str(folder().resolve()),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "PYTHONUNBUFFERED": "1",
    }


def claim(where: Path) -> IO[str]:
    """Holds the folder for as long as the returned file is open; a second claim is refused."""
    where.mkdir(parents=True, exist_ok=True)
    lock = (where / "lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise DemoError(f"A demonstration is already running on {where}. Stop it first: Ctrl-C there.") from None
    return lock


def check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise DemoError(f"Port {port} cannot be used: {reason}. Try: make demo PORT={port + 1}") from None


def reset() -> None:
    """Throws away the demonstration's folder; refused while one runs on it."""
    where = folder()
    claim(where).close()
    shutil.rmtree(where)


# --- Before it starts --------------------------------------------------------------------------------------


def prepare(say: Callable[[str], None]) -> None:
    """Database, fictional data and static files; quick when they are there already."""
    _empty(settings.BROKER_DIR)  # what nobody took last time: the rows still say what is to be done
    (folder() / "logs").mkdir(exist_ok=True)
    if not _seeded().exists():
        _forget_half_a_database()
    call_command("migrate", verbosity=0, interactive=False)
    _seed(say)
    build.release_all(now=timezone.now())  # whoever was making a document was stopped with the last demonstration
    if _static_is_stale():
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    connections.close_all()


def _seeded() -> Path:
    return folder() / "seeded"


def _seed(say: Callable[[str], None]) -> None:
    if _seeded().exists():
        return
    if "seed" not in get_commands():
        say("There is no fictional data yet.")
        return
    say("Inventing Pledge Makers, people and updates...")
    call_command("seed", "--demo", verbosity=0)
    _seeded().touch()


def _forget_half_a_database() -> None:
    """The last start was broken off before its data was complete."""
    connections.close_all()
    for file in folder().glob("*.sqlite3*"):
        file.unlink()
    for left in (settings.MEDIA_ROOT, settings.DEMO_MAILBOX):
        shutil.rmtree(left, ignore_errors=True)


def _empty(where: Path) -> None:
    for file in where.rglob("*"):
        if file.is_file():
            file.unlink()


def _static_is_stale() -> bool:
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    if not manifest.exists():
        return True
    made = manifest.stat().st_mtime
    return any(
        storage.get_modified_time(path).timestamp() > made
        for finder in get_finders()
        for path, storage in finder.list([])
    )


# --- What runs -----------------------------------------------------------------------------------------------


def children(port: int) -> list[Child]:
    """The web server and one worker with beat in it; documents that take their time leave room for mail."""
    logs = folder() / "logs"
    web = ["gunicorn", "pledge_tracker.wsgi", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread",
           "--workers", "2", "--threads", "4", "--graceful-timeout", "3", "--no-control-socket"]  # fmt: skip
    worker = ["celery", "-A", "pledge_tracker", "worker", "--beat", "--concurrency", "3", "--loglevel", "INFO",
              "--without-gossip", "--without-mingle", "--without-heartbeat"]  # fmt: skip
    return [
        Child("web", [sys.executable, "-m", *web], logs / "web.log"),
        Child("worker", [sys.executable, "-m", *worker], logs / "worker.log"),
    ]


def answers(port: int) -> bool:
    """Whether the site takes visitors now."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False
