"""Passkeys in a real browser, with a virtual authenticator; recovery codes; every page of the account."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts import passkeys, recovery_codes
from accounts.models import User
from tests.browser import AxeCheck, NuCheck
from tests.factories.accounts import mailed_code, make_caseworker, make_user
from tests.journeys.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
DEVICE = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
          "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip


class Device:
    """The authenticator in somebody's browser."""

    def __init__(self, person: Person) -> None:
        self._cdp = person.page.context.new_cdp_session(person.page)
        self._cdp.send("WebAuthn.enable")
        self._id = self._cdp.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]

    def does_not_know_its_owner(self) -> None:
        self._cdp.send("WebAuthn.setUserVerified", {"authenticatorId": self._id, "isUserVerified": False})

    @property
    def holds(self) -> int:
        return len(self._cdp.send("WebAuthn.getCredentials", {"authenticatorId": self._id})["credentials"])


Arrives = Callable[..., Person]


def by_code(person: Person, at: str = "/account/login/") -> None:
    person.opens(at)
    person.types("E-mail address", person.email)
    person.presses("Send me a code")
    person.reads("Enter your code")
    person.types("Code", mailed_code(person.email))
    person.presses("Continue")


def adds_a_passkey(person: Person, name: str = "Work laptop") -> list[str]:
    """From the page that asks for its name; returns the recovery codes that came with it."""
    person.reads("Add a passkey")
    person.types("Name of this passkey", name)
    person.presses("Continue")
    person.reads("Recovery codes")
    return [code.strip() for code in person.page.locator(".recovery-codes li").all_inner_texts()]


def signs_out(person: Person) -> None:
    person.presses(f"Sign out {person.name}")
    person.opens("/account/login/")
    person.reads("Sign in")


@pytest.fixture
def casey(live_site: str, person: Arrives) -> Person:
    user = make_caseworker(name="Casey Adeyemi")
    return person(user.name, user.email)


def test_the_team_sets_up_a_passkey_and_signs_in_with_it_alone(casey: Person) -> None:
    device = Device(casey)
    by_code(casey, at="/staff/people/")
    casey.reads("Set up a second factor")
    casey.follows("Add a passkey")
    assert len(adds_a_passkey(casey)) == 10
    assert device.holds == 1
    casey.presses("I have kept them: go on")
    casey.reads("People")
    signs_out(casey)
    casey.presses("Sign in with a passkey")
    casey.page.wait_for_url("**/staff/")
    casey.opens("/account/")
    casey.sees("Work laptop")
    casey.sees("Last used on")
    casey.sees("Chrome on Linux")


def test_after_the_mailed_code_a_passkey_or_a_recovery_code_once(casey: Person) -> None:
    Device(casey)
    by_code(casey, at="/staff/people/")
    casey.follows("Add a passkey")
    codes = adds_a_passkey(casey)
    casey.presses("I have kept them: go on")
    signs_out(casey)
    by_code(casey, at="/staff/people/")
    casey.reads("One more proof")
    casey.presses("Use a passkey")
    casey.reads("People")
    signs_out(casey)
    by_code(casey)
    casey.types("Recovery code", codes[0])
    casey.presses("Continue")
    casey.sees("You used a recovery code. 9 are left.")
    signs_out(casey)
    by_code(casey)
    casey.types("Recovery code", codes[0])
    casey.presses("Continue")
    casey.sees("That is not one of your recovery codes, or you have used it before.")
    casey.types("Recovery code", codes[1])
    casey.presses("Continue")
    casey.sees("8 are left.")


def test_a_passkey_is_a_fresh_proof_and_can_be_renamed_and_removed(live_site: str, person: Arrives) -> None:
    user = make_user(name="Ama Mensah")
    ama = person(user.name, user.email)
    Device(ama)
    by_code(ama)
    ama.opens("/account/").follows("Add a passkey")
    adds_a_passkey(ama)
    ama.presses("I have kept them: go on")
    ama.reads("Your account")
    ama.follows("Rename")
    ama.types("Name of this passkey", "Phone")
    ama.presses("Continue")
    ama.sees("Phone")
    ama.comes_back_an_hour_later()
    ama.opens("/account/").follows("Remove")
    ama.reads("Confirm that it is you")
    ama.presses("Use a passkey")
    ama.reads("Remove this passkey?")
    ama.presses("Remove it")
    ama.sees("You have no passkey yet.")
    signs_out(ama)
    ama.presses("Sign in with a passkey")
    ama.sees("That passkey was not accepted.")
    assert not passkeys.of(user).exists()


def test_a_device_that_does_not_know_its_owner_says_what_to_do(casey: Person) -> None:
    device = Device(casey)
    by_code(casey, at="/staff/people/")
    casey.follows("Add a passkey")
    device.does_not_know_its_owner()
    casey.types("Name of this passkey", "Borrowed laptop")
    casey.presses("Continue")
    casey.sees("Nothing was sent: the passkey was not used.")
    expect(casey.page.get_by_label("Name of this passkey")).to_have_value("Borrowed laptop")


def test_a_closed_account_is_told_so(casey: Person) -> None:
    Device(casey)
    by_code(casey, at="/staff/people/")
    casey.follows("Add a passkey")
    adds_a_passkey(casey)
    casey.presses("I have kept them: go on")
    signs_out(casey)
    User.objects.update(is_active=False)
    casey.presses("Sign in with a passkey")
    casey.reads("This account is closed")


def test_without_javascript_the_mailed_code_and_recovery_codes_work(live_site: str, person: Arrives) -> None:
    user = make_caseworker()
    casey = person(user.name, user.email, java_script_enabled=False)
    casey.opens("/account/login/")
    expect(casey.page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    by_code(casey, at="/staff/people/")
    casey.presses("Make recovery codes")
    [first, *_rest] = [code.strip() for code in casey.page.locator(".recovery-codes li").all_inner_texts()]
    casey.presses("I have kept them: go on")
    casey.reads("One more proof")
    casey.types("Recovery code", first)
    casey.presses("Continue")
    casey.reads("People")


def test_ending_a_session_from_another_browser(live_site: str, person: Arrives) -> None:
    user = make_user()
    here, there = (person(user.name, user.email) for _number in range(2))
    for browser in (here, there):
        by_code(browser)
        browser.reads("Workspace")
    here.opens("/account/")
    here.page.get_by_role("button", name="Sign out there").click()
    here.sees("You are signed out there.")
    there.opens("/workspace/")
    there.reads("Sign in")


def test_every_page_of_the_account_is_accessible_and_valid(casey: Person, axe: AxeCheck, nu: NuCheck) -> None:
    Device(casey)
    html: dict[str, Any] = {}

    def look(name: str) -> None:
        axe.everywhere(casey.page)
        html[name] = casey.page.content()

    casey.opens("/account/login/")
    look("sign in")
    by_code(casey, at="/staff/people/")
    casey.reads("Set up a second factor")
    look("set up")
    casey.follows("Add a passkey")
    casey.reads("Add a passkey")
    look("add")
    adds_a_passkey(casey)
    look("codes")
    casey.presses("I have kept them: go on")
    user = User.objects.get(email=casey.email)
    [row] = passkeys.of(user)
    for name in ("", f"passkeys/{row.pk}/rename/", f"passkeys/{row.pk}/remove/", "recovery-codes/"):
        casey.opens(f"/account/{name}")
        look(name or "account")
    signs_out(casey)
    by_code(casey)
    casey.reads("One more proof")
    look("second factor")
    casey.types("Recovery code", "0")
    casey.presses("Continue")
    casey.sees("That is not one of your recovery codes")
    look("second factor, wrong")
    [code, *_rest] = recovery_codes.in_groups(recovery_codes.of(user))  # type: ignore[arg-type]
    recovery_codes.use(user=user, typed=code, now=timezone.now())
    nu(html)
