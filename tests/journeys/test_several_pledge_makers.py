"""One person, two Pledge Makers, two tabs, in a real browser: never shows or saves the wrong one."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from progress_updates.models import Answer
from signatories import changes
from signatories.models import Membership, PledgeMaker, Role
from tests.factories.accounts import make_caseworker, make_user
from tests.factories.progress_updates import make_entry, make_round, make_update
from tests.factories.signatories import make_member, make_public_pledge_maker
from tests.journeys.people import Person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
EMAIL = "ama@partners.example"
A, B = "Northtown Trust", "Southtown Trust"


@pytest.fixture
def makers(live_site: str) -> tuple[PledgeMaker, PledgeMaker]:
    makers = make_public_pledge_maker(name=A), make_public_pledge_maker(name=B)
    for maker, role in zip(makers, (Role.COORDINATOR, Role.CONTRIBUTOR), strict=True):
        make_member(pledge_maker=maker, email=EMAIL, role=role)
    round_ = make_round(label="Autumn")
    for maker in makers:
        make_update(entry=make_entry(pledge_maker=maker, round_=round_), complete=False)
    return makers


@pytest.fixture
def ama(person: Callable[..., Person], makers: tuple[PledgeMaker, PledgeMaker]) -> Person:
    return person("Ama Mensah", EMAIL).is_signed_in()


def text_of(name: str) -> str:
    return Answer.objects.get(update__entry__pledge_maker__name=name, question__key="challenges").text


def section(slug: str) -> str:
    return f"/workspace/{slug}/autumn/challenges/"


def acts_for(page: Page, name: str) -> None:
    expect(page.get_by_role("region", name="For whom you act")).to_contain_text(f"You act for {name}")


def saves(page: Page) -> None:
    page.get_by_role("button", name="Save and return to the list").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your progress update")


def test_two_tabs_save_each_its_own(ama: Person) -> None:
    first, second = ama.page, ama.page.context.new_page()
    ama.opens(section("northtown-trust"))
    second.goto(ama.site.url + section("southtown-trust"))
    first.locator("#id_text").fill("Words of Northtown.")
    second.locator("#id_text").fill("Words of Southtown.")
    saves(second)
    acts_for(second, B)
    saves(first)
    acts_for(first, A)
    assert (text_of(A), text_of(B)) == ("Words of Northtown.", "Words of Southtown.")


def test_the_way_from_one_to_the_other_and_back(ama: Person) -> None:
    ama.opens("/workspace/")
    ama.follows(A)
    acts_for(ama.page, A)
    ama.follows("Act for another")
    ama.follows(B)
    acts_for(ama.page, B)
    expect(ama.page).to_have_title(f"{B}, workspace – Pledge Tracker")
    for _name in (A, B):
        ama.page.go_back()
        ama.page.go_back()
        acts_for(ama.page, A)
        expect(ama.page.locator("h1")).to_have_text(A)
        ama.page.go_forward()
        ama.page.go_forward()
        acts_for(ama.page, B)


def test_back_shows_what_is_so_now_and_saves_where_it_stands(ama: Person, makers) -> None:
    """The browser asks again: no page of a workspace comes out of a cache."""
    ama.opens(section("northtown-trust"))
    ama.opens(section("southtown-trust"))
    Answer.objects.filter(update__entry__pledge_maker=makers[0], question__key="challenges").update(
        text="A colleague wrote this meanwhile.", version=1, saved_at=timezone.now(), saved_by=make_user()
    )
    ama.page.go_back()
    acts_for(ama.page, A)
    expect(ama.page.locator("#id_text")).to_have_value("A colleague wrote this meanwhile.")
    ama.page.locator("#id_text").fill("Mine now.")
    saves(ama.page)
    assert (text_of(A), text_of(B)) == ("Mine now.", "")


def test_back_to_a_pledge_maker_that_one_has_left_shows_nothing_of_it(ama: Person, makers) -> None:
    ama.opens(section("northtown-trust"))
    ama.opens(section("southtown-trust"))
    Membership.objects.filter(user__email=EMAIL, pledge_maker=makers[0]).update(ended_at=timezone.now())
    ama.page.go_back()
    ama.does_not_see(A)
    expect(ama.page.locator("h1")).to_have_text("Page not found")


def test_a_role_that_ends_while_one_types_saves_nothing_anywhere(ama: Person, makers) -> None:
    ama.opens(section("northtown-trust"))
    Membership.objects.filter(user__email=EMAIL, pledge_maker=makers[0]).update(ended_at=timezone.now())
    ama.page.locator("#id_text").fill("Too late.")
    ama.page.get_by_role("button", name="Save and return to the list").click()
    expect(ama.page.locator("h1")).to_have_text("Page not found")
    assert (text_of(A), text_of(B)) == ("", "")


def test_a_new_name_while_one_types_loses_no_word(ama: Person, makers) -> None:
    ama.opens(section("northtown-trust"))
    changes.rename(pledge_maker=makers[0], name="Northern Alliance", by=make_caseworker(), now=timezone.now())
    ama.page.locator("#id_text").fill("Written under the old name.")
    saves(ama.page)
    acts_for(ama.page, "Northern Alliance")
    assert ama.page.url == f"{ama.site.url}/workspace/northern-alliance/autumn/"
    assert text_of("Northern Alliance") == "Written under the old name."
    ama.opens("/workspace/northtown-trust/people/")
    assert ama.page.url == f"{ama.site.url}/workspace/northern-alliance/people/"
