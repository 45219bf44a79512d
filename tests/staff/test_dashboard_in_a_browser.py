"""The page of a round, the queue and what is stuck in a real browser: both widths, both themes, and by keyboard."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from mail.models import ErrorClass, Message
from mail.models import State as MailState
from progress_updates.models import Round, State
from signatories.models import PledgeMaker
from tests.factories.accounts import make_publisher, sign_in
from tests.factories.progress_updates import make_entry, make_round, make_update
from tests.factories.signatories import make_public_pledge_maker

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def publisher(page: Page, live_site: str) -> User:
    user = make_publisher(name="Pat Publisher")
    session = sign_in(Client(), user).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_site}])
    return user


@pytest.fixture
def round_(publisher: User) -> Round:
    makers = [make_public_pledge_maker(name=name) for name in ("Eastmere Together", "Northtown NHS Trust")]
    found = make_round()
    for maker, state in zip(makers, (State.PUBLISHED, State.SUBMITTED), strict=True):
        make_update(entry=make_entry(pledge_maker=maker, round_=found), state=state)
    return found


def test_no_filtered_page_and_no_failure_has_a_fault(
    page: Page, live_site: str, round_: Round, axe: Any, nu: Any
) -> None:
    now, why = timezone.now(), {"error_class": ErrorClass.PERMANENT, "error": "550 No such user"}
    for n in range(2):
        about = {"to": f"a{n}@x.example", "kind": "x", "subject": "Your update", "message_id": f"<{n}@x>"}
        Message.objects.create(**about, **why, state=MailState.FAILED, created_at=now, next_attempt_at=now)
    addresses = {
        "round, filtered": f"/staff/rounds/{round_.slug}/?state=submitted&owner=nobody&sort=quiet&status=nonsense",
        "queue of those nobody reaches": "/staff/queue/?what=unreachable&owner=nonsense",
        "stuck": "/staff/stuck/",
    }
    html = {}
    for name, address in addresses.items():
        answer = page.goto(f"{live_site}{address}")
        assert answer is not None
        assert answer.status == 200
        html[name] = answer.text()
        axe.everywhere(page)
    nu(html)


def test_a_figure_a_filter_and_an_owner_by_keyboard_alone(page: Page, live_site: str, round_: Round) -> None:
    page.goto(f"{live_site}/staff/rounds/{round_.slug}/")
    page.get_by_role("link", name="2 received on time").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{live_site}/staff/rounds/{round_.slug}/?status=on_time#rows-heading")
    box = page.get_by_label("Progress update", exact=True)
    box.focus()
    box.press("S")
    page.get_by_role("button", name="Show", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="received on time · Submitted")).to_have_count(1)
    page.get_by_role("link", name="Change who looks after them").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("checkbox", name="Northtown NHS Trust")).to_be_checked()
    page.get_by_role("button", name="Save").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Pat Publisher looks after 1 more Pledge Maker now.")
    assert list(PledgeMaker.objects.exclude(caseworker=None).values_list("name", flat=True)) == ["Northtown NHS Trust"]


def test_words_that_came_and_went_are_marked_beside_the_review(
    page: Page, live_site: str, publisher: User, axe: Any
) -> None:
    now = timezone.now()
    maker = make_public_pledge_maker(now=now - timedelta(days=300))
    for days, text in (
        (200, "We met carers twice and changed the rota."),
        (1, "We met carers monthly and changed it."),
    ):
        then = now - timedelta(days=days)
        entry = make_entry(pledge_maker=maker, round_=make_round(now=then))
        update = make_update(entry=entry, state=State.SUBMITTED, now=then, text=text)
    page.goto(f"{live_site}/staff/updates/{update.pk}/")
    page.locator("summary", has_text="Changed words").first.click()
    marked = page.locator(".word-changes").first
    assert marked.locator("ins").all_text_contents() == ["added: monthly", "added: it."]
    assert marked.locator("del").all_text_contents() == ["removed: twice", "removed: the rota."]
    axe.everywhere(page)
