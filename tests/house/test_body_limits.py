"""How much may be sent, and what is refused before a byte of it is read."""

import http.client
import io
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, FakePayload, encode_multipart
from django.urls import reverse

from deploy import compose
from pledge_tracker import body_limits
from progress_updates.documents import LARGEST
from tests.factories.accounts import make_caseworker, make_user, sign_in
from tests.factories.progress_updates import make_round

pytestmark = pytest.mark.django_db
ROOT = Path(settings.BASE_DIR)
JOIN = "/supporters/join/"
MEBIBYTE = 1024 * 1024


class Unread(io.BytesIO):
    """A body that nobody may touch."""

    def read(self, *_: object) -> bytes:
        raise AssertionError("The body was read.")

    readline = read


def document(size: int) -> bytes:
    file = SimpleUploadedFile("report.pdf", b"%PDF-" + b"x" * size)
    return encode_multipart(BOUNDARY, {"name": "Grace Addo", "file": file})


def send(client: Client, address: str, size: int):
    """Real bytes, one file of that size."""
    return client.generic("POST", address, document(size), content_type=MULTIPART_CONTENT)


@pytest.mark.parametrize("address", [JOIN, "/sign-the-pledge/", "/account/login/", "/", "/nowhere/"])
def test_a_large_file_to_a_public_address_is_refused_unread(address: str) -> None:
    answer = Client(enforce_csrf_checks=True).generic(
        "POST", address, b"", **{"CONTENT_TYPE": MULTIPART_CONTENT, "CONTENT_LENGTH": str(3 * MEBIBYTE),
                                 "wsgi.input": Unread()}
    )  # fmt: skip
    assert (answer.status_code, answer["Cache-Control"]) == (413, "no-store")
    page = answer.content.decode()
    assert "we take up to 1.0\xa0MB at once here. Nothing was saved." in " ".join(page.split(" "))
    assert "Go back with your browser’s back button" in page


def test_real_bytes_above_the_limit_are_refused_and_below_are_taken(client: Client) -> None:
    sizes = (body_limits.ORDINARY // 2, body_limits.ORDINARY + 1)
    assert [send(client, JOIN, size).status_code for size in sizes] == [200, 413]


def test_what_does_not_say_its_length_is_refused_unread(client: Client) -> None:
    answer = client.generic("POST", JOIN, b"", **{"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": Unread()})
    assert answer.status_code == 411
    assert "did not say how much it was sending" in answer.content.decode()


@pytest.mark.parametrize("length", ["", "many"])
def test_a_length_that_is_no_number_counts_as_nothing(client: Client, length: str) -> None:
    answer = client.generic("POST", JOIN, b"", **{"CONTENT_LENGTH": length, "wsgi.input": FakePayload(b"")})
    assert answer.status_code == 200


def test_the_team_sends_documents_where_documents_are_taken() -> None:
    address, team = reverse("staff:on_behalf", args=[make_round().slug]), sign_in(Client(), make_caseworker())
    assert send(team, address, 3 * MEBIBYTE).status_code == 200
    answer = send(team, address, LARGEST + 2 * MEBIBYTE)
    assert (answer.status_code, "choose a smaller file" in answer.content.decode()) == (413, True)
    assert send(team, "/staff/invite/", 3 * MEBIBYTE).status_code == 413


@pytest.mark.parametrize("name", sorted(body_limits.UPLOADS))
def test_nobody_else_sends_documents_there(name: str) -> None:
    address = reverse(name, args=[7 if name == "staff:add_document" else "autumn-2026"])
    for client in (Client(), sign_in(Client(), make_user())):
        answer = send(client, address, 3 * MEBIBYTE)
        assert (answer.status_code, "your sign-in may have ended" in answer.content.decode()) == (413, True)


def test_the_team_sends_none_before_its_second_factor() -> None:
    round_ = make_round()
    client = sign_in(Client(), make_caseworker(), second_factor=False)
    answer = send(client, reverse("staff:import_past_round", args=[round_.slug]), 3 * MEBIBYTE)
    assert answer.status_code == 413


def test_a_server_refuses_it_too(live_server) -> None:
    connection = http.client.HTTPConnection(urlsplit(live_server.url).netloc, timeout=20)
    connection.request("POST", JOIN, document(3 * MEBIBYTE), {"Content-Type": MULTIPART_CONTENT})
    answer = connection.getresponse()
    assert (answer.status, "This was too large" in answer.read().decode()) == (413, True)
    connection.close()


def test_the_proxy_lets_through_what_the_site_takes_and_little_more() -> None:
    sizes = re.findall(r"request_body @(\w+) {\s+max_size (\d+)MiB", (ROOT / "deploy/Caddyfile").read_text())
    team = max(body_limits.UPLOADS.values()) // MEBIBYTE + 1
    assert dict(sizes) == {"team": str(team), "others": str(2 * body_limits.ORDINARY // MEBIBYTE)}
    assert [name for name in body_limits.UPLOADS if not name.startswith("staff:")] == []


def test_every_folder_in_memory_has_a_size() -> None:
    words = dict.fromkeys(compose.names(ROOT / "docker-compose.yml"), "word")
    services = compose.read(ROOT / "docker-compose.yml", words)["services"]
    mounts = [mount for service in services.values() for mount in service.get("tmpfs", [])]
    assert [mount for mount in mounts if ":size=" not in mount] == []
    assert mounts != []
