"""Builds the image's stages in bare Debian folders and runs the services in the last one. Needs root, no engine.

Every line comes from Dockerfile, .dockerignore and docker-compose.yml themselves.

It proves: each RUN line works on a bare Debian 12, the final stage has all libraries it needs, and web, worker
and beat run in it as the unprivileged user, without capabilities, on a file system that cannot be written; their
health checks pass; a page is served; beat wakes the worker, which makes a PDF.

It does not prove: that the official Python image equals Debian's Python; networks, volumes, secrets and the order of
starting, which are the engine's; that the images of PostgreSQL, Redis, Mailpit and Caddy behave with our options.
PostgreSQL and Redis are this machine's, started for the rehearsal.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from deploy import compose, dockerfile
from deploy.chroot import Root, stop
from deploy.dockerfile import Instruction, Stage
from tests import servers

PROJECT = Path(__file__).resolve().parent.parent
# Seconds: for a service to answer, for beat to write down what it started, for a document to be made.
START, BEAT, DOCUMENT = 60, 360, 120


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        say("rehearse-image needs root and debootstrap (apt-get install debootstrap).")
        return 1
    began, work = time.monotonic(), Path(tempfile.mkdtemp(prefix="pledge-image-"))
    try:
        image = build(_checked_out(work / "context"), work)
        say(f"Built in {time.monotonic() - began:.0f} s; the last stage has {_size(image.root):.0f} MB.")
        run(image, work)
    finally:
        subprocess.run(["rm", "-rf", "--one-file-system", work], check=True)
    say(f"rehearse-image passed after {time.monotonic() - began:.0f} s.")
    return 0


def _size(folder: Path) -> float:
    done = subprocess.run(["du", "-sxm", folder], capture_output=True, text=True, check=True)
    return float(done.stdout.split()[0])


# --- Build -------------------------------------------------------------------------------------------------


class Image:
    """The last stage as built: its folder, and what its instructions say about running."""

    def __init__(self, stage: Stage, root: Path, env: dict[str, str], cwd: str) -> None:
        self.stage, self.root, self.env, self.cwd = stage, root, env, cwd
        self.user = stage.last("USER").text if stage.all("USER") else "0:0"


def _checked_out(context: Path) -> Path:
    """What is committed, without what .dockerignore keeps out."""
    context.mkdir()
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=PROJECT, capture_output=True, check=True)
    subprocess.run(["tar", "-x", "-C", context], input=archive.stdout, check=True)
    files = [str(path.relative_to(context)) for path in context.rglob("*") if path.is_file()]
    for name in set(files) - set(dockerfile.context(files, context / ".dockerignore")):
        (context / name).unlink()
    return context


def build(context: Path, work: Path) -> Image:
    built: dict[str, Path] = {}
    for number, stage in enumerate(dockerfile.read(PROJECT / "Dockerfile")):
        folder = work / f"stage-{number}"
        folder.mkdir(mode=0o755)
        image = _build_stage(stage, folder, {**built, "": context})
        built[stage.name] = folder
    return image


def _build_stage(stage: Stage, folder: Path, places: dict[str, Path]) -> Image:
    say(f"FROM {stage.base} {stage.name}")
    env, cwd = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}, "/"
    root = Root(folder)
    root.fill()
    with root:
        for one in stage.instructions:
            if one.word == "ENV":
                env |= dockerfile.variables(one, env)
            elif one.word == "WORKDIR":
                cwd = one.text
                (folder / cwd[1:]).mkdir(parents=True, exist_ok=True)
            elif one.word == "COPY":
                _copy(one, folder, cwd, places)
            elif one.word == "RUN":
                say(f"  RUN {one.text[:100]}")
                root.run(one.text, env={**env, "DEBIAN_FRONTEND": "noninteractive"}, cwd=cwd)
    return Image(stage, folder, env, cwd)


def _copy(one: Instruction, folder: Path, cwd: str, places: dict[str, Path]) -> None:
    """As Docker copies: the content of a folder, or a file into a folder; "" is what was checked out."""
    *sources, target = one.text.split()
    stage = sources.pop(0).removeprefix("--from=") if sources[0].startswith("--from=") else ""
    place = folder / os.path.join(cwd, target)[1:]
    place.mkdir(parents=True, exist_ok=True)
    for source in sources:
        found = places[stage] / source.lstrip("/")
        subprocess.run(["cp", "-a", f"{found}/." if found.is_dir() else found, place], check=True)


# --- Run ---------------------------------------------------------------------------------------------------


class Services:
    """The services of docker-compose.yml that use our image, started in it."""

    def __init__(self, image: Image, root: Root, work: Path, outside: dict[str, str]) -> None:
        self.image, self._root, self._work = image, root, work
        env = {**os.environ, "ENV_FILE": f"{work}/.env"}
        subprocess.run([PROJECT / "scripts/new-env", "localhost"], env=env, stdout=subprocess.DEVNULL, check=True)
        whole = compose.read(PROJECT / "docker-compose.yml", compose.read_env(work / ".env"))
        self.services: dict[str, Any] = {
            name: one for name, one in whole["services"].items() if one["image"].startswith("pledge-tracker:")
        }
        self._outside, self.port = outside, servers.free_port()
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def command(self, name: str) -> list[str]:
        found: list[str] = self.services[name].get("command") or self.image.stage.last("CMD").as_list()
        return found

    def health_check(self, name: str) -> list[str]:
        """The test of the service, else of the image."""
        own = self.services[name].get("healthcheck")
        if not own:
            return self.image.stage.last("HEALTHCHECK").as_list()
        return list(own["test"][1:]) if own["test"][0] == "CMD" else ["sh", "-c", own["test"][1]]

    def is_healthy(self, name: str) -> bool:
        return self.once(name, self.health_check(name)) == 0

    def popen(self, name: str, command: list[str]) -> subprocess.Popen[bytes]:
        env = {**self.image.env, **self.services[name]["environment"], **self._outside}
        if name != "prepare":  # as in the services, the others do not own the tables
            env["DATABASE_URL"] = env["DATABASE_URL"].replace("//pledge@", "//pledge_application@")
        with (self._work / f"{name}.log").open("ab") as log:
            # The containers have networks of their own; here the port may be taken.
            command = [word.replace(":8000", f":{self.port}") for word in command]
            line = self._root.as_user(command, user=self.image.user, cwd=self.image.cwd)
            return subprocess.Popen(line, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                    start_new_session=True)  # fmt: skip

    def once(self, name: str, command: list[str]) -> int:
        return self.popen(name, command).wait()

    def start(self, name: str) -> None:
        self.running[name] = self.popen(name, self.command(name))

    def stop(self) -> None:
        for name, process in self.running.items():
            stop(process)
            say(f"  {name} stopped with code {process.returncode}")

    def log(self, name: str) -> str:
        return (self._work / f"{name}.log").read_text(errors="replace")


def run(image: Image, work: Path) -> None:
    media, socket = work / "media", work / "postgres"
    work.chmod(0o711)
    database, redis = servers.start_postgres(socket), servers.start_redis(work / "redis")
    socket.chmod(0o711)
    try:
        _create_database(socket)
        with Root(image.root, read_only=True) as root:
            shutil.copytree(image.root / "srv/media", media)
            shutil.copystat(image.root / "srv/media", media)
            os.chown(media, *(int(part) for part in image.user.split(":")))
            root.seal()
            for place in ("tmp", "dev/shm"):
                root.mount("tmpfs", place, "-t", "tmpfs", "-o", "mode=1777")
            root.mount(media, "srv/media", "--bind")
            _mount_socket(root, socket)
            _serve(Services(image, root, work, {"DATABASE_URL": database, "REDIS_URL": redis}))
    finally:
        servers.stop_all(os.getpid())


def _mount_socket(root: Root, socket: Path) -> None:
    """The database is reached by its socket, at the same path inside; /tmp is new in there."""
    root.mount(socket, str(socket)[1:], "--bind")


def _create_database(socket: Path) -> None:
    import psycopg2

    connection = psycopg2.connect(host=str(socket), user="pledge", dbname="postgres")
    connection.autocommit = True
    connection.cursor().execute("CREATE DATABASE pledge_tracker")
    connection.close()


def _serve(services: Services) -> None:
    try:
        _expect(services.once("prepare", services.command("prepare")) == 0, services, "prepare")
        say("  prepare: migrated, the application's role made, organisations imported")
        seed = ["python", "manage.py", "seed", "--pledge-makers", "3", "--rounds", "2"]
        _expect(services.once("prepare", seed) == 0, services, "prepare")
        for name in services.services:
            if name != "prepare":
                services.start(name)
        for name in services.running:
            _wait(partial(services.is_healthy, name), services, name, BEAT if name == "beat" else START)
            say(f"  {name}: its health check passes as user {services.image.user}")
        _look_around(services)
    finally:
        services.stop()


def _look_around(services: Services) -> None:
    page = _get(services, "/pledge-makers/")
    _expect(b"<h1" in page, services, "web")
    say(f"  200 /pledge-makers/: {len(page)} bytes")
    _wait(lambda: _has_worked(_status(services)), services, "worker", DOCUMENT)
    figures = _status(services)
    age = figures["worker_heartbeat_seconds"]
    say(f"  beat woke the worker: PDFs ready {figures['documents_ready']}, last heard of {age} s ago")
    found = list((services.image.root / "srv/media").rglob("*.pdf"))
    _expect(bool(found) and found[0].read_bytes().startswith(b"%PDF-"), services, "worker")


def _status(services: Services) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_get(services, "/status?format=json"))
    return found


def _has_worked(figures: dict[str, Any]) -> bool:
    return figures["documents_ready"] > 0 and figures["worker_heartbeat_seconds"] is not None


def _get(services: Services, path: str) -> bytes:
    """As the proxy asks: by the site's name, saying that the visitor came by TLS."""
    headers = {"Host": "localhost", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
    with urllib.request.urlopen(
        urllib.request.Request(f"http://127.0.0.1:{services.port}{path}", headers=headers), timeout=20
    ) as answer:
        content: bytes = answer.read()
    return content


def _wait(condition: Callable[[], bool], services: Services, name: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        _expect(time.monotonic() < deadline, services, name)
        time.sleep(1)


def _expect(true: bool, services: Services, name: str) -> None:
    if not true:
        raise SystemExit(f"rehearse-image FAILED at {name}:\n{services.log(name)[-3000:]}")
