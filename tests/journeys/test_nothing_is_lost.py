"""What somebody types outlives their session: it ends, another tab signs in, the network goes, scripts are off.

Each ends with the exact characters in the database."""

from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from accounts.models import KeptRequest
from progress_updates import drafting
from progress_updates.models import Answer, RoundEntry
from tests.browser import AxeCheck, NuCheck
from tests.factories.accounts import mailed_code
from tests.factories.progress_updates import make_entry, writer_of
from tests.journeys.people import Person
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
TEXT = (
    "Two posts are empty.\n\n• “Zwölf”, ½ & <b>zero</b> – 42 % 'quoted'\n• اللغة, Łódź, 👩🏽‍⚕️\n\n    indented,\ttabbed"
)
BOX = "Your answer"


@pytest.fixture
def entry(live_site: str) -> RoundEntry:
    return make_entry()


def address(entry: RoundEntry) -> str:
    return f"/workspace/{entry.pledge_maker.slug}/{entry.round.slug}/challenges/"


def arrives(person: Callable[..., Person], entry: RoundEntry, **context: object) -> Person:
    user = writer_of(entry.pledge_maker)
    return person(user.name, user.email, **context).is_signed_in().opens(address(entry))


def all_sessions_end() -> None:
    Session.objects.all().delete()


def gives_the_code(page: Page, email: str) -> None:
    page.get_by_role("button", name="Send me a code", exact=True).click()
    expect(page.locator("h1")).to_have_text("Enter your code")
    page.get_by_label("Code", exact=True).fill(mailed_code(email))
    page.get_by_role("button", name="Continue", exact=True).click()


def signs_in_in_another_tab(person: Person) -> Page:
    tab = person.page.context.new_page()
    tab.goto(f"{person.site.url}/account/login/?next=/account/signed-in/")
    tab.get_by_label("E-mail address", exact=True).fill(person.email)
    gives_the_code(tab, person.email)
    expect(tab.locator("h1")).to_have_text("You are signed in")
    return tab


def status(person: Person) -> object:
    return person.page.locator("[data-autosave-status]")


def saved(entry: RoundEntry) -> str:
    answer = Answer.objects.filter(update__entry=entry, question__key="challenges").first()
    return drafting.as_input(answer).text if answer else ""


def is_saved(entry: RoundEntry) -> None:
    wait_until(lambda: saved(entry) == TEXT, what="every character is in the database")
    assert KeptRequest.objects.count() == 0


def test_words_outlive_the_session(
    entry: RoundEntry, person: Callable[..., Person], axe: AxeCheck, nu: NuCheck
) -> None:
    writer = arrives(person, entry)
    writer.types(BOX, "First words.")
    writer.page.get_by_label(BOX, exact=True).blur()
    expect(status(writer)).to_contain_text("Saved")
    all_sessions_end()
    writer.types(BOX, TEXT)
    writer.page.get_by_label(BOX, exact=True).blur()
    expect(status(writer)).to_contain_text("Not saved: you are signed out.")
    axe.everywhere(writer.page)
    writer.presses("Save and return to the list")
    writer.reads("Sign in to save what you wrote")
    axe.everywhere(writer.page)
    expect(writer.page.get_by_label("E-mail address", exact=True)).to_have_value(writer.email)
    gives_the_code(writer.page, writer.email)
    writer.reads("Your progress update")
    is_saved(entry)
    writer.opens(address(entry))
    expect(writer.page.get_by_role("button", name="Put them back")).to_have_count(0)
    expect(writer.page.get_by_label(BOX, exact=True)).to_have_value(TEXT)


def test_after_the_sign_in_in_another_tab_the_page_saves_by_itself(
    entry: RoundEntry, person: Callable[..., Person]
) -> None:
    writer = arrives(person, entry)
    all_sessions_end()
    writer.types(BOX, TEXT)
    writer.page.get_by_label(BOX, exact=True).blur()
    expect(status(writer)).to_contain_text("Not saved: you are signed out.")
    signs_in_in_another_tab(writer)
    expect(status(writer)).to_contain_text("Saved")
    is_saved(entry)
    writer.presses("Save and return to the list")
    writer.reads("Your progress update")


def test_the_sign_in_in_place_goes_on_when_somebody_signed_in_in_another_tab(
    entry: RoundEntry, person: Callable[..., Person]
) -> None:
    writer = arrives(person, entry)
    all_sessions_end()
    writer.types(BOX, TEXT)
    writer.presses("Save and return to the list")
    writer.reads("Sign in to save what you wrote")
    signs_in_in_another_tab(writer)
    writer.reads("Your progress update")
    is_saved(entry)


def test_five_minutes_without_a_network_and_the_session_gone_meanwhile(
    entry: RoundEntry, person: Callable[..., Person]
) -> None:
    writer = arrives(person, entry)
    page = writer.page
    page.clock.install()
    page.reload()
    page.context.set_offline(True)
    writer.types(BOX, TEXT[:30])
    page.get_by_label(BOX, exact=True).blur()
    expect(status(writer)).to_contain_text("Not saved.")
    all_sessions_end()
    for minute in range(1, 6):
        writer.types(BOX, TEXT[: 30 + 10 * minute])
        page.clock.fast_forward(60_000)
    writer.types(BOX, TEXT)
    page.context.set_offline(False)
    page.clock.fast_forward(60_000)
    expect(status(writer)).to_contain_text("Not saved: you are signed out.")
    signs_in_in_another_tab(writer)
    expect(status(writer)).to_contain_text("Saved")
    is_saved(entry)
    writer.problems = [each for each in writer.problems if "ERR_INTERNET_DISCONNECTED" not in each]


def test_words_outlive_the_session_without_javascript(
    entry: RoundEntry, person: Callable[..., Person], axe: AxeCheck, nu: NuCheck
) -> None:
    writer = arrives(person, entry, java_script_enabled=False)
    all_sessions_end()
    writer.types(BOX, TEXT)
    writer.presses("Save and return to the list")
    writer.reads("Sign in to save what you wrote")
    html = {"the sign-in in place": writer.page.content()}
    gives_the_code(writer.page, writer.email)
    writer.reads("You are signed in again")
    writer.sees(address(entry))
    html["sent again"] = writer.page.content()
    writer.presses("Save what you wrote")
    writer.reads("Your progress update")
    is_saved(entry)
    nu(html)


def test_a_sign_in_in_another_tab_costs_one_press_without_javascript(
    entry: RoundEntry, person: Callable[..., Person], nu: NuCheck
) -> None:
    """Signing in changes the token of every page that is open."""
    writer = arrives(person, entry, java_script_enabled=False)
    all_sessions_end()
    signs_in_in_another_tab(writer)
    writer.types(BOX, TEXT)
    writer.presses("Save and return to the list")
    writer.reads("Not saved yet")
    nu({"not saved yet": writer.page.content()})
    writer.presses("Save what you wrote")
    writer.reads("Your progress update")
    is_saved(entry)


AGES = "document.querySelectorAll('main [name=csrfmiddlewaretoken]').forEach(each => each.value = 'x'.repeat(64))"


def test_the_pages_for_an_old_token_are_accessible_and_valid(
    entry: RoundEntry, person: Callable[..., Person], axe: AxeCheck, nu: NuCheck
) -> None:
    writer = arrives(person, entry)
    html = {}
    writer.types(BOX, TEXT)
    # In one go: a box that is left would save by itself and bring a new token.
    writer.page.evaluate(f"{AGES}; document.querySelector('form[data-autosave]').requestSubmit()")
    writer.reads("Not saved yet")
    html["not saved yet"] = writer.page.content()
    axe.everywhere(writer.page)
    place = address(entry).removesuffix("challenges/")
    writer.opens(f"{place}more-time/")
    writer.page.get_by_role("textbox").last.fill("The figures come late.")
    writer.page.evaluate(AGES)
    writer.page.locator("main form button").last.click()
    writer.reads("This was not sent")
    html["not sent"] = writer.page.content()
    axe.everywhere(writer.page)
    writer.page.get_by_role("button", name="Go back to the page").click()
    expect(writer.page.get_by_role("textbox").last).to_have_value("The figures come late.")
    nu(html)


def test_words_of_one_person_are_never_saved_or_shown_as_anothers(
    entry: RoundEntry, person: Callable[..., Person], axe: AxeCheck, nu: NuCheck
) -> None:
    """A shared computer: the session ends, and a colleague signs in in another tab."""
    from tests.factories.progress_updates import leader_of

    writer = arrives(person, entry)
    all_sessions_end()
    writer.types(BOX, TEXT)
    writer.page.get_by_label(BOX, exact=True).blur()
    expect(status(writer)).to_contain_text("Not saved: you are signed out.")
    leader = leader_of(entry.pledge_maker)
    writer.email = leader.email
    tab = signs_in_in_another_tab(writer)
    expect(status(writer)).to_contain_text("Not saved: you are signed out.")
    writer.presses("Save and return to the list")
    writer.reads("Somebody else is signed in now")
    axe.everywhere(writer.page)
    nu({"somebody else": writer.page.content()})
    tab.goto(f"{writer.site.url}{address(entry)}")
    expect(tab.get_by_label(BOX, exact=True)).to_have_value("")
    expect(tab.get_by_role("button", name="Put them back")).to_have_count(0)
    assert saved(entry) == ""


def test_trust_people_are_not_warned(entry: RoundEntry, person: Callable[..., Person]) -> None:
    assert arrives(person, entry).page.locator("dialog").count() == 0
