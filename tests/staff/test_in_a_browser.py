"""The team at work in a real browser: what it is told of errors, and one review by keyboard."""

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from accounts.models import User
from progress_updates.models import State
from tests.factories.accounts import make_publisher, sign_in
from tests.factories.progress_updates import make_update

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def publisher(page: Page, live_site: str) -> User:
    user = make_publisher()
    session = sign_in(Client(), user).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_site}])
    return user


def test_an_error_stands_in_the_title_and_keeps_nobody_out(
    page: Page, live_site: str, publisher: User, axe: Any
) -> None:
    page.goto(f"{live_site}/staff/invite/")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page).to_have_title("Error: Invite a leader or coordinator – Pledge Tracker")
    page.goto(f"{live_site}/staff/rounds/new/")
    page.get_by_label("Year").first.fill("27")
    page.get_by_role("button", name="Save the round").click()
    expect(page).to_have_title("Error: Make a new round – Pledge Tracker")
    axe.everywhere(page)


def test_an_update_is_sent_back_by_keyboard_alone(page: Page, live_site: str, publisher: User, axe: Any) -> None:
    update = make_update(state=State.SUBMITTED)
    page.goto(f"{live_site}/staff/")
    page.get_by_role("link", name=update.entry.pledge_maker.name).focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Start the review").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("The review has started.")
    page.locator("summary", has_text="Send it back instead").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Send it back").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").first).to_contain_text("Say what they should change.")
    axe.everywhere(page)
    page.get_by_role("link", name="Say what they should change.").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("Please name the partner.")
    page.get_by_role("button", name="Send it back").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Sent back, with your words.")
    update.refresh_from_db()
    assert (update.state, update.changes.latest("pk").note) == (State.RETURNED, "Please name the partner.")
