"""A file is whole or not there, whatever kills its writer."""

import hashlib
import subprocess
import sys

import pytest
from django.conf import settings
from django.utils import timezone

from reports import build, files
from reports.models import Document
from tests.factories.reports import make_published

WRITE = "import django; django.setup(); from reports import files; files.write(b'x' * 5_000_000, suffix='.pdf')"


def write_and_die(media, at: str) -> int:
    environment = {
        "DJANGO_SETTINGS_MODULE": "pledge_tracker.settings",
        "ENVIRONMENT": "test",
        "MEDIA_ROOT": str(media),
        "VAR_DIR": str(media.parent / "var"),
        "CRASH_AT": at,
    }
    done = subprocess.run([sys.executable, "-c", WRITE], cwd=settings.BASE_DIR, env=environment, timeout=60)
    return done.returncode


def test_the_name_is_the_hash_and_nothing_else_is_left(media):
    written = files.write(b"one document", suffix=".pdf")
    found = [path for path in media.rglob("*") if path.is_file()]
    assert [path.name for path in found] == [f"{hashlib.sha256(b'one document').hexdigest()}.pdf"]
    assert (media / written.file).read_bytes() == b"one document"


@pytest.mark.parametrize("at", ["files.half_written", "files.written"])
def test_ten_killed_writers_leave_no_document_behind(media, at):
    for _ in range(10):
        assert write_and_die(media, at) == -9
    assert list(media.rglob("*.pdf")) == []


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("at", ["reports.claimed", "files.half_written", "reports.stored"])
def test_a_killed_builder_serves_nothing_cut_and_the_next_one_finishes(media, start_child, client, at):
    update = make_published()
    builder = start_child("django", "build_reports", MEDIA_ROOT=str(media), CRASH_AT=at,
                          DJANGO_SETTINGS_MODULE="pledge_tracker.settings")  # fmt: skip
    assert builder.process.wait(60) == -9
    address = f"/pledge-makers/{update.entry.pledge_maker.slug}/{update.entry.round.slug}.pdf"
    assert client.get(address).status_code == 503
    assert build.build_missing(now=timezone.now() + build.LEASE) == 1
    document = Document.objects.get()
    body = b"".join(client.get(address).streaming_content)
    assert (hashlib.sha256(body).hexdigest(), len(body)) == (document.sha256, document.bytes)
