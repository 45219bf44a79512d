"""What every test may use; the servers themselves are started by tests/servers.py."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.core.cache import cache
from django.db import connection

from jobs import waking

pytest_plugins = ["tests.processes", "tests.smtp", "tests.browser"]


@pytest.fixture(scope="session")
def base_url() -> None:
    """Addresses are written out; the plugin's own fixture of this name is deprecated by pytest itself."""


@pytest.fixture(scope="session")
def redis_client() -> Iterator[Any]:
    """The temporary Redis; None where the tests run without one."""
    if not os.environ.get("REDIS_URL"):
        yield None
        return
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        yield client


@pytest.fixture(scope="session", autouse=True)
def _nobody_left_in_the_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The session of a process that a test killed may outlive it, and would keep the database from being dropped."""
    yield
    # Where no test wanted a database none was made, and the name is still that of the site's own.
    if connection.vendor != "postgresql" or not connection.settings_dict["NAME"].startswith("test_"):
        return
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def _nothing_left_in_the_broker(redis_client: Any) -> Iterator[None]:
    """No test sees another's messages, nor the rest that another's broken broker earned."""
    yield
    waking.end_rest()
    if redis_client:
        redis_client.flushdb()


@pytest.fixture(autouse=True)
def _nothing_left_in_the_cache(request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[None]:
    """The cache is a table without a model: flushing after a test with real commits passes it by."""
    yield
    if _has_real_commits(request):
        with django_db_blocker.unblock():
            cache.clear()


def _has_real_commits(request: pytest.FixtureRequest) -> bool:
    marker = request.node.get_closest_marker("django_db")
    return bool(marker and marker.kwargs.get("transaction")) or bool(
        {"transactional_db", "live_server"}.intersection(request.fixturenames)
    )
