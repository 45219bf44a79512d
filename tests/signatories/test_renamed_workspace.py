"""Workspace pages under a former address: members are led on and lose no word; others are told nothing."""

from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from signatories import changes
from signatories.models import PledgeMaker, Role, Statement
from tests.factories.accounts import mailed_code, make_caseworker, make_user, sign_in
from tests.factories.signatories import WHY, make_leader, make_member, make_pledge_maker, make_statement

pytestmark = pytest.mark.django_db
OLD, NEW = "/workspace/northtown-trust/", "/workspace/north-and-southtown-trust/"
PAGES = ("", "people/", "people/invite/", "statement/", "statement/check/", "statement/sign/")
TAKE_WORDS = ("people/invite/", "statement/", "statement/sign/")


@pytest.fixture
def leader():
    leader = make_leader(pledge_maker=make_pledge_maker(name="Northtown Trust"))
    make_statement(leader=leader)
    return leader


@pytest.fixture
def renamed(leader) -> PledgeMaker:
    by, now = make_caseworker(), timezone.now()
    return changes.rename(pledge_maker=leader.pledge_maker, name="North and Southtown Trust", by=by, now=now)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_leads_its_members_on(client: Client, leader, renamed: PledgeMaker, page: str) -> None:
    sign_in(client, leader.user)
    answer = client.get(f"{OLD}{page}?from=mail")
    assert (answer.status_code, answer["Location"]) == (302, f"{NEW}{page}?from=mail")
    assert client.get(f"{NEW}{page}").status_code == 200


@pytest.mark.parametrize(
    ("method", "page"), [*(("get", page) for page in PAGES), *(("post", page) for page in PAGES if page in TAKE_WORDS)]
)
def test_nobody_else_learns_that_it_has_another_name(
    client: Client, renamed: PledgeMaker, method: str, page: str
) -> None:
    people = {
        "a leader elsewhere": make_leader().user,
        "staff": make_caseworker(),
        "nobody's": make_user(),
        "somebody who left": make_member(pledge_maker=renamed),
    }
    left = people["somebody who left"]
    type(left).objects.filter(pk=left.pk).update(ended_at=timezone.now())
    people["somebody who left"] = left.user
    answers = {who: getattr(sign_in(Client(), user), method)(f"{OLD}{page}") for who, user in people.items()}
    unknown = {
        who: getattr(sign_in(Client(), user), method)(f"/workspace/nobody/{page}") for who, user in people.items()
    }
    assert {who: answer.status_code for who, answer in answers.items()} == dict.fromkeys(people, 404)
    assert {who: answer.status_code for who, answer in unknown.items()} == dict.fromkeys(people, 404)
    assert [who for who, answer in answers.items() if b"southtown" in answer.content.lower()] == []


def test_visitors_are_asked_to_sign_in_as_everywhere(client: Client, renamed: PledgeMaker) -> None:
    assert client.get(OLD)["Location"] == f"/account/login/?next={OLD}"


def test_words_sent_to_the_old_address_arrive(client: Client, leader, renamed: PledgeMaker) -> None:
    """The page was open when the name changed."""
    sign_in(client, leader.user)
    typed = {"edit": "1", "why": "Because we promised.", **{f"plan_{n}": f"Plan {n}" for n in range(1, 8)}}
    answer = client.post(f"{OLD}statement/", typed)
    assert (answer.status_code, answer["Location"]) == (302, f"{NEW}statement/")
    assert Statement.objects.get().why == "Because we promised."


def test_a_page_that_saves_itself_goes_on_doing_so(client: Client, leader, renamed: PledgeMaker) -> None:
    sign_in(client, leader.user)
    typed = {"edit": "1", "why": f"{WHY} More."}
    answer = client.post(f"{OLD}statement/", typed, headers={"X-Requested-With": "autosave"})
    assert (answer.status_code, answer.json()["status"]) == (200, "saved")


def test_errors_are_shown_with_what_was_typed(client: Client, leader, renamed: PledgeMaker) -> None:
    sign_in(client, leader.user)
    page = client.post(f"{OLD}people/invite/", {"name": "Kofi Asante", "email": "no address"}).content.decode()
    assert "There is a problem" in page
    assert 'value="Kofi Asante"' in page


def test_a_proof_in_between_loses_nothing(client: Client, leader, renamed: PledgeMaker) -> None:
    """Signing asks who is there; what was ticked comes back on the page under the new address."""
    sign_in(client, leader.user, fresh=False)
    typed = {"edit": "1", "name": "Dr N. Bello", "role_title": "Chair", "joins_network": "on"}
    confirm = client.post(f"{OLD}statement/sign/", typed)["Location"]
    assert confirm == f"/account/confirm/?next={quote(f'{NEW}statement/sign/', safe='')}"
    client.post(confirm, {"action": "send"})
    client.post(confirm, {"action": "prove", "code": mailed_code(leader.user.email)})
    page = client.get(f"{NEW}statement/sign/").content.decode()
    assert 'value="Dr N. Bello"' in page
    assert 'value="Chair"' in page


def test_what_this_person_may_not_do_is_refused_there_too(client: Client, renamed: PledgeMaker) -> None:
    reader = make_member(pledge_maker=renamed, role=Role.READER)
    sign_in(client, reader.user)
    assert client.post(f"{OLD}statement/", {"edit": "1", "why": "Mine"}).status_code == 403
    assert Statement.objects.get().why == WHY


def test_the_address_of_today_takes_no_further_query(client: Client, leader, django_assert_num_queries) -> None:
    from signatories.access import membership_or_404

    with django_assert_num_queries(1):
        membership_or_404(leader.user, "northtown-trust")


def test_an_old_address_that_came_back_is_todays(client: Client, leader, renamed: PledgeMaker) -> None:
    changes.rename(pledge_maker=renamed, name="Northtown Trust", by=make_caseworker(), now=timezone.now())
    sign_in(client, leader.user)
    assert client.get(f"{OLD}people/").status_code == 200
    assert client.get(f"{NEW}people/")["Location"] == f"{OLD}people/"
