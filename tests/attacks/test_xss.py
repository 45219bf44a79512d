"""Nothing that people type ever runs: over 160 payloads through every box and every column to every page, mail and
document, in a browser without our content security policy, so that only escaping protects."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django import forms
from django.template.loader import render_to_string
from django.test import Client
from django.utils.html import escape
from playwright.sync_api import Browser

from accounts.models import KeptRequest
from design.forms import PledgeForm
from mail.models import Message
from pledge_tracker.demo_people import LEADER
from progress_updates.models import Round, Snapshot
from reminders.plan import plan
from reports import rendering
from reports.models import NationalReport
from tests.attacks import payloads
from tests.attacks.found_forms import distinct, filled, forms_on
from tests.attacks.kept_words import columns, fill_every_column
from tests.attacks.noticing import Watch, watching
from tests.attacks.poisoned import Typed, answer_to, html_of, take_limits_away, type_everywhere
from tests.attacks.typed import special, words
from tests.attacks.world import World, taken_back, told_once
from tests.journeys.named import NamedPage

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def world(browser: Browser, django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Told after the browser has started: its loop in this thread gives the database another connection."""
    for told in told_once(django_db_blocker):
        with pytest.MonkeyPatch.context() as patch:
            take_limits_away(patch)
            yield told


@pytest.fixture(scope="module")
def typed(world: World, django_db_blocker: Any) -> Typed:
    with django_db_blocker.unblock():
        return type_everywhere(world, world.posts)


@pytest.fixture(scope="module")
def watch(browser: Browser) -> Iterator[Watch]:
    with watching(browser) as watch:
        yield watch


def with_payloads(pages: Mapping[str, str]) -> dict[str, str]:
    return {name: html for name, html in pages.items() if payloads.CALL in html}


# --- The detector ----------------------------------------------------------------------------------------------

# Wherever words may stand in a page that escapes nothing.
PLACES = """<input value="{0}"><input value='{0}'><a href="{0}">a</a><title>{0}</title><textarea>{0}</textarea>
<script>typed = "{0}";</script><script>typed = '{0}';</script><script>typed = `{0}`;</script><p>{0}</p><p>x</p>"""


def test_the_detector_notices_what_runs(watch: Watch) -> None:
    assert watch.look("<p>&lt;script&gt;__owned(1)&lt;/script&gt;</p>") == []
    assert watch.look("<script>__owned(1)</script>") == ["ran 1", "<script>__owned(1)</script>"]
    assert watch.look("<p onmouseover=__owned(2)>p</p>")[0] == "ran 2"
    assert watch.look("<img src=x onerror=\"alert('__owned:3')\">")[0] == "ran 3"
    assert watch.look('<a href=" java\tscript:__owned(4)">a</a>')[0] == "ran 4"
    assert watch.look('<img src="//evil.example/x">') == ["asked for http://evil.example/x"]


def test_the_payloads_are_live(watch: Watch) -> None:
    """Most of them run in a page that escapes nothing; the others are coded, or for browsers of other times."""
    raw = {str(number): PLACES.replace("{0}", payloads.payload(number)) for number in range(len(payloads.EVERY))}
    ran = [number for number, said in watch.look_at(raw).items() if f"ran {number}" in said]
    assert len(payloads.EVERY) == len(set(payloads.EVERY)) == 163
    assert len(ran) >= 115


def some_with_one_place_raw(pages: Mapping[str, str]) -> dict[str, str]:
    """Every twentieth as it would be if it forgot to escape the first of its words."""
    raw = {name: one_place_raw(html) for name, html in list(pages.items())[::20]}
    return {name: html for name, html in raw.items() if html != pages[name]}


def one_place_raw(html: str) -> str:
    for number in range(len(payloads.EVERY)):
        raw = payloads.payload(number)
        html = html.replace(escape(raw), raw, 1)
    return html


def runs_on_all(watch: Watch, pages: Mapping[str, str]) -> bool:
    assert len(pages) >= 5
    said = watch.look_at(pages)
    return [name for name in pages if not any(line.startswith("ran ") for line in said.get(name, []))] == []


# --- Every box -------------------------------------------------------------------------------------------------

# Typed to be compared or looked for, and neither kept nor shown.
NEITHER_KEPT_NOR_SHOWN = {
    ("account/address/code/", "code"),
    ("account/confirm/", "code"),
    ("account/login/code/", "code"),
    ("account/second-factor/", "code"),
    ("staff/people/<int:pk>/erase/", "address"),
    ("supporters/link/", "email"),
}
# People do not see the one; the other names an organisation of the register, and anything else is refused.
NOT_TYPED = {"homepage", "organisation"}


def form_classes(base: type[forms.BaseForm] = PledgeForm) -> Iterator[type[forms.BaseForm]]:
    """Every form of the rooms: their modules are there since the addresses were read."""
    for each in base.__subclasses__():
        if not each.__module__.startswith("tests."):
            yield each
        yield from form_classes(each)


def test_every_text_field_of_every_form_was_filled(typed: Typed) -> None:
    """A new field that the tests cannot reach fails here."""
    names = {name for _route, name in typed.boxes}
    missed = {
        name
        for each in form_classes()
        for name, box in each.base_fields.items()
        if isinstance(box, forms.CharField) and not isinstance(box.widget, forms.HiddenInput) and name not in names
    }
    assert missed == NOT_TYPED
    assert typed.nowhere == NEITHER_KEPT_NOR_SHOWN


def test_nothing_runs_on_what_answers_a_form(typed: Typed, watch: Watch) -> None:
    """Pages that take it, refuse it, show it once more, say what they did; and the mail that follows."""
    pages = with_payloads(typed.pages)
    assert len(pages) >= 95
    assert watch.look_at(pages) == {}
    assert runs_on_all(watch, some_with_one_place_raw(pages))


# --- Every column ----------------------------------------------------------------------------------------------


def test_words_go_only_where_payloads_are_put(typed: Typed) -> None:
    """Else the test below would look at less than people can fill."""
    put = {(model._meta.db_table, column.attname) for model, column in columns()}
    slugs = {("progress_updates_round", "slug"), ("signatories_pledgemaker", "slug")}  # letters, figures, dashes
    assert typed.columns - put == slugs | {("mail_message", "html")}  # a page of its own, which is looked at


def test_nothing_runs_on_any_page_document_or_mail(world: World, watch: Watch) -> None:
    """All columns that words go to hold all payloads."""
    assert fill_every_column() == set()
    opened = {page: html_of(world.browsers.of(page.email).get(page.path)) for page in world.pages}
    pages = {page.name: html for page, html in opened.items()}
    pages = with_payloads(pages | _answers(world, opened) | _asked_for(world) | _documents() | _reminders())
    assert len(pages) >= 300
    assert watch.look_at(pages) == {}
    assert runs_on_all(watch, some_with_one_place_raw(pages))


def _answers(world: World, opened: dict[NamedPage, str]) -> dict[str, str]:
    """What answers the forms of these pages, and the mails that follow."""
    found = [form for page, html in opened.items() for form in forms_on(html, email=page.email, page=page.path)]
    answers = {}
    for form in distinct(found):
        # Who types a code has asked for it, at an address that is another one now.
        if form.method == "post" and "code" not in form.names:
            with taken_back():
                last = Message.objects.latest("pk").pk
                answers[f"answer to {form}"] = answer_to(world, form, filled(form, words, special(form)))
                answers |= {f"mail {row.kind}, after {form}": row.html for row in Message.objects.filter(pk__gt=last)}
    return answers


def _asked_for(world: World) -> dict[str, str]:
    """Every form that only asks, with payloads in all its boxes."""
    asked = {}
    for number, form in enumerate(form for form in world.forms if form.method == "get"):
        query = {box.name: payloads.in_one_line(number * 13) for box in form.boxes}
        asked[f"asked for: {form}"] = html_of(world.browsers.of(form.email).get(form.path, query))
    return asked


def _documents() -> dict[str, str]:
    """What the PDFs are made of."""
    found = {f"PDF of {row.pk}": rendering.html_of(row) for row in Snapshot.objects.all()}
    reports = NationalReport.objects.all()
    return found | {f"national PDF {row.pk}": rendering.national_html_of(row, ()) for row in reports}


def _reminders() -> dict[str, str]:
    """The mails of a day on which everybody is reminded."""
    due = Round.objects.opened().newest_first()[0].due_at
    last = Message.objects.latest("pk").pk
    plan(now=(due - timedelta(days=7)).replace(hour=10, minute=0, second=0))
    return {f"mail {row.kind} {row.pk}": row.html for row in Message.objects.filter(pk__gt=last)}


def test_nothing_runs_on_pages_for_when_something_went_wrong(world: World, watch: Watch) -> None:
    """They give back what was typed, and the names of the boxes, whatever these are."""
    typed = {payloads.in_one_line(5): payloads.all_lines(), "why": payloads.all_lines(3)}
    pages = {"down": render_to_string("errors/503.html", {"typed": list(typed.items())})}
    for email, path, origin in (
        ("", "/sign-the-pledge/", ""),
        ("", "/sign-the-pledge/", "http://testserver"),
        ("", "/workspace/nobody/people/invite/", "http://testserver"),
        (LEADER.email, "/workspace/nobody/people/invite/", "http://testserver"),
        (LEADER.email, "/account/name/", "http://testserver"),
    ):
        client = world.browsers.of(email, enforce_csrf_checks=True)
        about: Any = {"content_type": "application/x-www-form-urlencoded", "headers": {"origin": origin}}
        pages[f"{path} from {origin}, {email}"] = html_of(client.post(path, urlencode(typed), **about))
        if kept := KeptRequest.objects.filter(user__email=email, path=path).last():
            pages[f"kept: {path}"] = html_of(client.get(f"/account/kept/{kept.pk}/"))
    unknown = Client().get(f"/{quote(payloads.in_one_line(9)[:3000])}/")
    assert [name for name, html in pages.items() if payloads.CALL not in html] == []
    assert watch.look_at(pages | {"unknown": html_of(unknown)}) == {}
