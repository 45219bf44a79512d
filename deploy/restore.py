"""A backup put back into an empty database. Mail is on hold from the first moment, until `manage.py release_mail`."""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from deploy.backup import CHECKSUMS, DATABASE, MEDIA, SUMS, sha256
from deploy.places import Compose, Failure, Here

IS_EMPTY = "SELECT count(*) = 0 FROM pg_tables WHERE schemaname = 'public'"
# In the same transaction as the rows: no worker ever sees a message that may leave.
HOLD = b"\nINSERT INTO public.mail_hold (id, since) VALUES (1, now()) ON CONFLICT DO NOTHING;\n"


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/restore", description=__doc__)
    parser.add_argument("folder", type=Path, help="what scripts/backup made")
    parser.add_argument("--compose", action="store_true", help="the site runs in docker compose")
    given = parser.parse_args()
    try:
        put_back(Compose() if given.compose else Here(), given.folder)
    except Failure as failure:
        sys.stderr.write(f"restore FAILED: {failure}\n")
        return 1
    sys.stdout.write("Restored, and the same as when it was backed up. Mail is on hold: look, then release_mail.\n")
    return 0


def put_back(place: Here, folder: Path) -> None:
    """Raises Failure. Up to the comparison the database is either empty or whole."""
    _check_whole(folder)
    if place.ask(place.postgres("psql", "--no-psqlrc", "--tuples-only", "--command", IS_EMPTY)).strip() != b"t":
        raise Failure("the database is not empty. Nothing was changed.")
    _restore_database(place, folder / DATABASE)
    with (folder / MEDIA).open("rb") as tar:
        place.run(place.media("--extract", "--file=-"), stdin=tar)
    _compare(json.loads((folder / CHECKSUMS).read_text()), json.loads(place.ask(place.manage("checksums"))))
    # The code may be newer than the backup.
    place.run(place.manage("migrate", "--noinput", "--verbosity=0"))
    place.run(place.manage("hold_mail"))
    place.run(place.manage("verify_snapshots"))


def _check_whole(folder: Path) -> None:
    if not (folder / SUMS).is_file():
        raise Failure(f"{folder} is no backup.")
    for line in (folder / SUMS).read_text().splitlines():
        expected, name = line.split()
        if sha256(folder / name) != expected:
            raise Failure(f"{name} is not what was backed up. Nothing was changed.")


def _restore_database(place: Here, dump: Path) -> None:
    """All rows in one transaction, with the hold on mail."""
    words = [
        "--no-psqlrc",
        "--quiet",
        "--output=/dev/null",
        "--single-transaction",
        "--set=ON_ERROR_STOP=1",
        "--file=-",
    ]
    psql = place.start(place.postgres("psql", *words), stdin=subprocess.PIPE)
    assert psql.stdin
    try:
        with dump.open("rb") as file:
            place.run(place.script_of(), stdin=file, stdout=psql.stdin)
        psql.stdin.write(HOLD)
    except (Failure, BrokenPipeError):
        psql.kill()
    psql.stdin.close()
    if psql.wait():
        raise Failure("PostgreSQL refused the dump. The database is empty as before.")


def _compare(then: dict[str, Any], now: dict[str, Any]) -> None:
    for sums in (then, now):
        sums["tables"].pop("mail_hold", None)
    different = sorted(name for name, sum_ in then["tables"].items() if now["tables"].get(name) != sum_)
    different += [name for name in ("signed_records", "files") if then[name] != now[name]]
    if different:
        raise Failure(f"not the same as when it was backed up: {', '.join(different)}. Do not use this database.")
