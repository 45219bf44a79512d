"""Where the site runs: on this machine, or in docker compose. How its commands are called in each."""

import os
import subprocess
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

PROJECT = Path(__file__).resolve().parent.parent


class Failure(Exception):
    """Something that the person at the keyboard must know; the text says what."""


class Here:
    """This machine: DATABASE_URL and MEDIA_ROOT are those of the environment."""

    def __init__(self) -> None:
        url, self._media = os.environ.get("DATABASE_URL", ""), os.environ.get("MEDIA_ROOT", "")
        if not url.startswith("postgres") or not self._media:
            raise Failure("DATABASE_URL (PostgreSQL) and MEDIA_ROOT must be set, or say --compose.")
        parts = urlsplit(url)
        # A password in the arguments could be seen by everybody on this machine.
        self._env = {**os.environ, "PGPASSWORD": unquote(parts.password or "")}
        self._database = parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", "@")).geturl()

    def manage(self, *words: str) -> list[str]:
        python = PROJECT / ".venv/bin/python"
        return [str(python) if python.exists() else "python3", str(PROJECT / "manage.py"), *words]

    def postgres(self, program: str, *words: str) -> list[str]:
        return [program, "--dbname", self._database, *words]

    def script_of(self) -> list[str]:
        """Turns a dump on its input into SQL."""
        return ["pg_restore", "--no-owner", "--no-privileges", "--file=-"]

    def media(self, *words: str) -> list[str]:
        """tar, in the folder of the files."""
        Path(self._media).mkdir(parents=True, exist_ok=True)
        return ["tar", "--directory", self._media, *words]

    def start(self, command: list[str], **more: Any) -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, env=self._env, cwd=PROJECT, **more)

    def run(self, command: list[str], *, stdin: IO[bytes] | None = None, stdout: IO[bytes] | None = None) -> None:
        """Raises Failure when the command fails; what it says is for the person to read."""
        process = self.start(command, stdin=stdin or subprocess.DEVNULL, stdout=stdout)
        if process.wait():
            raise Failure(f"{' '.join(command[:6])} ... failed with code {process.returncode}.")

    def ask(self, command: list[str]) -> bytes:
        process = self.start(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        said, _ = process.communicate()
        if process.returncode:
            raise Failure(f"{' '.join(command[:6])} ... failed with code {process.returncode}.")
        return said


class Compose(Here):
    """The services of docker-compose.yml. Needs PostgreSQL running, nothing else."""

    def __init__(self) -> None:
        self._env = dict(os.environ)

    def _app(self, *words: str) -> list[str]:
        """As the owner of the tables: the role of the site itself could make none."""
        return ["docker", "compose", "run", "--rm", "--no-deps", "--no-TTY", "prepare", *words]

    def manage(self, *words: str) -> list[str]:
        return self._app("python", "manage.py", *words)

    def postgres(self, program: str, *words: str) -> list[str]:
        return ["docker", "compose", "exec", "--no-TTY", "postgres", program, "-U", "pledge", "-d", "pledge", *words]

    def media(self, *words: str) -> list[str]:
        return self._app("tar", "--directory", "/srv/media", *words)

    def script_of(self) -> list[str]:
        return ["docker", "compose", "exec", "--no-TTY", "postgres", *super().script_of()]
