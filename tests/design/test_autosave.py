"""A form that saves itself: what is typed reaches the server, or stays in the browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.design.urls import Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NOT_SAVED = (
    "Not saved. Your words are kept in this browser and will be saved when you are connected or signed in again."
)


@pytest.fixture
def draft(live_site: str, settings: Any, page: Page) -> Iterator[Page]:
    settings.ROOT_URLCONF = "tests.design.urls"
    Desk.clear()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{live_site}/draft/")
    yield page
    Desk.clear()


def status(page: Page) -> Any:
    return page.locator("[data-autosave-status]")


def write(page: Page, text: str) -> None:
    """Types and leaves the box."""
    page.get_by_label("What changed").fill(text)
    page.get_by_label("What changed").blur()


def test_words_are_saved_when_the_box_is_left(draft: Page) -> None:
    write(draft, "We met.")
    expect(status(draft)).to_have_text("Saved 10:42")
    assert Desk.saves == ["We met."]
    expect(draft.locator("input[name=edit]")).to_have_value("2")
    expect(status(draft)).to_have_attribute("aria-live", "polite")


def test_words_are_saved_a_moment_after_typing(draft: Page) -> None:
    draft.get_by_label("What changed").press_sequentially("Still in the box")
    expect(status(draft)).to_have_text("Saved 10:42", timeout=8000)
    assert Desk.saves == ["Still in the box"]


def test_what_has_not_changed_is_not_sent(draft: Page) -> None:
    write(draft, "We met.")
    expect(status(draft)).to_have_text("Saved 10:42")
    write(draft, "We met.")
    draft.get_by_label("Delivered").check()
    draft.get_by_label("Delivered").blur()
    expect(draft.locator("input[name=edit]")).to_have_value("3")
    assert Desk.saves == ["We met.", "We met."]


def test_a_conflict_is_told_and_the_words_stay(draft: Page) -> None:
    Desk.answer = "conflict"
    write(draft, "Mine")
    expect(status(draft)).to_have_text("Ola was faster. See both versions")
    expect(draft.get_by_role("link", name="See both versions")).to_have_attribute("href", "/draft/")
    expect(draft.get_by_label("What changed")).to_have_value("Mine")


@pytest.mark.parametrize("trouble", ["signed out", "offline"])
def test_words_that_could_not_be_saved_are_kept_and_offered(draft: Page, trouble: str) -> None:
    Desk.answer = trouble
    draft.context.set_offline(trouble == "offline")
    write(draft, "Long thoughts")
    expect(status(draft)).to_have_text(NOT_SAVED)
    # Back in the network, but not signed in: only the page comes back.
    Desk.answer = "signed out"
    draft.context.set_offline(False)
    draft.reload()
    expect(draft.get_by_label("What changed")).to_have_value("")
    Desk.answer = "saved"
    draft.get_by_role("button", name="Put them back").click()
    expect(draft.get_by_label("What changed")).to_have_value("Long thoughts")
    expect(status(draft)).to_have_text("Saved 10:42")
    assert Desk.saves == ["Long thoughts"]


def test_it_tries_again_by_itself(draft: Page) -> None:
    draft.context.set_offline(True)
    write(draft, "Typed on a train")
    expect(status(draft)).to_have_text(NOT_SAVED)
    draft.context.set_offline(False)
    expect(status(draft)).to_have_text("Saved 10:42", timeout=15000)
    assert Desk.saves == ["Typed on a train"]


def test_a_token_that_grew_old_is_renewed(draft: Page) -> None:
    """Signing in again in another tab changes the token; this page cannot read the cookie."""
    draft.evaluate("document.querySelector('form[data-autosave] [name=csrfmiddlewaretoken]').value = 'x'.repeat(64)")
    write(draft, "After signing in again")
    expect(status(draft)).to_have_text("Saved 10:42")
    assert Desk.saves == ["After signing in again"]


def test_kept_words_can_be_thrown_away(draft: Page) -> None:
    Desk.answer = "signed out"
    write(draft, "Not this")
    expect(status(draft)).to_have_text(NOT_SAVED)
    draft.reload()
    draft.get_by_role("button", name="Throw them away").click()
    draft.reload()
    expect(draft.get_by_role("button", name="Put them back")).to_have_count(0)


def test_leaving_asks_only_while_something_is_unsaved(draft: Page, live_site: str) -> None:
    asked: list[str] = []
    draft.on("dialog", lambda dialog: asked.append(dialog.type))
    write(draft, "Saved")
    expect(status(draft)).to_have_text("Saved 10:42")
    draft.reload()
    assert asked == []
    Desk.answer = "signed out"
    write(draft, "Unsaved")
    expect(status(draft)).to_have_text(NOT_SAVED)
    draft.reload()
    assert asked == ["beforeunload"]
