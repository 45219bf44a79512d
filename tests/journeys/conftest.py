"""The whole site for a journey: pages, a worker with its timetable, mail, and people with browsers."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from accounts.models import SynergiRole
from tests.factories.accounts import make_user
from tests.journeys.people import Person, Site
from tests.smtp import SmtpSink


@pytest.fixture
def start_worker(start_child: Callable[..., Any], smtp_sink: SmtpSink) -> Callable[[str], Any]:
    """start_worker(address of the site): a real Celery worker with beat in it, which sends into the sink."""

    def start(site_url: str) -> Any:
        child = start_child(
            "celery", "-A", "pledge_tracker", "worker", "-B", "--concurrency=2", "--loglevel=INFO",
            "--without-gossip", "--without-mingle", EMAIL_URL=smtp_sink.url, SITE_URL=site_url,
        )  # fmt: skip
        child.wait_until(lambda: " ready." in child.said(), what="the worker says that it is ready")
        return child

    return start


@pytest.fixture
def worker(start_worker: Callable[[str], Any], live_site: str) -> Any:
    return start_worker(live_site)


@pytest.fixture
def site(live_site: str, smtp_sink: SmtpSink) -> Site:
    return Site(live_site, smtp_sink)


@pytest.fixture
def visit(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Callable[..., Person]]:
    """visit(site, "Ama Mensah", "ama@northtown.example"): somebody with a browser of their own."""
    people: list[Person] = []

    def arrive(site: Site, name: str = "A visitor", email: str = "", **context: Any) -> Person:
        people.append(Person(browser.new_context(**{**browser_context_args, **context}), site, name, email))
        return people[-1]

    yield arrive
    for one in people:
        one.leave()


@pytest.fixture
def person(visit: Callable[..., Person], site: Site) -> Callable[..., Person]:
    """person("Ama Mensah", "ama@northtown.example"): the same on the site of this process."""
    return lambda *who, **context: visit(site, *who, **context)


@pytest.fixture
def publisher(person: Callable[..., Person]) -> Person:
    """Somebody of the Synergi team, with an account and not signed in."""
    user = make_user(email="pat.lindqvist@synergi.example", name="Pat Lindqvist", synergi_role=SynergiRole.PUBLISHER)
    return person(user.name, user.email)
