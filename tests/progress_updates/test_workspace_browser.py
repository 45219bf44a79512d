"""The workspace in a real browser: its errors keep nobody out, whole by keyboard, whole without script."""

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from progress_updates.models import State
from tests.factories.accounts import sign_in
from tests.progress_updates.scene import Scene, make_scene, objective_post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def enter(context: Any, site: str, user: Any) -> None:
    client = sign_in(Client(), user)
    context.add_cookies([{"name": "sessionid", "value": client.session.session_key, "url": site}])


def test_a_half_answered_section_keeps_nobody_out(page: Page, live_site: str, scene: Scene, axe: Any) -> None:
    enter(page.context, live_site, scene.writer)
    page.goto(live_site + scene.url("objective-1"))
    page.get_by_role("radio", name="Going on").check()
    page.get_by_label("Yes, I have completed it").check()
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("alert")).to_contain_text("There is a problem")
    axe.everywhere(page)


def test_a_leader_reads_a_locked_section_and_signs(page: Page, live_site: str, scene: Scene, axe: Any) -> None:
    scene.start(State.AWAITING_SIGN_OFF)
    enter(page.context, live_site, scene.leader)
    page.goto(live_site + scene.url("objective-1"))
    axe.everywhere(page)
    page.goto(live_site + scene.url("sign"))
    page.get_by_label("I have read this update").check()
    page.get_by_role("button", name="Sign and submit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Signed and sent")


def test_errors_and_conflicts_are_valid_html(scene: Scene, nu: Any) -> None:
    scene.start(State.RETURNED)
    client = sign_in(Client(), scene.writer)
    pages = {}
    pages["errors"] = client.post(scene.url("objective-1"), {"edit": "1", "completed": "yes"}).content.decode()
    pages["conflict"] = client.post(scene.url("objective-1"), objective_post(scene, edit="0")).content.decode()
    nu(pages)


def test_a_section_is_written_without_script(browser: Browser, live_site: str, scene: Scene) -> None:
    context = browser.new_context(java_script_enabled=False)
    enter(context, live_site, scene.writer)
    page = context.new_page()
    page.goto(live_site + scene.url("objective-1"))
    page.get_by_role("radio", name="Done").check()
    page.get_by_role("radio", name="Prioritised").check()
    page.get_by_label("What changed", exact=True).fill("We opened a clinic.")
    page.locator("#id_step_1_what").fill("Open on Sundays")
    page.get_by_role("button", name="Add another step").click()
    expect(page.locator("#id_step_2_what")).to_have_value("")
    page.locator("#id_step_1_who").fill("Operations")
    for part, typed in {"day": "31", "month": "March", "year": "2027"}.items():
        page.locator(f"#id_step_1_by_{part}").fill(typed)
    page.get_by_label("Yes, I have completed it").check()
    page.get_by_role("button", name="Save and return to the list").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your progress update")
    context.close()
    assert scene.answer("objective-1").completed
    assert [step.what for step in scene.content("objective-1").steps] == ["Open on Sundays"]


def test_a_section_is_written_by_keyboard_and_saves_itself(page: Page, live_site: str, scene: Scene) -> None:
    enter(page.context, live_site, scene.writer)
    page.goto(live_site + scene.url("challenges"))
    page.locator("#id_text").focus()
    page.keyboard.type("Two posts are empty.")
    expect(page.locator("[data-autosave-status]")).to_contain_text("Saved", timeout=15000)
    assert scene.content("challenges").text == "Two posts are empty."
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Next steps")
    assert scene.answer("challenges").completed


def test_a_date_that_is_none_is_said_while_typing_and_the_rest_goes_on_being_saved(
    page: Page, live_site: str, scene: Scene
) -> None:
    enter(page.context, live_site, scene.writer)
    page.goto(live_site + scene.url("objective-1"))
    status = page.locator("[data-autosave-status]")
    page.locator("#id_step_1_what").fill("Open on Sundays")
    for part, typed in (("day", "31"), ("month", "2"), ("year", "2027")):
        page.locator(f"[name=step_1_by_{part}]").fill(typed)
    page.locator("#id_text").fill("First words.")
    page.locator("#id_text").blur()
    expect(status).to_contain_text("must be a real date, like 27 3 2027. Everything else is saved.", timeout=15000)
    assert "31" in page.evaluate("Object.values(localStorage).join()")
    page.locator("[name=step_1_by_day]").fill("28")
    page.locator("[name=step_1_by_day]").blur()
    expect(status).to_contain_text("Saved", timeout=15000)
    assert page.evaluate("localStorage.length") == 0
    assert str(scene.content("objective-1").steps[0].by_when) == "2027-02-28"
