"""Reminding in bulk in a real browser, by keyboard: every page of it in both widths and themes, and valid HTML."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from progress_updates.models import Round
from reminders.models import Chase
from reminders.plan import plan
from tests.factories.accounts import make_caseworker, sign_in
from tests.factories.progress_updates import make_round
from tests.factories.signatories import make_member, make_public_pledge_maker

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]


@pytest.fixture
def round_(page: Page, live_site: str) -> Round:
    """Two Pledge Makers, one with a coordinator; somebody of the team is signed in."""
    user: User = make_caseworker(name="Casey Worker")
    session = sign_in(Client(), user).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_site}])
    make_member(pledge_maker=make_public_pledge_maker(name="Ashford"))
    make_public_pledge_maker(name="Brookvale")
    return make_round(label="Round 4", by=user)


def test_those_who_have_not_sent_are_reminded_by_keyboard_alone(
    page: Page, live_site: str, round_: Round, axe: Any, nu: Any
) -> None:
    html: dict[str, str] = {}

    def look(name: str, heading: str) -> None:
        """The page under this heading, and its bytes as they were served."""
        expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
        axe.everywhere(page)
        html[name] = page.request.get(page.url).text()

    page.goto(f"{live_site}/staff/rounds/round-4/")
    _press(page, "link", "Reminders, and remind those who have not sent")
    look("nobody reminded yet", "Reminders")
    _press(page, "link", "Remind those who have not sent")
    look("choose", "Remind those who have not sent")
    page.get_by_label("Ashford", exact=False).focus()
    page.keyboard.press("Space")
    page.get_by_label("Brookvale", exact=False).focus()
    page.keyboard.press("Space")
    _press(page, "button", "Look at the mail")
    expect(page.get_by_role("alert")).to_contain_text("Tick at least one Pledge Maker.")
    axe.everywhere(page)
    page.get_by_label("Ashford", exact=False).focus()
    page.keyboard.press("Space")
    page.get_by_label("A sentence of your own").focus()
    page.keyboard.type("We can help on Thursday.")
    _press(page, "button", "Look at the mail")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Look before you remind")
    expect(page.locator(".finding")).to_have_text("2 people of 1 Pledge Maker will be mailed.")
    axe.everywhere(page)
    html["preview"] = page.content()
    page.locator("button[formaction$='/remind/send/']").focus()
    page.keyboard.press("Enter")
    look("waits", "Reminders wait to leave")
    _press(page, "button", "Cancel these reminders")
    look("cancelled", "Cancelled: nobody is mailed")
    plan(now=timezone.now())
    page.goto(f"{live_site}/staff/rounds/round-4/reminders/?became=waiting&step=unknown")
    expect(page.get_by_role("main")).to_contain_text("We do not know “unknown” for “Reminder”, so it is left out.")
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    look("who was told", "Reminders")
    assert Chase.objects.exclude(cancelled_at=None).count() == 1
    nu(html)


def _press(page: Page, role: Any, name: str) -> None:
    page.get_by_role(role, name=name).focus()
    page.keyboard.press("Enter")
