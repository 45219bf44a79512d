"""A backup of a living site, put back into an empty database: the same rows, the same files, no mail."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.conf import settings
from django.utils import timezone

from mail.models import Message, State
from mail.outbox import queue
from tests.factories.progress_updates import make_update
from tests.processes import test_environment

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]
ROOT = Path(settings.BASE_DIR)


def run(script: str, *words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *([ROOT / script] if "/" in script else ["manage.py", script]), *words]
    env = {**os.environ, **test_environment(), **environment}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)


def queue_message(code: str) -> None:
    """Any template does; the kind says that it is no sign-in code, which would leave all the same."""
    context = {"code": code, "purpose": "sign_in"}
    queue(to="ada@trust.example", kind="greeting", template="sign_in_code", context=context, now=timezone.now())


@pytest.fixture
def site(tmp_path):
    """Rows of several rooms, a file, and a message that waits."""
    make_update()
    queue_message("ABCD")
    media = tmp_path / "media"
    (media / "documents/ab").mkdir(parents=True)
    (media / "documents/ab/abcd-1.pdf").write_bytes(b"%PDF-1.7 a document")
    (media / "documents/ab/.being-written-x").write_bytes(b"half")
    return {"MEDIA_ROOT": str(media)}


@pytest.fixture
def empty(tmp_path):
    """An empty machine: a database without tables, no files."""
    whole = urlsplit(test_environment()["DATABASE_URL"])
    admin = psycopg2.connect(whole._replace(path="/postgres").geturl())
    admin.autocommit = True
    admin.cursor().execute("CREATE DATABASE pledge_restored")
    yield {
        "DATABASE_URL": whole._replace(path="/pledge_restored").geturl(),
        "MEDIA_ROOT": str(tmp_path / "restored-media"),
    }
    admin.cursor().execute("DROP DATABASE pledge_restored WITH (FORCE)")
    admin.close()


@pytest.fixture
def backup(site, tmp_path) -> Path:
    done = run("scripts/backup", tmp_path / "backups", **site)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


def test_what_is_restored_is_what_was_backed_up_and_its_mail_is_on_hold(site, backup, empty):
    before = json.loads(run("checksums", **site).stdout)
    done = run("scripts/restore", backup, **empty)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("Restored, and the same as when it was backed up.")
    after = json.loads(run("checksums", **empty).stdout)
    different = {name for name in after["tables"] if after["tables"][name] != before["tables"][name]}
    assert different == {"mail_hold", "mail_message"}  # what waited is on hold
    assert (after["signed_records"], after["files"]) == (before["signed_records"], before["files"])
    assert before["files"][:2] == [1, len(b"%PDF-1.7 a document")]
    assert run("send_mail", **empty).stdout == "Sent: 0\n"
    waited = Message.objects.filter(state=State.QUEUED).count()
    assert run("release_mail", **empty).stdout == f"Mail leaves again. Messages that were on hold: {waited}\n"


def test_a_database_in_use_is_never_touched(site, backup):
    done = run("scripts/restore", backup, **site)
    assert (done.returncode, done.stderr) == (
        1, "restore FAILED: the database is not empty. Nothing was changed.\n"
    )  # fmt: skip


def test_a_backup_that_was_changed_is_refused(backup, empty):
    for name in ("database.dump", "media.tar", "checksums.json"):
        whole = (backup / name).read_bytes()
        (backup / name).write_bytes(whole + b"x")
        done = run("scripts/restore", backup, **empty)
        assert done.stderr == f"restore FAILED: {name} is not what was backed up. Nothing was changed.\n"
        (backup / name).write_bytes(whole)


def test_a_dump_that_is_cut_leaves_the_database_empty(backup, empty):
    cut = (backup / "database.dump").read_bytes()[:-20_000]
    (backup / "database.dump").write_bytes(cut)
    sums = subprocess.run(["sha256sum", "database.dump", "media.tar", "checksums.json"], cwd=backup,
                          capture_output=True, text=True, check=True).stdout  # fmt: skip
    (backup / "SHA256SUMS").write_text(sums)
    done = run("scripts/restore", backup, **empty)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        1, "restore FAILED: PostgreSQL refused the dump. The database is empty as before."
    )  # fmt: skip
    with psycopg2.connect(empty["DATABASE_URL"]) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert cursor.fetchone() == (0,)
    connection.close()


def test_a_backup_that_fails_leaves_nothing_behind(site, tmp_path):
    shutil.rmtree(site["MEDIA_ROOT"])
    (tmp_path / "media").write_text("no folder")
    done = run("scripts/backup", tmp_path / "backups", **site)
    assert done.returncode == 1
    assert list((tmp_path / "backups").iterdir()) == []


def test_without_a_database_the_script_says_what_to_set(tmp_path):
    done = run("scripts/backup", tmp_path, DATABASE_URL="sqlite:///x", MEDIA_ROOT="")
    assert (done.returncode, done.stderr) == (
        1, "backup FAILED: DATABASE_URL (PostgreSQL) and MEDIA_ROOT must be set, or say --compose.\n"
    )  # fmt: skip


def test_the_checksums_are_of_one_moment_however_long_the_dump_takes(site):
    counted = json.loads(run("checksums", **site).stdout)["tables"]["mail_message"]
    env = {**os.environ, **test_environment(), **site}
    holder = subprocess.Popen([sys.executable, "manage.py", "checksums", "--of-one-moment"], cwd=ROOT, env=env,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # fmt: skip
    assert holder.stdout.readline().strip()
    queue_message("EFGH")
    said, _ = holder.communicate("")
    assert json.loads(said)["tables"]["mail_message"] == counted
    assert json.loads(run("checksums", **site).stdout)["tables"]["mail_message"][0] == counted[0] + 1
