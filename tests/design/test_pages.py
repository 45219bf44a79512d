"""The look in a real browser: nothing that axe or the Nu checker objects to, in both themes, wide and narrow."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.template import engines
from playwright.sync_api import Page, expect

from tests.browser import AxeCheck, NuCheck
from tests.design import sample
from tests.design.urls import Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(live_site: str, settings: Any) -> Iterator[str]:
    settings.ROOT_URLCONF = "tests.design.urls"
    Desk.clear()
    yield live_site
    Desk.clear()


def test_everything_is_accessible(site: str, page: Page, axe: AxeCheck) -> None:
    page.goto(f"{site}/everything/")
    axe.everywhere(page)


def test_errors_are_accessible(site: str, page: Page, axe: AxeCheck) -> None:
    page.goto(f"{site}/everything/")
    page.get_by_role("button", name="Save and continue").click()
    expect(page).to_have_title("Error: Everything – Pledge Tracker")
    axe.everywhere(page)


def test_the_pages_are_well_formed(nu: NuCheck, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.design.urls"
    drawn = engines["django"].from_string(sample.PAGE)
    wrong = sample.SampleForm({"due_day": "1"}, {})
    nu({
        "good": drawn.render(sample.context(sample.SampleForm())),
        "wrong": drawn.render(sample.context(wrong)),
        **{name: engines["django"].get_template(name).render({"typed": [("why", "We wrote")], "is_demo": True})
           for name in ("404.html", "403.html", "500.html", "errors/503.html", "errors/csrf.html", "staff.html")},
    })  # fmt: skip


def test_every_target_is_large_enough(site: str, page: Page) -> None:
    """24 by 24 px, except links within a sentence."""
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{site}/everything/")
        small = page.evaluate("""() => [...document.querySelectorAll("a, button, input, select, textarea, summary")]
            .filter(each => each.checkVisibility() && !each.closest("p, .prose"))
            .map(each => [each.outerHTML.slice(0, 80), each.getBoundingClientRect()])
            .filter(([, box]) => box.width && (box.width < 24 || box.height < 24))
            .map(([html, box]) => `${html} ${Math.round(box.width)}x${Math.round(box.height)}`)""")
        assert [each for each in small if "skip-link" not in each and "visually-hidden" not in each] == []


def test_a_link_of_the_summary_takes_the_focus_to_its_field(site: str, page: Page) -> None:
    page.goto(f"{site}/everything/")
    page.get_by_role("button", name="Save and continue").click()
    page.get_by_role("link", name="Choose an answer for “How far are you with this objective?”.").click()
    assert page.evaluate("document.activeElement.id") == "id_rating_0"


def test_the_browser_counts_words_as_they_are_typed(site: str, page: Page) -> None:
    page.goto(f"{site}/draft/")
    page.get_by_label("What changed").fill("one two\u00a0three\nfour five six")
    expect(page.get_by_text("You have 1 word too many").first).to_be_visible()


# --- Theme --------------------------------------------------------------------------------------------

PAPER = "getComputedStyle(document.body).backgroundColor"
LIGHT, DARK = "rgb(251, 247, 240)", "rgb(23, 18, 28)"


def test_the_theme_is_the_systems_until_one_is_chosen(site: str, page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(f"{site}/draft/")
    assert page.evaluate(PAPER) == DARK
    page.get_by_role("button", name="Light", exact=True).click()
    assert page.evaluate(PAPER) == LIGHT
    page.reload()
    assert page.evaluate(PAPER) == LIGHT
    page.get_by_role("button", name="As my device").click()
    assert page.evaluate(PAPER) == DARK
    assert [cookie["name"] for cookie in page.context.cookies() if cookie["name"] == "theme"] == []


def test_dark_can_be_chosen_on_a_light_system(site: str, page: Page) -> None:
    page.goto(f"{site}/draft/")
    page.get_by_role("button", name="Dark").click()
    assert page.evaluate(PAPER) == DARK
    page.emulate_media(media="print")
    assert page.evaluate(PAPER) == "rgb(255, 255, 255)"


def test_without_javascript_the_switch_is_not_offered(site: str, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False, color_scheme="dark")
    page = context.new_page()
    page.goto(f"{site}/draft/")
    expect(page.get_by_role("button", name="Dark")).to_be_hidden()
    expect(page.get_by_text("You can enter up to 5 words")).to_be_visible()
    context.close()


def test_the_policy_lets_the_page_be_as_it_is(site: str, page: Page) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(f"{site}/everything/")
    assert complaints == []
