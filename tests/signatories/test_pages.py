"""The workspace pages about people and the Statement of Intent."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from mail.models import Message
from signatories import statements
from signatories.models import Invitation, Role, Statement, StatementState
from tests.factories.accounts import mailed_code, make_caseworker, make_user, sign_in
from tests.factories.signatories import (
    PLANS,
    WHY,
    make_invitation,
    make_leader,
    make_member,
    make_pledge_maker,
    make_statement,
)

pytestmark = pytest.mark.django_db
TYPED = {"why": WHY, **{f"plan_{n}": text for n, text in PLANS.items()}}
PAGES = (
    "people/",
    "people/invite/",
    "roles/",
    "statement/",
    "statement/check/",
    "statement/sign/",
    "statement/signed/",
)


@pytest.fixture
def leader():
    return make_leader(pledge_maker=make_pledge_maker(name="Northtown Trust"))


@pytest.fixture
def office(client: Client, leader) -> Client:
    """The leader of Northtown Trust, who just signed in."""
    return sign_in(client, leader.user)


def address(page: str) -> str:
    return f"/workspace/northtown-trust/{page}"


def autosave(client: Client, **typed: str):
    return client.post(address("statement/"), typed, headers={"X-Requested-With": "autosave"})


def text_of(client: Client, page: str) -> str:
    return client.get(address(page)).content.decode()


# --- Whose pages ------------------------------------------------------------------------------------------

OPENS = {
    Role.LEADER: (200, 200, 200, 200, 200, 200, 302),
    Role.COORDINATOR: (200, 200, 200, 200, 200, 403, 302),
    Role.CONTRIBUTOR: (200, 403, 200, 302, 200, 403, 302),
    Role.READER: (200, 403, 200, 302, 200, 403, 302),
    "a leader elsewhere": (404,) * 7,
    "staff": (404,) * 7,
    "somebody who left": (404,) * 7,
    "a visitor": (302,) * 7,
}


@pytest.mark.parametrize("who", list(OPENS))
def test_who_opens_which_page(client: Client, leader, who: str) -> None:
    make_statement(leader=leader)
    pledge_maker = leader.pledge_maker
    if who == "somebody who left":
        membership = make_member(pledge_maker=pledge_maker)
        type(membership).objects.filter(pk=membership.pk).update(ended_at=timezone.now())
        user = membership.user
    else:
        makers = {"a leader elsewhere": lambda: make_leader().user, "staff": make_caseworker, "a visitor": lambda: None}
        user = makers.get(who, lambda: make_member(pledge_maker=pledge_maker, role=who).user)()
    if user:
        sign_in(client, user)
    answers = tuple(client.get(address(page)).status_code for page in PAGES)
    assert answers == OPENS[who]


@pytest.mark.parametrize("page", ["statement/", "statement/sign/", "people/invite/", "people/withdraw/1/"])
def test_nothing_of_another_pledge_maker_can_be_changed(client: Client, leader, page: str) -> None:
    draft = make_statement(leader=leader)
    sign_in(client, make_leader().user)
    assert client.post(address(page), TYPED | {"edit": "1"}).status_code == 404
    draft.refresh_from_db()
    assert (draft.state, draft.edit, Invitation.objects.filter(role="reader").count()) == ("draft", 1, 0)


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.READER])
def test_contributors_and_readers_cannot_save_the_statement(client: Client, leader, role: Role) -> None:
    draft = make_statement(leader=leader)
    sign_in(client, make_member(pledge_maker=leader.pledge_maker, role=role).user)
    assert client.post(address("statement/"), {"edit": "1", "why": "Mine"}).status_code == 403
    draft.refresh_from_db()
    assert draft.why == WHY


def test_an_invitation_of_another_pledge_maker_cannot_be_withdrawn(office: Client) -> None:
    other = make_invitation()
    assert office.post(address(f"people/withdraw/{other.pk}/")).status_code == 404
    other.refresh_from_db()
    assert other.withdrawn_at is None


# --- The workspace and people ----------------------------------------------------------------------------


def test_somebody_with_several_pledge_makers_chooses(office: Client, leader) -> None:
    make_member(pledge_maker=make_pledge_maker(name="Southtown Trust"), email=leader.user.email, role=Role.READER)
    page = office.get("/workspace/").content.decode()
    assert page.index("Northtown Trust") < page.index("Southtown Trust")


def test_somebody_without_a_pledge_maker_reads_what_to_do(client: Client) -> None:
    sign_in(client, make_user())
    assert "You do not act for a Pledge Maker yet." in client.get("/workspace/").content.decode()


def test_a_leader_invites_a_coordinator(office: Client) -> None:
    typed = {"name": "Kofi Asante", "email": "Kofi@Northtown.example", "role": "coordinator"}
    assert office.post(address("people/invite/"), typed)["Location"] == address("people/")
    page = text_of(office, "people/")
    assert "We have sent an invitation to kofi@northtown.example." in page
    assert "kofi@northtown.example</span></th>" in page
    assert Message.objects.get(kind="invitation", to="kofi@northtown.example")


def test_a_coordinator_is_offered_all_roles_but_that_of_a_leader(client: Client, leader) -> None:
    sign_in(client, make_member(pledge_maker=leader.pledge_maker, role=Role.COORDINATOR).user)
    page = text_of(client, "people/invite/")
    assert [f'value="{role}"' in page for role in Role] == [False, True, True, True]
    typed = {"name": "Kofi", "email": "kofi@northtown.example", "role": "leader"}
    client.post(address("people/invite/"), typed)
    assert not Invitation.objects.filter(email="kofi@northtown.example").exists()


def test_a_member_is_not_invited_twice(office: Client, leader) -> None:
    member = make_member(pledge_maker=leader.pledge_maker, role=Role.READER)
    typed = {"name": "Again", "email": member.user.email, "role": "reader"}
    page = office.post(address("people/invite/"), typed).content.decode()
    assert page.count("This person is already a reader of Northtown Trust.") == 2
    assert 'value="Again"' in page


def test_an_empty_invitation_says_what_is_missing(office: Client) -> None:
    page = office.post(address("people/invite/"), {}).content.decode()
    for sentence in ("Enter their full name.", "Enter their e-mail address.", "Choose what they may do."):
        assert page.count(sentence) == 2


def test_an_invitation_can_be_withdrawn_once(office: Client, leader) -> None:
    invitation = make_invitation(pledge_maker=leader.pledge_maker, role=Role.READER, name="Kofi Asante")
    office.post(address(f"people/withdraw/{invitation.pk}/"))
    page = text_of(office, "people/")
    assert ("The invitation is withdrawn." in page, "Kofi Asante" in page) == (True, False)
    office.post(address(f"people/withdraw/{invitation.pk}/"))
    assert "accepted or withdrawn before" in text_of(office, "people/")


def test_an_invitation_is_not_withdrawn_by_opening_a_link(office: Client, leader) -> None:
    invitation = make_invitation(pledge_maker=leader.pledge_maker, role=Role.READER)
    assert office.get(address(f"people/withdraw/{invitation.pk}/")).status_code == 405


@pytest.mark.parametrize("number", [1, 3, 100])
def test_people_take_the_same_queries(office: Client, leader, django_assert_num_queries, number: int) -> None:
    for _number in range(number):
        make_member(pledge_maker=leader.pledge_maker, role=Role.READER)
        make_invitation(pledge_maker=leader.pledge_maker, role=Role.READER)
    with django_assert_num_queries(6):
        office.get(address("people/"))


# --- Writing ----------------------------------------------------------------------------------------------


def test_opening_the_page_starts_nothing(office: Client) -> None:
    page = text_of(office, "statement/")
    assert "local ethnic minority communities" in page
    assert "Wording from May 2021" in page
    assert not Statement.objects.exists()


def test_saving_and_checking(office: Client) -> None:
    response = office.post(address("statement/"), TYPED | {"edit": "0", "check": "1"})
    assert response["Location"] == address("statement/check/")
    page = text_of(office, "statement/check/")
    assert "We want everyone in Northtown to get the same good care." in page
    assert "Go on to sign" in page


def test_saving_says_when(office: Client) -> None:
    response = office.post(address("statement/"), TYPED | {"edit": "0", "save": "1"})
    assert response["Location"] == address("statement/")
    at = timezone.localtime().strftime("%H:")
    assert f"Saved at {at}" in text_of(office, "statement/")


def test_autosave_answers_with_number_and_time(office: Client) -> None:
    answer = autosave(office, edit="0", **TYPED)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    saved = json.loads(answer.content)
    assert saved == {"status": "saved", "edit": 1, "saved_at": saved["saved_at"]}
    assert json.loads(autosave(office, edit="1", **TYPED | {"why": "More"}).content)["edit"] == 2
    assert Statement.objects.get().why == "More"


def test_autosave_keeps_a_text_that_is_too_long(office: Client) -> None:
    assert autosave(office, edit="0", why="word " * 1_500).status_code == 200
    assert len(Statement.objects.get().why.split()) == 1_500


def test_autosave_of_a_broken_form_says_so(office: Client) -> None:
    answer = autosave(office, edit="x", why="Text")
    assert (answer.status_code, json.loads(answer.content)["status"]) == (400, "invalid")


def test_autosave_over_somebody_elses_text_is_a_conflict(office: Client, leader) -> None:
    make_statement(leader=leader)
    answer = autosave(office, edit="0", why="Mine")
    assert answer.status_code == 409
    assert json.loads(answer.content) == {
        "status": "conflict",
        "message": "Somebody else saved this Statement while you were writing. Nothing is lost.",
        "url": address("statement/"),
    }


def test_a_text_that_is_too_long_comes_back_whole_with_its_count(office: Client) -> None:
    long = "one\r\n" * 1_001
    page = office.post(address("statement/"), {"edit": "0", "plan_3": long, "save": "1"}).content.decode()
    assert page.count("How we plan to meet objective 3 must be 1,000 words or fewer. It has 1,001.") == 2
    assert page.count("one\n") == 1_001
    assert "<title>Error: Statement of Intent" in page


def test_a_conflict_shows_both_texts_and_the_next_save_is_known(office: Client, leader) -> None:
    draft = make_statement(leader=leader)
    typed = TYPED | {"why": "My words", "plan_1": "My plan", "edit": "0", "save": "1"}
    response = office.post(address("statement/"), typed)
    page = response.content.decode()
    assert response.status_code == 409
    assert "Nothing is lost: compare, then save." in page
    assert page.count("Saved by somebody else:") == 2
    for words in ("My words", "My plan", "to get the same good care", PLANS[1]):
        assert words in page
    assert f'name="edit" value="{draft.edit}"' in page
    office.post(address("statement/"), typed | {"edit": str(draft.edit)})
    draft.refresh_from_db()
    assert draft.why == "My words"


SEALED = (StatementState.SIGNED, StatementState.PUBLISHED, StatementState.SUPERSEDED)


@pytest.mark.parametrize("state", SEALED)
def test_what_could_not_be_saved_because_it_was_signed_is_shown(office: Client, leader, state: str) -> None:
    make_statement(leader=leader, state=state)
    response = office.post(address("statement/"), {"edit": "1", "why": "My late words", "plan_2": "Late plan"})
    page = response.content.decode()
    assert (response.status_code, "My late words" in page, "Late plan" in page) == (409, True, True)


@pytest.mark.parametrize("state", SEALED)
def test_a_page_left_open_over_the_signature_begins_no_new_version(office: Client, leader, state: str) -> None:
    statement = make_statement(leader=leader, state=state)
    before = list(leader.pledge_maker.statements.values_list("version", "state", "why", "edit"))
    response = autosave(office, edit="1", why="My late words")
    office.post(address("statement/"), {"edit": str(statement.edit), "why": "My late words"})
    assert (response.status_code, response.json()["message"]) == (
        409,
        "This Statement is signed and can no longer be changed.",
    )
    assert list(leader.pledge_maker.statements.values_list("version", "state", "why", "edit")) == before


def test_what_somebody_types_is_never_markup(office: Client) -> None:
    hostile = "</textarea><script>alert(1)</script>"
    office.post(address("statement/"), {"edit": "0", "why": hostile, "save": "1"})
    for page in ("statement/", "statement/check/"):
        html = text_of(office, page)
        assert ("<script>alert" in html, "&lt;script&gt;alert" in html) == (False, True)


# --- Checking and signing ---------------------------------------------------------------------------------


def test_the_check_names_and_links_every_gap(office: Client, leader) -> None:
    make_statement(leader=leader, plans={1: "Only one"})
    page = text_of(office, "statement/check/")
    assert f'href="{address("statement/")}#id_plan_7">Say how you plan to meet objective 7.</a>' in page
    assert "Go on to sign" not in page
    assert office.get(address("statement/sign/"))["Location"] == address("statement/check/")


def test_a_coordinator_reads_who_can_sign(client: Client, leader) -> None:
    make_statement(leader=leader)
    sign_in(client, make_member(pledge_maker=leader.pledge_maker, role=Role.COORDINATOR).user)
    page = text_of(client, "statement/check/")
    assert ("Only a leader can sign it:" in page, "Dr Ngozi Bello, Chief executive" in page) == (True, True)
    assert "Go on to sign" not in page


def sign(client: Client, edit: int = 1, **more: str):
    typed = {"edit": str(edit), "name": "Dr Ngozi Bello", "role_title": "Chief executive", "joins_network": "on"}
    return client.post(address("statement/sign/"), typed | more)


def test_signing_shows_name_role_and_date(office: Client, leader) -> None:
    draft = make_statement(leader=leader)
    page = text_of(office, "statement/sign/")
    today = timezone.localdate()
    assert 'value="Dr Ngozi Bello"' in page
    assert 'value="Chief executive"' in page
    assert f"{today.day} {today:%B %Y}" in page
    assert sign(office)["Location"] == address("statement/signed/")
    draft.refresh_from_db()
    assert draft.state == "signed"
    assert "Statement of Intent signed" in text_of(office, "statement/signed/")


def test_pressing_twice_signs_once(office: Client, leader) -> None:
    draft = make_statement(leader=leader)
    assert [sign(office)["Location"], sign(office)["Location"]] == [address("statement/signed/")] * 2
    assert draft.signatures.count() == 1
    assert office.get(address("statement/sign/"))["Location"] == address("statement/signed/")


def test_without_the_network_there_is_no_signature(office: Client, leader) -> None:
    draft = make_statement(leader=leader)
    page = sign(office, joins_network="", name="").content.decode()
    assert page.count("Agree to be part of the national network.") == 2
    assert page.count("Enter your full name.") == 2
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_a_text_changed_meanwhile_is_read_again_before_signing(office: Client, leader) -> None:
    draft = make_statement(leader=leader)
    statements.save(statement=draft, why="Changed", plans={}, edit=draft.edit, by=leader.user, now=timezone.now())
    assert sign(office)["Location"] == address("statement/check/")
    page = text_of(office, "statement/check/")
    assert "The text was changed after you opened this page." in page
    assert "Changed" in page


def test_signing_needs_a_fresh_sign_in_and_keeps_what_was_typed(client: Client, leader) -> None:
    draft = make_statement(leader=leader)
    sign_in(client, leader.user, proved=timezone.now() - timedelta(minutes=11))
    confirm = sign(client, role_title="Acting chief executive")["Location"]
    draft.refresh_from_db()
    assert (draft.state, confirm) == (
        "draft",
        "/account/confirm/?next=%2Fworkspace%2Fnorthtown-trust%2Fstatement%2Fsign%2F",
    )
    client.post(confirm, {"action": "send"})
    back = client.post(confirm, {"action": "prove", "code": mailed_code(leader.user.email)})
    assert back["Location"] == address("statement/sign/")
    page = text_of(client, "statement/sign/")
    assert 'value="Acting chief executive"' in page
    assert "checked" in page
    sign(client)
    draft.refresh_from_db()
    assert draft.state == "signed"


def test_a_signing_account_that_cannot_prove_itself_is_refused(client: Client, leader) -> None:
    draft = make_statement(leader=leader)
    sign_in(client, leader.user, fresh=False)
    leader.user.emailaddress_set.update(verified=False)
    response = sign(client)
    draft.refresh_from_db()
    assert (response.status_code, draft.state) == (403, "draft")
    assert "We cannot confirm that it is you" in response.content.decode()


def test_after_publication_the_page_leads_to_the_public_one(office: Client, leader) -> None:
    make_statement(leader=leader, state=StatementState.PUBLISHED)
    assert 'href="/pledge-makers/northtown-trust/"' in text_of(office, "statement/signed/")
    assert office.get(address("statement/"))["Location"] == address("statement/check/")
