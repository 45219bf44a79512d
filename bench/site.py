"""The site with so many Pledge Makers: a database of its own, gunicorn as in production, and its measurements."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2

from bench import load
from tests.servers import free_port, start_postgres, start_redis

PROJECT = Path(__file__).resolve().parent.parent
HOST = "pledge.example"


def sql(database: str, statement: str) -> Any:
    """Runs it outside a transaction; the first row, if there are any."""
    connection = psycopg2.connect(database)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone() if cursor.description else None
    finally:
        connection.close()


class Servers:
    """PostgreSQL and Redis: those of BENCH_DATABASE_URL and BENCH_REDIS_URL, or temporary ones of our own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = os.environ.get("BENCH_DATABASE_URL") or start_postgres(folder / "postgres")
        self.redis = os.environ.get("BENCH_REDIS_URL") or start_redis(folder / "redis")

    def sql(self, statement: str) -> Any:
        return sql(urlsplit(self.database)._replace(path="/postgres").geturl(), statement)

    @contextmanager
    def new_database(self, name: str) -> Iterator[str]:
        self.sql(f'CREATE DATABASE "{name}"')
        try:
            yield urlsplit(self.database)._replace(path=f"/{name}").geturl()
        finally:
            self.sql(f'DROP DATABASE "{name}" WITH (FORCE)')


class Site:
    def __init__(self, servers: Servers, database: str) -> None:
        self.port, self._folder = free_port(), servers.folder
        self._env = {
            **os.environ,
            "ENVIRONMENT": "production",
            "DJANGO_SETTINGS_MODULE": "bench.settings",
            "SECRET_KEY": "only-for-measuring-" * 4,
            "ALLOWED_HOSTS": HOST,
            "SITE_URL": f"https://{HOST}",
            "CONTACT_EMAIL": f"team@{HOST}",
            "EMAIL_URL": "smtp://localhost:1",
            "DATABASE_URL": database,
            "REDIS_URL": servers.redis,
            "VAR_DIR": str(servers.folder / "var"),
            "MEDIA_ROOT": str(servers.folder / "media"),
            "LOG_LEVEL": "ERROR",
        }

    def manage(self, *words: str) -> None:
        self._python("manage.py", *words)

    def _python(self, *words: str) -> bytes:
        done = subprocess.run([sys.executable, *words], cwd=PROJECT, env=self._env, stdout=subprocess.PIPE, check=True)
        return done.stdout

    def inside(self, *what: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self._python("-m", "bench.inside", *what))
        return found

    def fill(self, makers: int, rounds: int) -> float:
        """Seconds that the invented data took."""
        self.manage("migrate", "--noinput", "--verbosity=0")
        began = time.monotonic()
        self.manage("seed", f"--pledge-makers={makers}", f"--rounds={rounds}", "--verbosity=0")
        took = time.monotonic() - began
        self._analyse()
        return took

    def _analyse(self) -> None:
        """As autovacuum would have done by now: the planner must know how many rows there are."""
        self._sql("VACUUM ANALYZE")

    def count(self, table: str) -> int:
        return int(self._sql(f"SELECT count(*) FROM {table}")[0])

    def _sql(self, statement: str) -> Any:
        return sql(self._env["DATABASE_URL"], statement)

    @contextmanager
    def serving(self) -> Iterator[None]:
        threads = ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--no-control-socket"]
        command = ["-m", "gunicorn", "pledge_tracker.wsgi", "--bind", f"127.0.0.1:{self.port}", *threads]
        server = subprocess.Popen([sys.executable, *command], cwd=PROJECT, env=self._env)
        try:
            self._wait()
            yield
        finally:
            server.terminate()
            server.wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=5).close()
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            else:
                return

    def measure_pages(self, seconds: float) -> list[dict[str, Any]]:
        """Every page: queries and bytes from inside, times from outside."""
        pages = self.inside("pages")
        with self.serving():
            for page in pages:
                page |= load.measure(self.port, HOST, page["path"], page.pop("cookie"), seconds)
        return pages
