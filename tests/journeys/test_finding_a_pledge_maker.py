"""A visitor finds a Pledge Maker by keyboard alone, and without JavaScript; the team changes one and confirms it."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect

from signatories.models import PledgeMaker
from tests.browser import AxeCheck, NuCheck
from tests.factories.accounts import make_caseworker
from tests.factories.progress_updates import make_round
from tests.factories.signatories import make_public_pledge_maker
from tests.journeys.keyboard import Keyboard
from tests.journeys.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture
def makers(live_site: str) -> None:
    for name in ("Northtown Mental Health NHS Trust", "Ynys Môn Together", "Southmere Downs"):
        make_public_pledge_maker(name=name)
    make_round(label="Round 4")


def rows(page) -> list[str]:
    return page.locator(".pledge-makers tbody th a").all_text_contents()


def test_a_visitor_searches_and_filters_by_keyboard_alone(makers: None, person: Callable[..., Person]) -> None:
    visitor = person("Visitor", "")
    hands = Keyboard(visitor.page)
    visitor.opens("/pledge-makers/")
    hands.types("Name, organisation or ODS code", "yyns mon")
    visitor.page.keyboard.press("Enter")
    expect(visitor.page).to_have_url(f"{visitor.site.url}/pledge-makers/?q=yyns+mon&region=&kind=&round=&sort=")
    assert rows(visitor.page) == ["Ynys Môn Together"]
    hands.follows("Show everybody")
    expect(visitor.page.locator("#found")).to_have_text("3 Pledge Makers")
    hands.reaches(visitor.page.get_by_label("Region", exact=True))
    visitor.page.keyboard.type("London")
    hands.presses("Show")
    expect(visitor.page.locator("#found")).to_have_text("No Pledge Maker is all of this")
    hands.follows("Remove the filter London")
    hands.follows("3 Not due yet")
    expect(visitor.page.locator("#found")).to_have_text("3 Pledge Makers")
    hands.follows("Southmere Downs")
    visitor.reads("Southmere Downs")


def test_the_list_works_without_javascript(makers: None, browser: Browser, live_site: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 375, "height": 800})
    page = context.new_page()
    page.goto(f"{live_site}/pledge-makers/")
    page.get_by_label("Name, organisation or ODS code").fill("nothtown")
    page.get_by_label("Sort by").select_option("Most recent update")
    page.get_by_role("button", name="Show").click()
    assert rows(page) == ["Northtown Mental Health NHS Trust"]
    assert page.get_by_label("Sort by").input_value() == "recent"
    shared = browser.new_page()
    shared.goto(page.url)
    assert rows(shared) == rows(page)
    shared.close()
    context.close()


def test_the_team_gives_a_new_name_by_keyboard_alone(
    makers: None, person: Callable[..., Person], axe: AxeCheck, nu: NuCheck
) -> None:
    caseworker = make_caseworker()
    staff = person(caseworker.name, caseworker.email).is_signed_in()
    hands = Keyboard(staff.page)
    staff.opens("/staff/pledge-makers/southmere-downs/")
    hands.follows("Change its name, organisations, leaders or place in the pledge")
    staff.reads("How it has changed")
    hands.follows("Change its name")
    hands.types("New name", "Southmere Coast")
    hands.presses("See what will happen")
    staff.reads("This is what will happen")
    axe.everywhere(staff.page)
    nu({"what will happen": staff.page.content()})
    hands.presses("Rename it")
    staff.sees("It is now called Southmere Coast.")
    assert PledgeMaker.objects.filter(slug="southmere-coast").exists()
    staff.opens("/pledge-makers/southmere-downs/")
    staff.sees("Formerly Southmere Downs, until")
    expect(staff.page).to_have_url(f"{staff.site.url}/pledge-makers/southmere-coast/")


def test_every_page_of_a_long_list_is_accessible(
    makers: None, person: Callable[..., Person], axe: AxeCheck, nu: NuCheck
) -> None:
    maker = PledgeMaker.objects.first()
    assert maker
    statement = maker.statements.get()
    copies = PledgeMaker.objects.bulk_create(
        PledgeMaker(name=f"Trust {n:03}", slug=f"trust-{n}", created_at=timezone.now()) for n in range(60)
    )
    for copy in copies:
        statement.pk, statement.pledge_maker = None, copy
        statement.save()
    visitor = person("Visitor", "")
    visitor.opens("/pledge-makers/?page=2")
    expect(visitor.page.locator("#found")).to_have_text("51 to 63 of 63 Pledge Makers")
    axe.everywhere(visitor.page)
    nu({"second page of the list": visitor.page.content()})
