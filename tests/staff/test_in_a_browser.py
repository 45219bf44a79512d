"""Every page of the team in a real browser: both widths, both themes, valid HTML, and one review by keyboard."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from progress_updates.models import State
from tests.factories.accounts import make_publisher, sign_in
from tests.factories.progress_updates import make_entry, make_round, make_update
from tests.factories.signatories import make_invitation, make_public_pledge_maker, make_statement

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def publisher(page: Page, live_site: str) -> User:
    user = make_publisher()
    session = sign_in(Client(), user).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_site}])
    return user


def addresses() -> dict[str, str]:
    """Each page of the team, with something on it."""
    now = timezone.now()
    maker, other = make_public_pledge_maker(now=now), make_public_pledge_maker(now=now)
    opened = make_round()
    reviewed = make_update(entry=make_entry(pledge_maker=maker, round_=opened), state=State.IN_REVIEW)
    accepted = make_update(entry=make_entry(pledge_maker=other, round_=opened), state=State.ACCEPTED)
    statement, invitation = make_statement(state="signed"), make_invitation()
    planned = make_round(opened=False)
    return {
        "overview": "/staff/",
        "invite": "/staff/invite/",
        "invitation sent": f"/staff/invite/{invitation.pk}/sent/",
        "pledge makers": "/staff/pledge-makers/",
        "pledge maker": f"/staff/pledge-makers/{maker.slug}/",
        "further leader": f"/staff/pledge-makers/{maker.slug}/invite/",
        "statement": f"/staff/pledge-makers/{statement.pledge_maker.slug}/statement/1/",
        "rounds": "/staff/rounds/",
        "new round": "/staff/rounds/new/",
        "round": f"/staff/rounds/{opened.slug}/",
        "planned round": f"/staff/rounds/{planned.slug}/",
        "question": f"/staff/rounds/{planned.slug}/questions/objective-1/",
        "in review": f"/staff/updates/{reviewed.pk}/",
        "accepted": f"/staff/updates/{accepted.pk}/",
    }


def test_no_page_of_the_team_has_a_fault(page: Page, live_site: str, publisher: User, axe: Any, nu: Any) -> None:
    html = {}
    for name, address in addresses().items():
        answer = page.goto(f"{live_site}{address}")
        assert answer is not None
        assert answer.status == 200
        html[name] = answer.text()
        axe.everywhere(page)
    nu(html)


def test_pages_with_errors_have_no_fault_either(page: Page, live_site: str, publisher: User, axe: Any) -> None:
    page.goto(f"{live_site}/staff/invite/")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page).to_have_title("Error: Invite a leader – Pledge Tracker")
    axe.everywhere(page)
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
