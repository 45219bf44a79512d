"""The public list of supporters."""

import re
from typing import Any

import pytest
from django.test import Client

from signatories.models import Supporter, SupporterKind, SupporterState
from tests.factories.joining import mailed_link, make_supporter
from tests.signatories.backing import NOW, vars_of

pytestmark = pytest.mark.django_db
LIST = "/supporters/"


def rows(count: int, **more: Any) -> None:
    """Copies of one that was published through the real workflow."""
    values = vars_of(make_supporter(state=SupporterState.PUBLISHED, now=NOW, **more))
    Supporter.objects.bulk_create(
        Supporter(**{**values, "id": None, "name": f"{values['name']} {n:03}", "token_hash": f"{values['kind']}{n}"})
        for n in range(1, count)
    )


def html_of(client: Client, address: str = LIST) -> str:
    return client.get(address).content.decode()


def test_only_published_supporters_are_public_and_no_address_ever(client: Client) -> None:
    for state in SupporterState:
        make_supporter(name=f"Supporter {state.value}", state=state, now=NOW)
    page = html_of(client)
    shown = re.findall(r'class="supporter-name">([^<]*)<', page)
    assert shown == ["Supporter published"]
    assert "southmoor.example" not in page


def test_with_nobody_there_it_says_so(client: Client) -> None:
    assert "Supporters stand here once the Synergi team has read their words." in html_of(client)


def test_organisations_and_people_stand_apart_by_name(client: Client) -> None:
    names = [
        ("Zoe", "person"),
        ("abel", "person"),
        ("Northtown Carers", "organisation"),
        ("elders’ circle", "organisation"),
    ]
    for name, kind in names:
        make_supporter(name=name, kind=kind, state=SupporterState.PUBLISHED, now=NOW)
    page = html_of(client)
    assert re.findall(r'class="supporter-name">([^<]*)<', page) == ["elders’ circle", "Northtown Carers", "abel", "Zoe"]
    assert re.findall(r'<h2 class="govuk-heading-l" id="(\w+)"', page) == ["organisation", "person"]
    assert "2 organisations and 2 people support the pledge." in re.sub(r"\s+", " ", page)


def test_fifty_stand_on_a_page_and_the_rest_on_the_next(client: Client) -> None:
    rows(60)
    first, second = html_of(client), html_of(client, "/supporters/?page=2")
    assert (first.count("supporter-name"), second.count("supporter-name")) == (50, 10)
    assert 'href="?page=2"' in first
    assert client.get("/supporters/?page=77").context["page"].number == 2
    assert client.get("/supporters/?page=x").context["page"].number == 1


def test_the_search_is_kept_from_page_to_page(client: Client) -> None:
    rows(60)
    rows(3, name="Northtown Carers", kind=SupporterKind.ORGANISATION)
    page = html_of(client, "/supporters/?q=grace")
    assert client.get("/supporters/?q=grace").context["page"].paginator.count == 60
    assert 'href="?q=grace&amp;page=2"' in page
    assert "Northtown" not in page


@pytest.mark.parametrize("typed", ["nobody", "%00", "<script>alert(1)</script>"])
def test_a_search_that_finds_nobody_says_so(client: Client, typed: str) -> None:
    make_supporter(state=SupporterState.PUBLISHED, now=NOW)
    page = html_of(client, f"/supporters/?q={typed}")
    assert "<script>alert(1)" not in page
    if typed != "%00":
        assert "No supporter has “" in page
        assert 'href="/supporters/">Show all' in page


def test_what_looks_like_markup_is_text(client: Client) -> None:
    evil = "<img src=x onerror=alert(1)>"
    make_supporter(name=f"Grace {evil}", statement=f"{evil}\n- <b>bold</b>", state=SupporterState.PUBLISHED, now=NOW)
    page = html_of(client)
    assert "<img" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") == 2
    assert "<li>&lt;b&gt;bold&lt;/b&gt;</li>" in page


@pytest.mark.parametrize("count", [1, 3, 100])
def test_the_list_takes_three_queries(client: Client, django_assert_num_queries: Any, count: int) -> None:
    rows(count)
    with django_assert_num_queries(3):
        page = html_of(client)
    assert page.count("supporter-name") == min(count, 50)


def test_unchanged_the_list_takes_one_query_and_no_cookie(
    client: Client,
    django_assert_num_queries: Any,
    time_machine: Any,
) -> None:
    rows(3)
    time_machine.move_to(NOW, tick=False)  # a page is good for the minute in which it was made
    first = client.get(LIST)
    assert (first.cookies.output(), first.headers["Cache-Control"]) == ("", "public, no-cache")
    assert "Cookie" not in first.headers.get("Vary", "")
    with django_assert_num_queries(1):
        assert client.get(LIST, headers={"if-none-match": first.headers["ETag"]}).status_code == 304


def test_who_leaves_is_gone_from_the_cached_list_at_once(client: Client) -> None:
    row = make_supporter(state=SupporterState.PUBLISHED)
    etag = client.get(LIST).headers["ETag"]
    client.post(mailed_link(row), {"action": "leave"})
    answer = client.get(LIST, headers={"if-none-match": etag})
    assert (answer.status_code, "Grace Addo" in answer.content.decode()) == (200, False)
