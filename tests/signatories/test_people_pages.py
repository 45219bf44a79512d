"""The pages on which the people of a Pledge Maker change, of its own people and of the team: one set of pages."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.limits import BY_SCOPE
from accounts.models import AuditEvent
from mail.models import Message
from signatories.models import Invitation, Membership, PledgeMaker, Role
from tests.factories.accounts import make_caseworker, sign_in
from tests.factories.signatories import make_invitation, make_leader, make_member, make_pledge_maker

pytestmark = pytest.mark.django_db
DESKS = {"own": "/workspace/northtown-trust/people/", "team": "/staff/pledge-makers/northtown-trust/people/"}


@pytest.fixture
def maker() -> PledgeMaker:
    """Northtown Trust with the leader Ngozi, the coordinators Cora and Colin, and the contributor Connie."""
    found = make_leader(pledge_maker=make_pledge_maker(name="Northtown Trust")).pledge_maker
    for role, name in ((Role.COORDINATOR, "Cora"), (Role.COORDINATOR, "Colin"), (Role.CONTRIBUTOR, "Connie")):
        make_member(pledge_maker=found, role=role, name=name, email=f"{name.lower()}@northtown.example")
    Message.objects.all().delete()
    return found


def of(name: str) -> Membership:
    return Membership.objects.select_related("user").get(user__name=name, ended_at=None)


@pytest.fixture(params=list(DESKS))
def desk(request: pytest.FixtureRequest, client: Client, maker: PledgeMaker) -> str:
    """The address of the people, where their leader or a caseworker sits."""
    who = make_caseworker(name="Casey Worker") if request.param == "team" else of("Dr Ngozi Bello").user
    sign_in(client, who)
    return DESKS[request.param]


def text(client: Client, url: str) -> str:
    return client.get(url).content.decode()


def test_the_list_names_everybody_with_role_limit_and_what_may_be_done(client: Client, desk: str) -> None:
    Membership.objects.filter(pk=of("Connie").pk).update(objectives=[2, 5])
    page = text(client, desk)
    for words in ("Dr Ngozi Bello", "Cora", "colin@northtown.example", "writes about objectives 2 and 5"):
        assert words in page
    connie, leader = of("Connie"), of("Dr Ngozi Bello")
    assert (f'href="{desk}{connie.pk}/"' in page, f'href="{desk}{connie.pk}/end/"' in page) == (True, True)
    assert (f'href="{desk}{leader.pk}/"' in page, f'href="{desk}{leader.pk}/end/"' in page) == (False, False)


def test_a_role_is_changed_by_one_form(client: Client, desk: str) -> None:
    connie = of("Connie")
    page = text(client, f"{desk}{connie.pk}/")
    assert 'value="contributor" checked' in page
    answer = client.post(f"{desk}{connie.pk}/", {"role": "coordinator"})
    assert answer["Location"] == desk
    assert "Connie is now a coordinator. We have told them, and the leaders and coordinators, by mail." in text(
        client, desk
    )
    assert of("Connie").role == Role.COORDINATOR
    assert Message.objects.filter(kind="role_changed").count() == 1


def test_a_limit_is_changed_by_the_same_form(client: Client, desk: str) -> None:
    connie = of("Connie")
    client.post(f"{desk}{connie.pk}/", {"role": "contributor", "objectives": ["5", "2"]})
    assert "Connie now writes about objectives 2 and 5, and reads everything else." in text(client, desk)
    assert of("Connie").objectives == [2, 5]
    page = text(client, f"{desk}{connie.pk}/")
    assert page.count('name="objectives" type="checkbox"') == 7
    assert page.count('type="checkbox" value="2" checked') == page.count('type="checkbox" value="5" checked') == 1
    client.post(f"{desk}{connie.pk}/", {"role": "contributor"})
    assert "Connie writes the whole update again." in text(client, desk)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"role": "reader", "objectives": ["2"]}, "Only a contributor can be limited to some objectives. Tick none."),
        ({"role": "contributor"}, "Connie has this limit already. Nothing was changed."),
        ({"role": "leader"}, "leader"),
        ({}, "Choose what they may do."),
        ({"role": "contributor", "objectives": ["9"]}, "9"),
    ],
)
def test_what_cannot_be_is_refused_on_the_page(client: Client, desk: str, typed: dict, sentence: str) -> None:
    connie = of("Connie")
    answer = client.post(f"{desk}{connie.pk}/", typed)
    html = answer.content.decode()
    assert (answer.status_code, "<title>Error: " in html, sentence in html) == (200, True, True)
    assert (of("Connie").pk, of("Connie").objectives) == (connie.pk, [])


def test_an_end_says_first_what_it_means(client: Client, desk: str) -> None:
    connie = of("Connie")
    page = text(client, f"{desk}{connie.pk}/end/")
    for sentence in (
        "Connie can no longer open the pages of Northtown Trust.",
        "What Connie wrote stays, with their name in its history.",
        "We tell Connie, the leaders and the coordinators by mail.",
    ):
        assert sentence in page
    assert of("Connie").ended_at is None
    assert client.post(f"{desk}{connie.pk}/end/")["Location"] == desk
    assert "Connie no longer acts for it." in text(client, desk)
    again = client.post(f"{desk}{connie.pk}/end/", follow=True).content.decode()
    assert "This role has ended or changed meanwhile." in again


def test_the_last_coordinator_cannot_be_ended_and_the_page_says_what_to_do(client: Client, desk: str) -> None:
    client.post(f"{desk}{of('Colin').pk}/end/")
    cora = of("Cora")
    page = text(client, f"{desk}{cora.pk}/end/")
    assert "Cora is the last coordinator of Northtown Trust." in page
    assert ("Invite a coordinator" in page, "End the role</button>" in page) == (True, False)
    answer = client.post(f"{desk}{cora.pk}/end/")
    assert (answer.status_code, of("Cora").pk) == (409, cora.pk)


def test_with_an_invited_successor_the_team_reads_what_it_means(client: Client, maker: PledgeMaker) -> None:
    Membership.objects.filter(pk=of("Colin").pk).update(ended_at=timezone.now())
    make_invitation(pledge_maker=maker, role=Role.COORDINATOR, name="Kofi Asante", by=of("Cora").user)
    sign_in(client, make_caseworker())
    page = text(client, f"{DESKS['team']}{of('Cora').pk}/end/")
    assert "Until Kofi Asante has accepted the invitation, nobody coordinates." in page
    make_invitation(pledge_maker=maker, role=Role.COORDINATOR, name="Ada Lim", by=of("Cora").user)
    page = text(client, f"{DESKS['team']}{of('Cora').pk}/end/")
    assert "Until one of those invited has accepted, nobody coordinates: Kofi Asante, Ada Lim." in page
    client.post(f"{DESKS['team']}{of('Cora').pk}/end/")
    assert not Membership.objects.filter(role=Role.COORDINATOR, ended_at=None).exists()


def test_whoever_leaves_has_no_page_of_it_any_more(client: Client, maker: PledgeMaker) -> None:
    connie = of("Connie")
    sign_in(client, connie.user)
    page = text(client, f"{DESKS['own']}{connie.pk}/end/")
    assert "Leave this Pledge Maker" in page
    assert client.post(f"{DESKS['own']}{connie.pk}/end/")["Location"] == "/workspace/"
    assert "You have left Northtown Trust." in text(client, "/workspace/")
    assert client.get(DESKS["own"]).status_code == 404


def test_ones_own_role_is_spoken_of_as_ones_own(client: Client, maker: PledgeMaker) -> None:
    cora = of("Cora")
    sign_in(client, cora.user)
    own, others = (text(client, f"{DESKS['own']}{of(name).pk}/") for name in ("Cora", "Connie"))
    assert ("Your role" in own, "What you may do" in own, "What they may do" in own) == (True, True, False)
    assert "What they may do" in others


@pytest.mark.parametrize("page", ["", "end/"])
def test_a_contributor_changes_nobody(client: Client, maker: PledgeMaker, page: str) -> None:
    sign_in(client, of("Connie").user)
    for name in ("Cora", "Colin"):
        address = f"{DESKS['own']}{of(name).pk}/{page}"
        assert (client.get(address).status_code, client.post(address, {"role": "reader"}).status_code) == (403, 403)
        assert of(name).role == Role.COORDINATOR


def test_members_of_another_pledge_maker_do_not_exist(client: Client, desk: str) -> None:
    elsewhere = make_member(pledge_maker=make_pledge_maker(name="Southtown"), role=Role.CONTRIBUTOR)
    invitation = make_invitation(pledge_maker=elsewhere.pledge_maker, role=Role.READER)
    for page in (f"{elsewhere.pk}/", f"{elsewhere.pk}/end/"):
        assert (client.get(desk + page).status_code, client.post(desk + page).status_code) == (404, 404)
    for page in (f"resend/{invitation.pk}/", f"withdraw/{invitation.pk}/"):
        assert client.post(desk + page).status_code == 404
    elsewhere.refresh_from_db()
    invitation.refresh_from_db()
    assert (elsewhere.ended_at, invitation.withdrawn_at) == (None, None)


@pytest.mark.parametrize("page", ["", "end/"])
def test_a_change_asks_for_a_fresh_sign_in_and_keeps_what_was_typed(
    client: Client, maker: PledgeMaker, page: str
) -> None:
    sign_in(client, of("Cora").user, proved=timezone.now() - timedelta(minutes=11))
    connie = of("Connie")
    address = f"{DESKS['own']}{connie.pk}/{page}"
    answer = client.post(address, {"role": "reader"})
    assert answer["Location"].startswith("/account/confirm/?next=")
    assert of("Connie").pk == connie.pk
    if not page:
        sign_in(client, of("Cora").user)
        assert 'value="reader" checked' in text(client, address)


# --- Invitations -------------------------------------------------------------------------------------------


def test_an_invitation_says_who_asked_and_until_when_and_is_sent_again(client: Client, desk: str) -> None:
    now = timezone.now()
    cora = of("Cora").user
    invitation = make_invitation(
        pledge_maker=of("Cora").pledge_maker, role=Role.COORDINATOR, name="Kofi Asante", by=cora,
        email="kofi@northtown.example", now=now - timedelta(days=20),
    )  # fmt: skip
    page = text(client, desk)
    assert ("by Cora" in page, "Ran out on" in page) == (True, True)
    client.post(f"{desk}resend/{invitation.pk}/")
    page = text(client, desk)
    assert "We have sent a new link to kofi@northtown.example. It is good until" in page
    assert ("Good until" in page, "Ran out on" in page) == (True, False)
    new = Invitation.objects.get(withdrawn_at=None, accepted_at=None)
    client.post(f"{desk}withdraw/{new.pk}/")
    assert "The invitation is withdrawn. Its link no longer works." in text(client, desk)
    client.post(f"{desk}resend/{new.pk}/")
    assert "This invitation was accepted, replaced or withdrawn. Nothing was sent." in text(client, desk)


def test_too_many_links_to_one_address_are_refused_once_on_the_record(client: Client, desk: str) -> None:
    by = of("Cora").user
    make_invitation(pledge_maker=of("Cora").pledge_maker, role=Role.COORDINATOR, by=by)
    for _number in range(BY_SCOPE["invitation.mailed"].most + 1):
        invitation = Invitation.objects.get(withdrawn_at=None, accepted_at=None)
        answer = client.post(f"{desk}resend/{invitation.pk}/")
    assert answer.status_code == 429
    assert "This address was invited often enough today. Try again in" in answer.content.decode()
    typed = {"name": "Kofi Asante", "email": invitation.email, "role": "coordinator"}
    again = client.post(f"{desk}invite/", typed)
    assert (again.status_code, "Kofi Asante" in again.content.decode()) == (429, True)
    refused = AuditEvent.objects.get(action="limit.reached")
    assert (str(refused.by_id), refused.detail) == (client.session["_auth_user_id"], {"limit": "invitation.mailed"})


def test_a_contributor_is_invited_with_a_limit(client: Client, maker: PledgeMaker) -> None:
    sign_in(client, of("Cora").user)
    typed = {"name": "Kofi Asante", "email": "kofi@northtown.example", "role": "contributor", "objectives": ["3", "1"]}
    client.post(f"{DESKS['own']}invite/", typed)
    assert Invitation.objects.get(accepted_at=None).objectives == [1, 3]
    assert "writes about objectives 1 and 3" in text(client, DESKS["own"])


def test_a_limit_for_another_role_is_refused_with_everything_typed(client: Client, maker: PledgeMaker) -> None:
    sign_in(client, of("Cora").user)
    typed = {"name": "Kofi Asante", "email": "kofi@northtown.example", "role": "reader", "objectives": ["3"]}
    page = client.post(f"{DESKS['own']}invite/", typed).content.decode()
    assert '<a href="#id_objectives_0">Only a contributor can be limited to some objectives. Tick none.</a>' in page
    assert ('value="Kofi Asante"' in page, 'value="3" checked' in page) == (True, True)
    assert not Invitation.objects.filter(accepted_at=None).exists()


@pytest.mark.parametrize(("role", "sent"), [("coordinator", False), ("contributor", True), ("reader", True)])
def test_only_who_may_invite_others_is_invited_with_a_fresh_sign_in(
    client: Client, maker: PledgeMaker, role: str, sent: bool
) -> None:
    cora, typed = of("Cora").user, {"name": "Kofi Asante", "email": "kofi@northtown.example"}
    sign_in(client, cora, proved=timezone.now() - timedelta(minutes=11))
    answer = client.post(f"{DESKS['own']}invite/", {**typed, "role": role})
    assert answer["Location"].startswith(DESKS["own"] if sent else "/account/confirm/?next=")
    assert Invitation.objects.filter(email="kofi@northtown.example").exists() is sent
    if not sent:
        sign_in(client, cora)
        assert 'value="Kofi Asante"' in text(client, f"{DESKS['own']}invite/")


def test_the_team_invites_the_first_coordinator(client: Client) -> None:
    maker = make_pledge_maker(name="Northtown Trust")
    sign_in(client, make_caseworker())
    page = text(client, f"{DESKS['team']}invite/")
    assert [f'value="{role}"' in page for role in Role] == [False, True, False, False]
    client.post(f"{DESKS['team']}invite/", {"name": "Kofi", "email": "kofi@northtown.example", "role": "coordinator"})
    assert maker.invitations.get().role == Role.COORDINATOR


def test_with_one_person_the_page_says_so(client: Client, desk: str) -> None:
    assert "Fewer than two people can be reached by mail." not in text(client, desk)
    Membership.objects.exclude(role=Role.LEADER).update(ended_at=timezone.now())
    assert "Fewer than two people can be reached by mail." in text(client, desk)


@pytest.mark.parametrize("number", [1, 3, 100])
def test_the_team_sees_any_number_of_people_with_the_same_queries(
    client: Client,
    maker: PledgeMaker,
    django_assert_num_queries,  # type: ignore[no-untyped-def]
    number: int,
) -> None:
    for _number in range(number):
        make_member(pledge_maker=maker, role=Role.READER)
    sign_in(client, make_caseworker())
    client.get(DESKS["team"])
    with django_assert_num_queries(6):
        client.get(DESKS["team"])
