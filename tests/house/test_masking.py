"""No token of a mailed link stands in the log."""

import io
import logging
from collections.abc import Generator

import pytest
from django.test import Client

from pledge_tracker.masking import MaskTokens

TOKEN = "sEcReT-tOkEn_123"


@pytest.fixture
def log() -> Generator[io.StringIO, None, None]:
    """What the site writes to its console, through the handler that the settings made."""
    [handler] = [
        each
        for each in logging.getLogger().handlers
        if isinstance(each, logging.StreamHandler) and any(isinstance(one, MaskTokens) for one in each.filters)
    ]
    written = io.StringIO()
    before = handler.setStream(written)
    yield written
    handler.setStream(before)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/supporters/manage/", "/invitation/"])
def test_a_refused_form_is_logged_without_its_token(address: str, log: io.StringIO) -> None:
    assert Client(enforce_csrf_checks=True).post(f"{address}{TOKEN}/").status_code == 403
    assert f"Forbidden (CSRF cookie not set.): {address}…/" in log.getvalue()
    assert TOKEN not in log.getvalue()


def test_a_failure_is_logged_without_its_token(log: io.StringIO) -> None:
    logging.getLogger("django.request").error("%s: %s", "Internal Server Error", f"/invitation/{TOKEN}/?next=/")
    assert log.getvalue().endswith("Internal Server Error: /invitation/…/?next=/\n")


def test_other_lines_stay_as_they_are(log: io.StringIO) -> None:
    logging.getLogger("mail").warning("Message %s waits", 7)
    assert log.getvalue().endswith("WARNING mail Message 7 waits\n")
