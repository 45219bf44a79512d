"""Names of files, addresses and boxes stay words: none becomes a header, a file elsewhere, or a line of the log."""

import io
import logging
from collections.abc import Iterator
from email import message_from_bytes
from email.utils import getaddresses
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from mail.delivery import as_email
from mail.outbox import queue
from pledge_tracker.masking import MaskTokens
from progress_updates.models import SourceDocument
from tests.factories.accounts import make_caseworker, sign_in
from tests.factories.past import make_entered

pytestmark = pytest.mark.django_db
NAMES = (
    'report.docx"; filename="evil.html',
    "report.docx\r\nX-Evil: 1",
    "report\nSet-Cookie: sessionid=1.docx",
    "report.docx\r\n\r\n<script>alert(1)</script>",
    "../../../etc/passwd",
    "..\\..\\evil.docx",
    "\u202excod.exe",
    "re\x00port\x0b\x0c\u2028.docx",
    "é – \U0001f600.docx",
    "%0d%0aX-Evil: 1",
    "report.html",
)


@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_a_document_is_only_a_name(name: str) -> None:
    """Whatever stands in the row, the browser is told of one attachment and of nothing else."""
    update = make_entered()
    SourceDocument.objects.filter(update=update).update(name=name.replace("\x00", ""))
    document = update.sources.get()
    answer = sign_in(Client(), make_caseworker()).get(f"/staff/updates/{update.pk}/documents/{document.pk}/")
    b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert answer.status_code == 200
    assert [value for value in answer.headers.values() if set(value) & set("\r\n\x0b\x0c")] == []
    assert {"X-Evil", "Set-Cookie"} & set(answer.headers) == set()
    line = f"Content-Disposition: {answer.headers['Content-Disposition']}\n\n"
    disposition = message_from_bytes(line.encode())
    assert disposition.get_content_disposition() == "attachment"
    assert len(disposition.get_params(header="Content-Disposition") or []) == 2
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "html" not in answer.headers["Content-Type"]


@pytest.mark.parametrize("path", ["/nobody%0d%0aX-Evil: 1/", "/nobody%0a2026-01-01 ERROR root Evil/", "/%1b[31mEvil/"])
def test_an_address_is_one_line_of_the_log(path: str, log: io.StringIO) -> None:
    for address in (path, f"/pledge-makers{path}", f"/pledge-makers/?q={quote(path)}", f"/invitation{path}"):
        Client().get(address)
        Client(enforce_csrf_checks=True).post(address)
    lines = log.getvalue().splitlines()
    assert [line for line in lines if not line[:4].isdigit() or "\x1b" in line] == []
    assert [line for line in lines if line.startswith("2026-01-01")] == []


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the site writes to its console meanwhile."""
    yield from told_to_the_log()


def told_to_the_log() -> Iterator[io.StringIO]:
    handlers = (each for each in logging.getLogger().handlers if isinstance(each, logging.StreamHandler))
    [handler] = [each for each in handlers if any(isinstance(one, MaskTokens) for one in each.filters)]
    written = io.StringIO()
    before = handler.setStream(written)
    yield written
    handler.setStream(before)


RECIPIENTS = ("Ama\r\nBcc: all@elsewhere.example", "Ama <evil@elsewhere.example>,", 'A" <x@y.example>')


@pytest.mark.parametrize("name", RECIPIENTS)
def test_the_name_of_somebody_who_is_mailed_adds_nobody(name: str) -> None:
    message = queue(
        to="ama@northtown.example",
        to_name=name,
        kind="sign_in_code",
        template="sign_in_code",
        context={"code": name, "purpose": "sign_in"},
        now=timezone.now(),
    )
    sent = message_from_bytes(as_email(message).message().as_bytes())
    assert (sent["Bcc"], len(sent.get_all("To", []))) == (None, 1)
    assert [address for _name, address in getaddresses([sent["To"]])] == ["ama@northtown.example"]
