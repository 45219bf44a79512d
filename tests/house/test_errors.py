"""What every answer carries, and what the site says when something went wrong."""

from pathlib import Path

import pytest
from django.conf import settings as site
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from pledge_tracker import urls

handler500 = urls.handler500


def fails(request: HttpRequest) -> HttpResponse:
    raise {"database": OperationalError("connection refused"), "us": ValueError("ours")}[request.POST["who"]]


fails.login_required = False  # type: ignore[attr-defined]
urlpatterns = [*urls.urlpatterns, path("fails/", fails)]


@pytest.fixture
def visitor(settings) -> Client:
    settings.ROOT_URLCONF, settings.DEBUG = __name__, False
    return Client(raise_request_exception=False)


def test_without_its_database_the_site_says_so_and_gives_back_what_was_typed(visitor: Client) -> None:
    answer = visitor.post("/fails/", {"who": "database", "text": "We wrote <much>", "csrfmiddlewaretoken": "secret"})
    page = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (503, "60", "no-store")
    assert "Back in a moment" in page
    assert "We wrote &lt;much&gt;" in page
    assert "secret" not in page


def test_a_fault_of_ours_is_not_blamed_on_the_database(visitor: Client) -> None:
    answer = visitor.post("/fails/", {"who": "us"})
    assert (answer.status_code, "Something went wrong" in answer.content.decode()) == (500, True)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/health/live", "/nowhere/", "/workspace/", "static"])
def test_no_other_site_can_embed_an_answer(address: str, client: Client, settings, tmp_path: Path) -> None:
    if address == "static":
        (tmp_path / "some.css").write_text("p {}")
        settings.STATIC_ROOT, settings.WHITENOISE_USE_FINDERS = tmp_path, False
        address = f"{site.STATIC_URL}some.css"
    answer = client.get(address)
    answer.close()
    assert (answer.status_code == 200) == (address not in {"/nowhere/", "/workspace/"})
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in answer
