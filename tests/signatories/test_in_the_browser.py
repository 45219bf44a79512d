"""From the invitation to the signature, in a real browser; axe and Nu look at what the demonstration lacks."""

import re

import pytest
from playwright.sync_api import Page, expect

from mail.models import Message
from signatories.models import Statement
from tests.factories.accounts import mailed_code, make_publisher
from tests.factories.signatories import PLANS, WHY, make_invitation, make_pledge_maker

EMAIL = "ngozi@northtown.example"
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def look(page: Page, axe, nu):
    """Checks each page as it stands, and all their markup at the end."""
    pages: dict[str, str] = {}

    def look(name: str) -> None:
        axe.everywhere(page)
        pages[name] = page.content()

    yield look
    nu(pages)


def test_an_invited_leader_writes_and_signs(page: Page, live_site: str, look) -> None:
    make_publisher()
    make_invitation(email=EMAIL, name="Dr Ngozi Bello", pledge_maker=make_pledge_maker(name="Northtown Trust"))
    message = Message.objects.get(kind="invitation").text
    page.goto(live_site + re.search(r"/invitation/\S+/", message).group())  # type: ignore[union-attr]
    page.get_by_role("button", name="Accept the invitation").click()
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code").fill("WRNG-WRNG")
    page.get_by_role("button", name="Continue").click()
    look("wrong code")
    page.get_by_label("Code").fill(mailed_code(EMAIL))
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_url(f"{live_site}/workspace/northtown-trust/")
    _write(page, live_site)
    _sign(page, look)
    assert Statement.objects.get().signatures.get().name == "Dr Ngozi Bello"


def _write(page: Page, live_site: str) -> None:
    page.goto(f"{live_site}/workspace/northtown-trust/statement/")
    page.get_by_label("Why we are a Pledge Maker").fill(WHY)
    page.get_by_label("How we plan to meet objective 1").focus()
    expect(page.locator("[data-autosave-status]")).to_contain_text("Saved")
    for number, text in PLANS.items():
        page.get_by_label(f"How we plan to meet objective {number}").fill(text)
    # Leaving the last box saves; pressing the button while that is under way must not conflict with itself.
    page.get_by_role("button", name="Save and check").click()
    expect(page.get_by_role("heading", name="Check the Statement of Intent")).to_be_visible()


def _sign(page: Page, look) -> None:
    page.get_by_role("link", name="Go on to sign").click()
    page.get_by_role("button", name="Sign the Statement of Intent").click()
    expect(page.get_by_role("alert")).to_contain_text("Agree to be part of the national network.")
    look("sign")
    page.get_by_label("We agree to be part of the national network").check()
    page.get_by_role("button", name="Sign the Statement of Intent").click()
    expect(page.get_by_role("heading", name="Statement of Intent signed")).to_be_visible()
    look("signed")


def test_a_leader_invites_and_proves_afresh(page: Page, live_site: str, look) -> None:
    from signatories import accepting

    invitation = make_invitation(email=EMAIL, pledge_maker=make_pledge_maker(name="Northtown Trust"))
    accepting.accept_found(invitation=invitation, now=invitation.created_at)
    page.goto(f"{live_site}/workspace/northtown-trust/people/invite/")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_role("button", name="Send me a code").click()
    look("code")
    page.get_by_label("Code").fill(mailed_code(EMAIL))
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Send the invitation").click()
    page.get_by_label("Full name").fill("Kofi Asante")
    page.get_by_label("E-mail address").fill("kofi@northtown.example")
    page.get_by_label("Coordinator").check()
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_role("row").filter(has_text="Kofi Asante")).to_contain_text("Coordinator")
    page.goto(f"{live_site}/account/confirm/?next=/workspace/")
    page.get_by_role("button", name="Send me a code").click()
    look("confirm, code sent")
    page.get_by_label("Code").fill(mailed_code(EMAIL))
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_url(f"{live_site}/workspace/northtown-trust/")
    page.goto(f"{live_site}/account/logout/")
    look("sign out")
