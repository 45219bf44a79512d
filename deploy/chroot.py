"""A folder with a Debian in it, and what an engine would put around it: mounts, a user, no rights."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

SUITE = "bookworm"
# Debian's own Python 3.11 stands in for that of the image python:3.11-slim-bookworm.
PACKAGES = "ca-certificates,python3,python3-pip,python3-venv"
# What a machine needs to reach its package servers; none of it stays in the rehearsed image.
NETWORK = ("/etc/resolv.conf", "/etc/hosts", "/etc/ssl/certs/ca-certificates.crt", "/etc/pip.conf", "/etc/npmrc")
PASSED = ("PIP_", "NPM_", "npm_", "NODE_", "SSL_", "HTTP_", "HTTPS_", "NO_", "http_", "https_", "no_")


def base() -> Path:
    """A bare Debian, made once by debootstrap and kept beside the temporary files."""
    root = Path(tempfile.gettempdir()) / f"pledge-image-base-{SUITE}"
    if not (root / ".ready").exists():
        shutil.rmtree(root, ignore_errors=True)
        command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, str(root), *_mirror()]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        for name in ("python", "python3"):
            (root / "usr/local/bin" / name).symlink_to("/usr/bin/python3")
        for marker in root.glob("usr/lib/python3*/EXTERNALLY-MANAGED"):
            marker.unlink()
        (root / ".ready").touch()
    return root


def _mirror() -> list[str]:
    """The Debian mirror that this machine uses."""
    sources = Path("/etc/apt/sources.list.d/debian.sources")
    lines = sources.read_text().splitlines() if sources.exists() else []
    return [line.split()[1] for line in lines if line.startswith("URIs:")][:1]


class Root:
    """One stage of the image. Leaving the `with` unmounts everything; the folder stays until `remove`."""

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self.folder, self._is_read_only = folder, read_only
        self._mounted: list[Path] = []

    def fill(self) -> None:
        subprocess.run(["cp", "-a", "--reflink=auto", f"{base()}/.", self.folder], check=True)
        for name in NETWORK:
            if Path(name).exists():
                (self.folder / name[1:]).unlink(missing_ok=True)
                shutil.copy(name, self.folder / name[1:])
        for name in ("etc/apt/sources.list.d", "etc/apt/apt.conf.d"):
            shutil.copytree(f"/{name}", self.folder / name, dirs_exist_ok=True)
        (self.folder / "etc/apt/sources.list").unlink(missing_ok=True)

    def __enter__(self) -> "Root":
        if self._is_read_only:
            self.mount(self.folder, "", "--bind")
        self.mount("proc", "proc", "-t", "proc")
        self.mount("/dev", "dev", "--rbind")
        subprocess.run(["mount", "--make-rslave", self.folder / "dev"], check=True)
        return self

    def __exit__(self, *_: object) -> None:
        for place in reversed(self._mounted):
            subprocess.run(["umount", "--lazy", "--recursive", place], check=False)
        self._mounted.clear()

    def mount(self, what: str | Path, where: str, *options: str) -> None:
        place = self.folder / where
        place.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", *options, what, place], check=True)
        self._mounted.append(place)

    def seal(self) -> None:
        """From here on the image cannot be written, as with `read_only: true`; what is mounted in it can."""
        subprocess.run(["mount", "-o", "remount,ro,bind", self.folder], check=True)

    def run(self, command: str, *, env: Mapping[str, str], cwd: str) -> None:
        """A RUN line: as root, with the network, and what this machine needs for it."""
        passed = {name: value for name, value in os.environ.items() if name.startswith(PASSED)}
        line = ["chroot", str(self.folder), "sh", "-c", f"cd {cwd} && {command}"]
        subprocess.run(line, env={**passed, **env}, check=True, stdin=subprocess.DEVNULL)

    def as_user(self, command: list[str], *, user: str, cwd: str) -> list[str]:
        """The command as the container would run it: that user, no capability, no way to new ones."""
        uid, _, gid = user.partition(":")
        drop = ["setpriv", "--reuid", uid, "--regid", gid, "--clear-groups", "--no-new-privs", "--bounding-set=-all",
                "--inh-caps=-all"]  # fmt: skip
        return ["chroot", str(self.folder), *drop, "env", "-C", cwd, *command]


def stop(process: subprocess.Popen[bytes], seconds: float = 30) -> None:
    """SIGTERM, as `docker compose stop` sends it; then SIGKILL for it and what it started."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
