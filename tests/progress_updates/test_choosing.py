"""Several Pledge Makers in one account: chosen by address, never remembered, never mixed up."""

import re

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from accounts.models import User
from progress_updates.models import Answer, State
from signatories import statements
from signatories.models import Membership, PledgeMaker, Role, Statement
from tests.factories.accounts import make_user, sign_in
from tests.factories.progress_updates import make_entry, make_round, make_update
from tests.factories.signatories import make_leader, make_member, make_pledge_maker, make_public_pledge_maker
from tests.progress_updates.scene import words_of

pytestmark = pytest.mark.django_db
EMAIL = "ama@partners.example"
A, B = "Northtown Trust", "Southtown Trust"


@pytest.fixture
def makers() -> tuple[PledgeMaker, PledgeMaker]:
    return make_public_pledge_maker(name=A), make_public_pledge_maker(name=B)


@pytest.fixture
def ama(makers: tuple[PledgeMaker, PledgeMaker]) -> User:
    """Coordinator of Northtown, contributor of Southtown."""
    make_member(pledge_maker=makers[0], email=EMAIL, role=Role.COORDINATOR)
    return make_member(pledge_maker=makers[1], email=EMAIL, role=Role.CONTRIBUTOR).user


# --- Choosing -----------------------------------------------------------------------------------------------


def test_each_is_named_with_the_role_and_what_waits(client: Client, makers, ama: User) -> None:
    round_ = make_round(label="Autumn")
    make_update(entry=make_entry(pledge_maker=makers[0], round_=round_), state=State.AWAITING_SIGN_OFF)
    page = words_of(sign_in(client, ama).get("/workspace/"))
    first, second = page.index(A), page.index(B)
    assert "Your role: Coordinator" in page[:first]
    assert "Autumn: the update waits for the leader’s signature." in page[first:second]
    assert "Your role: Contributor" in page[first:second]
    assert "Autumn: nobody has started the update yet." in page[second:]


STATES = {
    None: "Autumn: nobody has started the update yet.",
    State.DRAFT: "Autumn: the update is being written.",
    State.AWAITING_SIGN_OFF: "Autumn: the update waits for your signature.",
    State.SUBMITTED: "Autumn: the update is sent. The Synergi team has it.",
    State.RETURNED: "Autumn: the update was sent back with a reason.",
    State.ACCEPTED: "You have not re-affirmed the pledge yet.",
    State.PUBLISHED: "You have not re-affirmed the pledge yet.",
}


@pytest.mark.parametrize("state", list(STATES))
def test_what_waits_is_said_for_every_state(client: Client, makers, state: State | None) -> None:
    entry = make_entry(pledge_maker=makers[0], round_=make_round(label="Autumn"))
    if state:
        make_update(entry=entry, state=state)
    leader = make_leader(pledge_maker=makers[0], email=EMAIL).user
    make_member(pledge_maker=makers[1], email=EMAIL, role=Role.READER)
    page = words_of(sign_in(client, leader).get("/workspace/"))
    assert STATES[state] in page[page.index(A) : page.index(B)]


def test_the_statement_is_named_while_it_waits(client: Client) -> None:
    new, signed = make_pledge_maker(name=A), make_pledge_maker(name=B)
    leader = make_leader(pledge_maker=signed, email=EMAIL)
    make_member(pledge_maker=new, email=EMAIL)
    draft = statements.start(pledge_maker=signed, by=leader.user, now=timezone.now())
    Statement.objects.filter(pk=draft.pk).update(state="signed", signed_at=timezone.now(), joins_network=True)
    page = words_of(sign_in(client, leader.user).get("/workspace/"))
    assert "The Statement of Intent is not signed yet." in page[: page.index(B)]
    assert "The Statement of Intent is signed. The Synergi team publishes it." in page[page.index(B) :]


def test_where_nothing_waits_the_page_says_so(client: Client, ama: User) -> None:
    assert words_of(sign_in(client, ama).get("/workspace/")).count("Nothing waits here now.") == 2


def test_with_one_the_page_is_passed_by(client: Client, makers) -> None:
    member = make_member(pledge_maker=makers[0])
    assert sign_in(client, member.user).get("/workspace/")["Location"] == "/workspace/northtown-trust/"


def test_without_any_the_page_says_what_to_do(client: Client) -> None:
    assert "You do not act for a Pledge Maker yet." in words_of(sign_in(client, make_user()).get("/workspace/"))


@pytest.mark.parametrize("count", [2, 3, 100])
def test_the_page_takes_seven_queries_for_any_number(client: Client, count: int, django_assert_num_queries) -> None:
    user, now = make_user(), timezone.now()
    makers = PledgeMaker.objects.bulk_create(
        PledgeMaker(name=f"Trust {n}", slug=f"trust-{n}", created_at=now) for n in range(count)
    )
    Membership.objects.bulk_create(
        Membership(user=user, pledge_maker=maker, role=Role.CONTRIBUTOR, since=now) for maker in makers
    )
    round_ = make_round(label="Autumn")
    round_.entries.bulk_create(
        round_.entries.model(round=round_, pledge_maker=maker, due_at=round_.due_at) for maker in makers
    )
    sign_in(client, user)
    with django_assert_num_queries(7):  # session, person, memberships, Statements, entries, updates, leaders awaited
        assert client.get("/workspace/").content.count(b'class="card choice"') == count


# --- For whom one acts ---------------------------------------------------------------------------------------


def _workspace_routes(resolver: URLResolver, prefix: str = "") -> list[tuple[str, URLPattern]]:
    found = []
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += _workspace_routes(pattern, route)
        elif route.startswith("workspace/<slug:slug>/"):
            found.append((route, pattern))
    return found


def _pages_of(maker: PledgeMaker) -> list[str]:
    """Every workspace address of this Pledge Maker that can be written without a number."""
    parts = {"<slug:slug>": maker.slug, "<slug:round_slug>": "autumn", "<slug:section>": "objective-1"}
    pages = []
    for route, _pattern in _workspace_routes(get_resolver()):
        for name, value in parts.items():
            route = route.replace(name, value)
        pages.append("/" + route)
    return [page for page in pages if "<" not in page and not page.endswith(".ics")]


@pytest.mark.parametrize("state", [None, State.DRAFT, State.AWAITING_SIGN_OFF, State.SUBMITTED, State.PUBLISHED])
def test_every_page_says_for_whom_in_title_and_top_and_its_forms_stay_there(
    client: Client, makers, state: State | None
) -> None:
    round_ = make_round(label="Autumn")
    for maker in makers:
        entry = make_entry(pledge_maker=maker, round_=round_)
        if state:
            make_update(entry=entry, state=state)
    user = make_leader(pledge_maker=makers[0], email=EMAIL).user
    make_leader(pledge_maker=makers[1], email=EMAIL)
    sign_in(client, user)
    seen = 0
    for maker, other in (makers, makers[::-1]):
        for page in _pages_of(maker):
            answer = client.get(page)
            if answer.status_code not in (200, 403):
                continue
            html = answer.content.decode()
            title = re.search(r"<title>(.*?)</title>", html, re.DOTALL)
            assert title
            assert maker.name in title[1], page
            assert f"You act for <strong>{maker.name}</strong> as leader." in html, page
            assert "Act for another" in html, page
            assert other.name not in html, page
            targets = re.findall(r'<form[^>]*method="post"[^>]*>', html)
            actions = [found[1] for form in targets if (found := re.search(r'action="([^"]*)"', form))]
            allowed = (f"/workspace/{maker.slug}/", "/account/")
            assert [action for action in actions if not action.startswith(allowed)] == [], page
            seen += 1
    assert seen >= 2 * 8


def test_somebody_with_one_pledge_maker_is_offered_no_other(client: Client, makers) -> None:
    member = make_member(pledge_maker=makers[0])
    html = sign_in(client, member.user).get("/workspace/northtown-trust/").content.decode()
    assert f"You act for <strong>{A}</strong> as coordinator." in html
    assert "Act for another" not in html


def test_a_role_that_ended_elsewhere_is_no_other(client: Client, makers, ama: User) -> None:
    Membership.objects.filter(user=ama, pledge_maker=makers[1]).update(ended_at=timezone.now())
    html = sign_in(client, ama).get("/workspace/northtown-trust/").content.decode()
    assert "Act for another" not in html


def test_the_session_knows_no_pledge_maker(client: Client, makers, ama: User) -> None:
    sign_in(client, ama)
    before = dict(client.session.items())
    for maker in makers:
        client.get(f"/workspace/{maker.slug}/")
        client.get(f"/workspace/{maker.slug}/people/")
    kept = {key: value for key, value in client.session.items() if before.get(key) != value}
    assert [value for value in map(str, kept.values()) if "town" in value] == []


# --- Two tabs ------------------------------------------------------------------------------------------------


@pytest.fixture
def updates(makers):
    round_ = make_round(label="Autumn")
    return [make_update(entry=make_entry(pledge_maker=maker, round_=round_), complete=False) for maker in makers]


def section(maker: PledgeMaker) -> str:
    return f"/workspace/{maker.slug}/autumn/challenges/"


def text_of(update) -> str:
    return Answer.objects.get(update=update, question__key="challenges").text


def test_a_form_of_one_posted_after_work_on_the_other_is_saved_where_it_belongs(
    client: Client, makers, updates, ama: User
) -> None:
    sign_in(client, ama)
    client.get(section(makers[0]))
    client.get(section(makers[1]))
    client.post(section(makers[1]), {"edit": "0", "text": "Words of Southtown."})
    client.post(section(makers[0]), {"edit": "0", "text": "Words of Northtown."})
    assert [text_of(update) for update in updates] == ["Words of Northtown.", "Words of Southtown."]


def test_nothing_in_a_form_can_name_another_pledge_maker(client: Client, makers, updates, ama: User) -> None:
    other = makers[1]
    extra = {"slug": other.slug, "pledge_maker": other.pk, "maker": other.pk, "update": updates[1].pk}
    sign_in(client, ama).post(section(makers[0]), {"edit": "0", "text": "Words of Northtown."} | extra)
    assert [text_of(update) for update in updates] == ["Words of Northtown.", ""]


def test_the_role_is_that_of_the_pledge_maker_in_the_address(client: Client, makers, ama: User) -> None:
    """Coordinators invite, contributors do not; being one here does not make one the other there."""
    sign_in(client, ama)
    typed = {"name": "Kofi", "email": "kofi@northtown.example", "role": "reader"}
    answers = [client.post(f"/workspace/{maker.slug}/people/invite/", typed).status_code for maker in makers]
    assert answers == [302, 403]


def test_a_role_that_ended_while_the_page_was_open_saves_nothing(client: Client, makers, updates, ama: User) -> None:
    sign_in(client, ama)
    client.get(section(makers[0]))
    Membership.objects.filter(user=ama, pledge_maker=makers[0]).update(ended_at=timezone.now())
    answer = client.post(section(makers[0]), {"edit": "0", "text": "Too late."})
    assert (answer.status_code, [text_of(update) for update in updates]) == (404, ["", ""])
    assert client.post(section(makers[1]), {"edit": "0", "text": "Still here."}).status_code == 302


def test_no_page_of_a_workspace_is_stored(client: Client, makers, ama: User) -> None:
    sign_in(client, ama)
    pages = ["/workspace/", *(f"/workspace/{maker.slug}/{page}" for maker in makers for page in ("", "people/"))]
    assert {client.get(page)["Cache-Control"] for page in pages} == {"no-store, private"}
