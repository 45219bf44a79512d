"""Real servers for the tests: a temporary PostgreSQL and Redis, started before Django reads its settings.

A plugin named by `-p tests.servers`. TEST_DATABASE_URL and TEST_REDIS_URL name servers of your own instead.
A missing server fails the run and names the line to type; nothing is skipped. With pytest-xdist the
controller starts the servers once and every worker inherits their addresses.
"""

import atexit
import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

PREFIX = "pledge-tracker-tests-"
# Seconds a server may take to answer, and to stop.
START, STOP = 30, 10
# Production refuses a broker without one.
REDIS_PASSWORD = "of-the-tests"
# What a developer's own shell may have set, and no test may depend on.
FORGET = ("SECRET_KEY", "ALLOWED_HOSTS", "EMAIL_URL", "SITE_URL", "DEBUG", "LOG_LEVEL", "MAIL_FROM")

_started: list[tuple[subprocess.Popen[bytes], signal.Signals]] = []


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(args: list[str]) -> Generator[None, Any, Any]:
    """The last moment before pytest-django reads the settings; a later one means SQLite, silently."""
    if not {"-h", "--help", "-V", "--version"}.intersection(args):
        prepare()
    return (yield)


def prepare() -> None:
    for name in FORGET:
        os.environ.pop(name, None)
    os.environ["ENVIRONMENT"] = "test"
    # A connection that grows old in a slow run must not be closed in the middle of a test's transaction.
    os.environ["CONN_MAX_AGE"] = "86400"
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        _start_all()
    else:
        _own_corner(int(worker.removeprefix("gw")) + 1)


def _start_all() -> None:
    base = _base_folder()
    os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL") or start_postgres(base / "postgres")
    os.environ["REDIS_URL"] = os.environ.get("TEST_REDIS_URL") or start_redis(base / "redis")
    _own_folders(base / "main")


def _own_corner(number: int) -> None:
    """A database number of Redis and folders for one xdist worker; pytest-django names its database."""
    os.environ["REDIS_URL"] = urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{number}").geturl()
    _own_folders(Path(os.environ["VAR_DIR"]).parent / f"gw{number}")


def _own_folders(folder: Path) -> None:
    os.environ["VAR_DIR"], os.environ["MEDIA_ROOT"] = str(folder), str(folder / "media")
    (folder / "media").mkdir(parents=True, exist_ok=True)


def _base_folder() -> Path:
    """A short path (a socket's may have 107 characters) that other users may cross but not list."""
    root = tempfile.gettempdir() if len(tempfile.gettempdir()) < 50 else "/tmp"
    _sweep(Path(root))
    base = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=root))
    base.chmod(0o711)
    atexit.register(shutil.rmtree, base, ignore_errors=True)
    atexit.register(stop_all, os.getpid())  # runs first: last in, first out
    if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    return base


def _sweep(root: Path) -> None:
    """Removes what a run left that was killed with -9; its servers died with it."""
    for old in root.glob(f"{PREFIX}*-*"):
        pid = old.name.removeprefix(PREFIX).split("-")[0]
        if not Path(f"/proc/{pid}").exists():
            shutil.rmtree(old, ignore_errors=True)


# --- PostgreSQL --------------------------------------------------------------------------------------


def start_postgres(folder: Path) -> str:
    """Starts a server without fsync on a socket in `folder`; returns its DATABASE_URL."""
    binaries = _postgres_binaries()
    as_user = _unprivileged(folder)
    _run([binaries / "initdb", "-D", folder / "data", "-U", "pledge", "-A", "trust", "-E", "UTF8",
          "--locale=C.UTF-8", "--no-sync"], folder, as_user)  # fmt: skip
    options = ["listen_addresses=", f"unix_socket_directories={folder}", "fsync=off", "full_page_writes=off",
               "synchronous_commit=off", "max_connections=200", "jit=off"]  # fmt: skip
    command = [binaries / "postgres", "-D", folder / "data", *(word for o in options for word in ("-c", o))]
    process = _serve(command, folder, as_user, stop_with=signal.SIGINT)
    _wait_until(lambda: _postgres_answers(folder), process, folder)
    return f"postgres://pledge@{quote(str(folder), safe='')}/pledge_tracker"


def _postgres_binaries() -> Path:
    """Debian's own, newest first: what lies on the PATH may be a wrapper."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: -float(p.parts[4]))
    on_path = shutil.which("initdb")
    for initdb in [*found, *([Path(on_path).resolve()] if on_path else [])]:
        if (initdb.parent / "postgres").exists():
            return initdb.parent
    raise _missing("PostgreSQL", "postgresql", "TEST_DATABASE_URL")


def _postgres_answers(folder: Path) -> bool:
    import psycopg2

    try:
        psycopg2.connect(host=str(folder), user="pledge", dbname="postgres").close()
    except psycopg2.OperationalError:
        return False
    return True


# --- Redis ---------------------------------------------------------------------------------------------


def start_redis(folder: Path) -> str:
    """Starts a server that keeps nothing on disk, on a free port; returns its REDIS_URL."""
    binary = shutil.which("redis-server") or shutil.which("valkey-server")
    if binary is None:
        raise _missing("Redis", "redis-server", "TEST_REDIS_URL")
    as_user = _unprivileged(folder)
    port = free_port()
    command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
               "--databases", "64", "--dir", str(folder), "--requirepass", REDIS_PASSWORD]  # fmt: skip
    process = _serve(command, folder, as_user, stop_with=signal.SIGTERM)
    _wait_until(lambda: redis_answers(port), process, folder)
    return f"redis://:{REDIS_PASSWORD}@127.0.0.1:{port}/0"


def redis_answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            # "Who are you?" is an answer, too.
            return connection.recv(16).startswith((b"+PONG", b"-NOAUTH"))
    except OSError:
        return False


def free_port() -> int:
    """A TCP port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- Processes -------------------------------------------------------------------------------------------


def _unprivileged(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: drop to a user who exists, and give them the folder."""
    folder.mkdir(mode=0o700)
    if os.geteuid() != 0:
        return {}
    user = _first_user("postgres", "nobody")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _first_user(*names: str) -> pwd.struct_passwd:
    for name in names:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise pytest.UsageError(f"As root the tests need one of these users: {', '.join(names)}.")


def _run(command: Iterable[str | Path], folder: Path, as_user: dict[str, Any]) -> None:
    done = subprocess.run(  # type: ignore[call-overload]
        [str(word) for word in command], cwd=folder, capture_output=True, text=True, **as_user
    )
    if done.returncode:
        raise pytest.UsageError(f"{next(iter(command))} failed:\n{done.stdout}{done.stderr}")


def _serve(
    command: list[Any], folder: Path, as_user: dict[str, Any], stop_with: signal.Signals
) -> subprocess.Popen[bytes]:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(stop_with),
            **as_user,
        )
    _started.append((process, stop_with))
    return process


def die_with_parent(with_signal: int) -> None:
    """Asks Linux to send the signal when the parent ends, even by kill -9."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, int(with_signal), 0, 0, 0)  # PR_SET_PDEATHSIG


def _wait_until(answers: Callable[[], bool], process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + START
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise pytest.UsageError(f"{process.args} did not start:\n{(folder / 'log').read_text()}")
        time.sleep(0.05)


def stop_all(owner: int) -> None:
    """Stops the servers, firmly when asking is not enough; a forked child leaves its parent's alone."""
    if os.getpid() != owner:
        return
    for process, stop_with in _started:
        if process.poll() is None:
            process.send_signal(stop_with)
    for process, _ in _started:
        try:
            process.wait(STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    _started.clear()


def _missing(what: str, package: str, variable: str) -> pytest.UsageError:
    sudo = "" if os.geteuid() == 0 else "sudo "
    return pytest.UsageError(
        f"The tests need {what}. Type:\n\n  {sudo}apt-get install -y --no-install-recommends {package}\n\n"
        f"or name a running server in {variable}."
    )
