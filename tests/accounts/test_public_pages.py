"""A public page is made once in a minute by each process, and anew as soon as something was recorded."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import audit, public_pages
from tests.factories.accounts import make_caseworker
from tests.factories.signatories import make_public_pledge_maker

LIST = "/pledge-makers/"
NOON = datetime(2026, 11, 20, 12, 0, 10, tzinfo=ZoneInfo("Europe/London"))


@pytest.fixture(autouse=True)
def kept_pages(settings):
    """As in production: the tests run without."""
    memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "pages of this test"}
    settings.CACHES = {**settings.CACHES, "pages": memory}
    yield
    caches["pages"].clear()


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def maker(db, clock):
    return make_public_pledge_maker(name="Northtown", now=NOON - timedelta(days=1))


def test_the_next_visitor_gets_the_same_page_for_one_query(client, maker, django_assert_num_queries):
    first = client.get(LIST)
    with django_assert_num_queries(1):
        second = client.get(LIST)
    assert (second.content, second.headers) == (first.content, first.headers)
    assert (second.status_code, second["Cache-Control"], "Set-Cookie" in second) == (200, "public, no-cache", False)


def test_a_recorded_act_is_seen_at_once(client, maker):
    client.get(LIST)
    type(maker).objects.filter(pk=maker.pk).update(name="Southtown")
    assert b"Southtown" not in client.get(LIST).content
    audit.record(action="pledge_maker.renamed", by=make_caseworker(), about=maker, now=NOON)
    assert b"Southtown" in client.get(LIST).content


def test_a_minute_later_the_page_is_made_anew(client, maker, clock):
    client.get(LIST)
    type(maker).objects.filter(pk=maker.pk).update(name="Southtown")
    clock.shift(timedelta(seconds=49))
    assert b"Southtown" not in client.get(LIST).content
    clock.shift(timedelta(seconds=1))
    assert b"Southtown" in client.get(LIST).content


def test_another_address_is_another_page(client, maker):
    assert b"Northtown" in client.get(LIST).content
    assert client.get(LIST, {"q": "zzzzzzzz"}).content != client.get(LIST).content


def test_a_page_that_is_not_found_is_looked_for_each_time(client, maker, django_assert_num_queries):
    address = f"{LIST}nobody/"
    with django_assert_num_queries(count_of(client, address)):
        assert client.get(address).status_code == 404


def count_of(client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 404
    assert len(asked) > 1
    return len(asked)


def test_a_very_large_page_is_not_kept(client, maker, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(public_pages, "KEPT_BYTES", 100)
    client.get(LIST)
    with django_assert_num_queries(5):
        client.get(LIST)
