"""The team is warned before its session ends, in every tab, and nothing typed goes away."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts import sessions
from accounts.models import User
from tests.browser import AxeCheck, NuCheck
from tests.journeys.people import Person
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
MINUTE = 60_000


def last_used(person: Person, ago: timedelta, began: timedelta | None = None) -> None:
    session = person._session()
    now = timezone.now()
    session[sessions.USED], session[sessions.BEGAN] = (now - ago).isoformat(), (now - (began or ago)).isoformat()
    session.save()


def opens_with_clock(publisher: Person, path: str = "/staff/invite/") -> Page:
    publisher.is_signed_in()
    last_used(publisher, timedelta())
    publisher.page.clock.install()
    publisher.opens(path)
    return publisher.page


def time_passes(page: Page, minutes: int) -> None:
    """Until the page has asked the server how much is left."""
    with page.expect_response(lambda response: "/account/stay/" in response.url):
        page.clock.fast_forward(minutes * MINUTE)


def dialog(page: Page, name: str) -> object:
    return page.get_by_role("dialog", name=name)


def test_the_team_is_warned_five_minutes_before_the_end_and_stays_by_one_press(
    publisher: Person, axe: AxeCheck
) -> None:
    page = opens_with_clock(publisher)
    page.get_by_label("E-mail address").first.fill("half an addr")
    last_used(publisher, timedelta(minutes=54))
    time_passes(page, 56)
    expect(dialog(page, "Are you still there?")).to_have_count(0)
    last_used(publisher, timedelta(minutes=56))
    time_passes(page, 2)
    expect(dialog(page, "Are you still there?")).to_be_visible()
    expect(page.get_by_role("button", name="Stay signed in")).to_be_focused()
    axe.everywhere(page)
    page.keyboard.press("Enter")
    expect(dialog(page, "Are you still there?")).to_have_count(0)
    expect(page.get_by_label("E-mail address").first).to_have_value("half an addr")
    expect(page.get_by_label("E-mail address").first).to_be_focused()
    user = User.objects.get(email=publisher.email)
    assert sessions.seconds_left(publisher._session(), user, timezone.now()) > 3500


def test_tabs_agree(publisher: Person) -> None:
    first = opens_with_clock(publisher)
    second = first.context.new_page()
    second.goto(f"{publisher.site.url}/staff/queue/")
    last_used(publisher, timedelta(minutes=56))
    time_passes(first, 56)
    for page in (first, second):
        expect(dialog(page, "Are you still there?")).to_be_visible()
    second.get_by_role("button", name="Stay signed in").click()
    for page in (first, second):
        expect(dialog(page, "Are you still there?")).to_have_count(0)


def test_when_it_has_ended_the_page_says_so_and_keeps_what_was_typed(publisher: Person, axe: AxeCheck) -> None:
    page = opens_with_clock(publisher)
    box = page.get_by_label("E-mail address").first
    box.fill("half an addr")
    last_used(publisher, timedelta(minutes=61))
    time_passes(page, 60)
    expect(dialog(page, "You have been signed out")).to_be_visible()
    axe.everywhere(page)
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Sign in in a new tab").click()
    expect(opened.value.locator("h1")).to_have_text("Sign in")
    publisher.is_signed_in()
    opened.value.goto(f"{publisher.site.url}/account/signed-in/")
    expect(dialog(page, "You have been signed out")).to_have_count(0)
    expect(box).to_have_value("half an addr")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    expect(box).to_have_value("half an addr")


def test_near_the_longest_that_a_session_lasts_the_page_does_not_offer_to_stay(
    publisher: Person, axe: AxeCheck
) -> None:
    page = opens_with_clock(publisher)
    last_used(publisher, timedelta(minutes=1), began=timedelta(hours=11, minutes=56))
    time_passes(page, 56)
    expect(dialog(page, "You have been signed in for nearly 12 hours")).to_be_visible()
    axe.everywhere(page)


def test_escape_means_that_somebody_is_there(publisher: Person) -> None:
    page = opens_with_clock(publisher)
    last_used(publisher, timedelta(minutes=56))
    time_passes(page, 56)
    expect(dialog(page, "Are you still there?")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog(page, "Are you still there?")).to_have_count(0)
    user = User.objects.get(email=publisher.email)
    wait_until(
        lambda: sessions.seconds_left(publisher._session(), user, timezone.now()) > 3500, what="the session goes on"
    )


def test_pages_with_the_warning_are_valid(publisher: Person, nu: NuCheck) -> None:
    page = opens_with_clock(publisher)
    nu({"invite": page.request.get(page.url).text()})
