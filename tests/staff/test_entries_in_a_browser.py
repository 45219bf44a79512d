"""What happens around an entry, in a real browser: both widths and themes, valid HTML, and without JavaScript."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from progress_updates import corrections, extensions, not_required
from progress_updates.models import Extension, RoundEntry, State
from tests.factories.accounts import make_publisher, sign_in
from tests.factories.progress_updates import make_entry, make_round, make_update, writer_of
from tests.factories.signatories import make_public_pledge_maker

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def arrive(page: Page, site: str, user: User) -> None:
    session = sign_in(Client(), user).cookies["sessionid"].value
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": site}])


def entries() -> dict[str, RoundEntry]:
    """One that asks for time, one late with its words, one reported with another, one published and corrected."""
    names = ("Asking", "Late", "Covered", "Covering", "Published")
    makers = {name: make_public_pledge_maker(name=f"{name} Trust") for name in names}
    round_, now = make_round(label="Autumn"), timezone.now()
    found = {name: make_entry(pledge_maker=maker, round_=round_) for name, maker in makers.items()}
    by, wanted_on = writer_of(makers["Asking"]), timezone.localdate(round_.due_at) + timedelta(days=7)
    extensions.ask(entry=found["Asking"], wanted_on=wanted_on, reason="Illness.", by=by, now=now)
    late = {"due_at": now - timedelta(days=2), "late_reason": "A flood.", "right_of_reply": "It comes."}
    RoundEntry.objects.filter(pk=found["Late"].pk).update(**late)
    not_required.cover(entry=found["Covered"], by_entry=found["Covering"], by=make_publisher(), now=now)
    make_update(entry=found["Published"], state=State.PUBLISHED)
    return found


def look(page: Page, site: str, axe: Any, addresses: dict[str, str]) -> dict[str, str]:
    html = {}
    for name, address in addresses.items():
        answer = page.goto(f"{site}{address}")
        assert answer is not None
        assert (name, answer.status) == (name, 200)
        html[name] = answer.text()
        axe.everywhere(page)
    return html


@pytest.mark.timeout(600)
def test_no_page_around_an_entry_has_a_fault(page: Page, live_site: str, axe: Any, nu: Any) -> None:
    found = entries()
    update = found["Published"].updates.get()
    round_ = "/staff/rounds/autumn/"
    arrive(page, live_site, make_publisher())
    staff = {
        "asking": f"{round_}entries/asking-trust/",
        "late": f"{round_}entries/late-trust/",
        "covered": f"{round_}entries/covered-trust/",
        "words": f"{round_}entries/late-trust/words/",
    }
    html = look(page, live_site, axe, staff)
    page.goto(f"{live_site}/staff/updates/{update.pk}/withhold/")
    page.get_by_role("button", name="Withhold it").click()
    page.locator(".govuk-error-summary").wait_for()
    axe.everywhere(page)
    for name, pages in WORKSPACE.items():
        arrive(page, live_site, writer_of(found[name].pledge_maker))
        place = f"/workspace/{found[name].pledge_maker.slug}/autumn/"
        html |= look(page, live_site, axe, {f"{name} {end}": f"{place}{end}" for end in pages})
    maker = found["Published"].pledge_maker
    note = "A figure was wrong."
    corrections.start_correction(entry=found["Published"], note=note, by=writer_of(maker), now=timezone.now())
    arrive(page, live_site, writer_of(maker))
    html |= look(page, live_site, axe, {"correcting": f"/workspace/{maker.slug}/autumn/"})
    nu(html)


WORKSPACE = {
    "Asking": ("", "more-time/"),
    "Late": ("",),
    "Covered": ("",),
    "Covering": ("",),
}


def test_an_outage_is_answered_without_javascript(browser: Browser, live_site: str) -> None:
    for name in ("Eastmere", "Westmarsh"):
        make_public_pledge_maker(name=f"{name} Trust")
    round_ = make_round(label="Autumn")
    page = browser.new_context(java_script_enabled=False).new_page()
    arrive(page, live_site, make_publisher())
    page.goto(f"{live_site}/staff/rounds/autumn/extend/")
    due_on = timezone.localdate(round_.due_at) + timedelta(days=3)
    for part, value in {"Day": due_on.day, "Month": due_on.month, "Year": due_on.year}.items():
        page.get_by_label(part).fill(str(value))
    page.get_by_label("Why, for the record").fill("The site was down.")
    page.get_by_role("button", name="See whom it touches").click()
    expect(page.locator(".finding")).to_contain_text("2 Pledge Makers get more time.")
    page.get_by_role("button", name="Change something").click()
    expect(page.get_by_label("Why, for the record")).to_have_value("The site was down.")
    page.get_by_role("button", name="See whom it touches").click()
    page.get_by_role("button", name="Give more time and write to them").click()
    expect(page.get_by_role("alert")).to_contain_text("2 Pledge Makers have more time.")
    assert Extension.objects.get().entries.count() == 2
