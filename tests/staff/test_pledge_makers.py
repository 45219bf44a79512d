"""Pledge Makers as the team sees them, and publishing their Statements."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent, User
from progress_updates.models import State
from signatories.models import Role, Statement, StatementState
from tests.factories.accounts import make_caseworker, make_publisher, sign_in
from tests.factories.progress_updates import make_update
from tests.factories.signatories import (
    make_invitation,
    make_member,
    make_organisation,
    make_pledge_maker,
    make_public_pledge_maker,
    make_statement,
)

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def caseworker(client: Client) -> User:
    user = make_caseworker()
    sign_in(client, user)
    return user


@pytest.fixture
def publisher(client: Client) -> User:
    user = make_publisher()
    sign_in(client, user)
    return user


def page_of(statement: Statement) -> str:
    return f"/staff/pledge-makers/{statement.pledge_maker.slug}/statement/{statement.version}/"


def press_publish(client: Client, statement: Statement) -> list[str]:
    client.post(f"{page_of(statement)}publish/")
    statement.refresh_from_db()
    return [str(message) for message in client.get(page_of(statement)).context["messages"]]


def test_a_signed_statement_is_read_whole_and_published(client: Client, publisher: User) -> None:
    statement = make_statement(state="signed", why=f"Why {HOSTILE}", plans={n: f"Plan {n}" for n in range(1, 8)})
    html = client.get(page_of(statement)).content.decode()
    assert "Why &lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert HOSTILE not in html
    assert all(f"<p>Plan {n}</p>" in html for n in range(1, 8))
    name = statement.pledge_maker.name
    assert press_publish(client, statement) == [f"The Statement of {name} is published."]
    assert (statement.state, statement.published_by) == (StatementState.PUBLISHED, publisher)
    assert press_publish(client, statement) == ["This Statement is published already. Nothing was changed."]
    assert AuditEvent.objects.filter(action="statement.published").count() == 1


def test_publishing_a_statement_asks_for_a_fresh_proof(client: Client) -> None:
    statement = make_statement(state="signed")
    sign_in(client, make_publisher(), fresh=False)
    answer = client.post(f"{page_of(statement)}publish/")
    assert answer.headers["Location"].startswith("/account/confirm/?next=%2Fstaff%2Fpledge-makers%2F")
    statement.refresh_from_db()
    assert statement.state == StatementState.SIGNED


def test_a_caseworker_reads_and_cannot_publish(client: Client, caseworker: User) -> None:
    statement = make_statement(state="signed")
    html = client.get(page_of(statement)).content.decode()
    assert "It waits for a publisher of the team." in html
    assert "publish/" not in html
    assert press_publish(client, statement) == ["Only a publisher can publish. Ask a colleague who is one."]
    assert statement.state == StatementState.SIGNED


def test_a_draft_is_the_pledge_makers_own_and_cannot_be_published(client: Client, publisher: User) -> None:
    statement = make_statement(state="draft", why="Not yet for others.")
    html = client.get(page_of(statement)).content.decode()
    assert "Not yet for others." not in html
    assert "This version is still being written." in html
    assert press_publish(client, statement) == ["Only a signed Statement can be published."]
    assert statement.state == StatementState.DRAFT


def test_one_page_shows_people_statement_and_rounds(client: Client, caseworker: User) -> None:
    update = make_update(state=State.SUBMITTED)
    maker = update.entry.pledge_maker
    make_member(pledge_maker=maker, role=Role.READER, name=f"Ray {HOSTILE}")
    make_invitation(pledge_maker=maker, name="Not Yet There")
    html = client.get(f"/staff/pledge-makers/{maker.slug}/").content.decode()
    for words in ("Dr Ngozi Bello", "Not Yet There", "Version 1", "Received on time", "Submitted"):
        assert words in html
    assert "Ray &lt;script&gt;" in html
    assert HOSTILE not in html
    assert f"/staff/updates/{update.pk}/" in html


def test_those_without_a_statement_are_listed_too(client: Client, caseworker: User) -> None:
    make_pledge_maker(name="Not Started Trust")
    make_statement(pledge_maker=make_pledge_maker(name="Writing Trust"), state="draft")
    make_statement(pledge_maker=make_pledge_maker(name="Signed Trust"), state="signed")
    make_public_pledge_maker(name="Public Trust")
    found = client.get("/staff/pledge-makers/").context["pledge_makers"]
    assert {maker.name: (maker.statement_state, maker.leaders_now) for maker in found} == {
        "Not Started Trust": (None, 0),
        "Writing Trust": ("draft", 1),
        "Signed Trust": ("signed", 1),
        "Public Trust": ("published", 1),
    }


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("leeds", ["Leeds Partnership"]),
        ("RXX", ["Leeds Partnership"]),
        ("council", ["Leeds Partnership"]),
        ("  trust ", ["Leeds Partnership", "Other Trust"]),
        ("nobody' OR 1=1", []),
        ("leeds\0", ["Leeds Partnership"]),
    ],
)
def test_the_search_finds_names_organisations_and_codes(
    client: Client, caseworker: User, typed: str, names: list[str]
) -> None:
    parts = [make_organisation(name="Northtown Trust", ods_code="RXX"), make_organisation(name="City Council")]
    make_pledge_maker(name="Leeds Partnership", organisations=parts)
    make_pledge_maker(name="Other Trust", organisations=[make_organisation(name="Other Trust", ods_code="RYY")])
    found = client.get("/staff/pledge-makers/", {"q": typed}).context["pledge_makers"]
    assert [maker.name for maker in found] == names
    assert timezone.localdate() == parts[0].parts.get().joined_on
