"""The pages by which the team changes a Pledge Maker: seen first, confirmed, recorded."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent
from signatories.models import PledgeMaker
from tests.factories.accounts import make_caseworker, make_user, sign_in
from tests.factories.progress_updates import make_round
from tests.factories.signatories import make_leader, make_organisation, make_pledge_maker, make_public_pledge_maker

pytestmark = pytest.mark.django_db
PAGES = ("", "name/", "withdraw/", "undo-withdrawal/", "merge/", "organisation/")


@pytest.fixture
def client(db):
    return sign_in(Client(), make_caseworker())


def address(maker: PledgeMaker, page: str = "") -> str:
    return f"/staff/pledge-makers/{maker.slug}/change/{page}"


def day(value=None) -> dict[str, str]:
    value = value or timezone.localdate()
    return {"on_day": str(value.day), "on_month": str(value.month), "on_year": str(value.year)}


def text(answer) -> str:
    main = re.search(r"<main.*?</main>", answer.content.decode(), re.DOTALL)
    assert main
    return " ".join(re.sub(r"<[^>]+>", " ", main.group()).split())


def press(client, url: str, typed: dict[str, str]) -> str:
    """Looks, then confirms with what the page holds; returns the words of the page that said what will happen."""
    looked = client.post(url, typed | {"look": "1"})
    assert looked.status_code == 200
    hidden = dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', looked.content.decode()))
    assert {name: hidden.get(name) for name in typed} == typed
    assert client.post(url, hidden | {"confirmed": "1"}).status_code == 302
    return text(looked)


def test_a_look_changes_nothing(client):
    maker = make_public_pledge_maker(name="Northtown")
    page = client.post(address(maker, "name/"), {"name": "Southtown", "look": "1"})
    assert "“Northtown” becomes “Southtown” on every page" in text(page).replace("&quot;", '"')
    assert PledgeMaker.objects.get().name == "Northtown"


def test_a_new_name_is_confirmed_and_the_old_address_redirects(client):
    maker = make_public_pledge_maker(name="Northtown")
    press(client, address(maker, "name/"), {"name": "Southtown"})
    moved = client.get("/pledge-makers/northtown/")
    assert (moved.status_code, moved["Location"]) == (301, "/pledge-makers/southtown/")
    assert "Formerly Northtown, until" in text(client.get("/pledge-makers/southtown/"))
    assert AuditEvent.objects.filter(action="pledge_maker.renamed").count() == 1


def test_what_was_typed_comes_back_to_be_changed(client):
    maker = make_public_pledge_maker(name="Northtown")
    page = client.post(address(maker, "name/"), {"name": "Southtown", "again": "1"}).content.decode()
    assert 'value="Southtown"' in page


def test_a_withdrawal_says_which_rounds_stop_asking(client):
    maker = make_public_pledge_maker(name="Northtown")
    make_round(label="Autumn 2026")
    said = press(client, address(maker, "withdraw/"), day() | {"note": "Another scheme."})
    assert "Autumn 2026 no longer asks for its update." in said
    public = text(client.get("/pledge-makers/northtown/"))
    assert "Withdrew from the pledge on" in public
    assert "Another scheme." in public
    assert "Withdrawn from the pledge" in public


def test_an_undone_withdrawal_leaves_no_trace_but_in_the_record(client):
    maker = make_public_pledge_maker(name="Northtown")
    press(client, address(maker, "withdraw/"), day() | {"note": "A mistake."})
    press(client, address(maker, "undo-withdrawal/"), {})
    assert "A mistake." not in text(client.get("/pledge-makers/northtown/"))
    assert AuditEvent.objects.filter(action="pledge_maker.withdrawal_undone").count() == 1


def test_a_merger_says_who_reports_and_links_both_ways(client):
    old, new = make_public_pledge_maker(name="Old Trust"), make_public_pledge_maker(name="New Trust")
    make_round(label="Autumn 2026")
    said = press(client, address(old, "merge/"), day() | {"successor": str(new.pk), "second": ""})
    assert "In Autumn 2026 it is reported with New Trust." in said
    before, after = (client.get(f"/pledge-makers/{maker.slug}/").content.decode() for maker in (old, new))
    assert 'its pledge goes on in <a href="/pledge-makers/new-trust/">New Trust</a>' in " ".join(before.split())
    assert '<a href="/pledge-makers/old-trust/">Old Trust</a> became part of it after' in after


def test_who_is_only_invited_is_not_offered_as_a_successor(client):
    old, new = make_public_pledge_maker(name="Old Trust"), make_public_pledge_maker(name="New Trust")
    invited = make_pledge_maker(name="Secret Trust")
    page = client.get(address(old, "merge/")).content.decode()
    assert [maker.name for maker in (new, invited) if f'<option value="{maker.pk}"' in page] == ["New Trust"]
    client.post(address(old, "merge/"), day() | {"successor": str(invited.pk), "second": "", "confirmed": "1"})
    old.refresh_from_db()
    assert old.merged_on is None


def test_a_change_asks_for_a_fresh_proof_and_keeps_what_was_typed():
    stale, maker = sign_in(Client(), make_caseworker(), fresh=False), make_public_pledge_maker(name="Northtown")
    url = address(maker, "name/")
    assert stale.post(url, {"name": "Southtown", "look": "1"}).status_code == 200
    answer = stale.post(url, {"name": "Southtown", "confirmed": "1"})
    assert answer["Location"].startswith("/account/confirm/")
    assert PledgeMaker.objects.get().name == "Northtown"
    assert 'value="Southtown"' in stale.get(url).content.decode()


def test_organisations_come_and_go(client):
    maker = make_public_pledge_maker(name="Northtown")
    council = make_organisation(name="Fenholme Council", kind="local_authority")
    press(client, address(maker, "organisation/"), {"organisation": "Fenholme Council"} | day())
    part = maker.parts.get(organisation=council)
    press(client, address(maker, f"organisation/{part.pk}/leaves/"), day())
    assert "Organisations before Fenholme Council from" in text(client.get("/pledge-makers/northtown/"))


def test_a_leader_leaves(client):
    leader = make_leader()
    press(client, address(leader.pledge_maker, f"leader/{leader.pk}/leaves/"), day())
    leader.refresh_from_db()
    assert leader.until_on == timezone.localdate()


@pytest.mark.parametrize(
    ("page", "typed", "sentence"),
    [
        ("name/", {"name": ""}, "Enter the new name."),
        ("name/", {"name": "Northtown"}, "That is its name already."),
        ("withdraw/", day() | {"note": ""}, "Say in a sentence for the public why it withdraws."),
        ("withdraw/", {"on_day": "1", "on_month": "1", "on_year": "2999", "note": "N"}, "not in the future."),
        ("merge/", day() | {"successor": ""}, "Choose the Pledge Maker that it merges into."),
        ("organisation/", day() | {"organisation": "Nowhere"}, "We know no open organisation called “Nowhere”."),
    ],
)
def test_what_makes_no_sense_is_said_at_its_box(client, page, typed, sentence):
    maker = make_public_pledge_maker(name="Northtown")
    answer = client.post(address(maker, page), typed | {"confirmed": "1"})
    assert answer.status_code == 200
    assert answer.content.decode().count(sentence) == 2  # in the summary and at the box


def test_a_refusal_of_the_domain_stands_in_the_summary(client):
    maker = make_public_pledge_maker(name="Northtown")
    answer = client.post(address(maker, "undo-withdrawal/"), {"confirmed": "1"})
    assert "It has not withdrawn." in text(answer)


@pytest.mark.parametrize("page", PAGES)
def test_nobody_else_finds_these_pages(page):
    maker = make_pledge_maker()
    for user in (make_user(), make_leader(pledge_maker=maker).user):
        assert sign_in(Client(), user).get(address(maker, page)).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_open(client, page):
    assert client.get(address(make_public_pledge_maker(), page)).status_code == 200


def test_parts_and_leaders_of_another_are_not_found(client):
    mine, other = make_pledge_maker(), make_leader()
    for page in (f"organisation/{other.pledge_maker.parts.get().pk}/leaves/", f"leader/{other.pk}/leaves/"):
        assert client.get(address(mine, page)).status_code == 404
