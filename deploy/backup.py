"""A backup: the database (pg_dump, custom format), the files, and checksums of both, all of one moment.

The folder appears under its name only when it is whole. The site goes on meanwhile.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from deploy.places import Compose, Failure, Here

DATABASE, MEDIA, CHECKSUMS, SUMS = "database.dump", "media.tar", "checksums.json", "SHA256SUMS"


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/backup", description=__doc__)
    parser.add_argument("folder", type=Path, help="a folder for the new folder, named by its time")
    parser.add_argument("--compose", action="store_true", help="the site runs in docker compose")
    given = parser.parse_args()
    try:
        print(make(Compose() if given.compose else Here(), given.folder))  # noqa: T201
    except Failure as failure:
        sys.stderr.write(f"backup FAILED: {failure}\n")
        return 1
    return 0


def make(place: Here, parent: Path) -> Path:
    """Returns the new folder. Raises Failure, and leaves nothing behind."""
    target = parent / f"pledge-tracker-{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}"
    draft = parent / f".{target.name}.partial"
    draft.mkdir(parents=True, mode=0o700)
    try:
        _of_one_moment(place, draft)
        (draft / SUMS).write_text("".join(f"{sha256(draft / name)}  {name}\n" for name in (DATABASE, MEDIA, CHECKSUMS)))
        draft.rename(target)
    except BaseException:
        shutil.rmtree(draft)
        raise
    return target


def _of_one_moment(place: Here, draft: Path) -> None:
    """One process holds a snapshot of the database, so that dump and checksums speak of the same rows.

    Files are added and never changed, and are read last: each that a row names is among them.
    """
    command = place.manage("checksums", "--of-one-moment")
    holder = place.start(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdin
    assert holder.stdout
    snapshot = holder.stdout.readline().decode().strip()
    if not snapshot:
        raise Failure("the database could not be read.")
    with (draft / DATABASE).open("wb") as dump:
        words = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
        place.run(place.postgres("pg_dump", *words), stdout=dump)
    with (draft / MEDIA).open("wb") as tar:
        place.run(place.media("--create", "--exclude=.being-written-*", "--file=-", "."), stdout=tar)
    said, _ = holder.communicate(b"")
    if holder.returncode:
        raise Failure("the checksums could not be made.")
    (draft / CHECKSUMS).write_text(json.dumps(json.loads(said), indent=1))


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
