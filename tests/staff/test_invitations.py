"""Inviting leaders."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent, User
from mail.models import Message
from signatories.models import Invitation, PledgeMaker
from tests.factories.accounts import make_caseworker, sign_in
from tests.factories.signatories import make_invitation, make_leader, make_organisation, make_pledge_maker

pytestmark = pytest.mark.django_db
PERSON = {"name": "Dr Leila Haddad", "email": "Leila@Northtown.example", "role_title": "Medical director"}


@pytest.fixture(autouse=True)
def caseworker(client: Client) -> User:
    user = make_caseworker()
    sign_in(client, user)
    return user


def sentences(client: Client, url: str) -> list[str]:
    return [str(message) for message in client.get(url).context["messages"]]


@pytest.mark.parametrize("typed", ["Northtown Trust", "northtown trust", "RXX", "rxx", "Northtown Trust (RXX)"])
def test_an_organisation_is_found_by_name_or_code(client: Client, caseworker: User, typed: str) -> None:
    trust = make_organisation(name="Northtown Trust", ods_code="RXX")
    answer = client.post("/staff/invite/", {**PERSON, "organisation_1": typed})
    invitation = Invitation.objects.get()
    assert answer.headers["Location"] == f"/staff/invite/{invitation.pk}/sent/"
    maker = invitation.pledge_maker
    assert (maker.name, list(maker.organisations.all())) == ("Northtown Trust", [trust])
    assert (invitation.email, invitation.role, invitation.role_title, invitation.organisation) == (
        "leila@northtown.example",
        "leader",
        "Medical director",
        trust,
    )
    assert Message.objects.get(to="leila@northtown.example").kind == "invitation"
    made = AuditEvent.objects.filter(by=caseworker).order_by("pk").values_list("action", flat=True)
    assert list(made) == ["pledge_maker.created", "invitation.sent"]


def test_the_page_after_says_what_was_sent_to_whom(client: Client) -> None:
    make_organisation(name="Northtown Trust", ods_code="RXX")
    html = client.post("/staff/invite/", {**PERSON, "organisation_1": "RXX"}, follow=True).content.decode()
    assert "Invitation sent" in html
    assert "To Dr Leila Haddad, leila@northtown.example" in html
    assert "Northtown Trust (RXX)" in html
    assert "Medical director, Northtown Trust" in html


def test_a_partnership_has_several_organisations_and_its_own_name(client: Client) -> None:
    first, second = make_organisation(ods_code="RXX"), make_organisation(ods_code="G6V2S")
    data = {**PERSON, "organisation_1": "RXX", "organisation_2": "G6V2S"}
    html = client.post("/staff/invite/", data).content.decode()
    assert '<a href="#id_pledge_maker_name">Enter a name for this partnership.</a>' in html
    assert '<details class="govuk-details" open>' in html
    assert not PledgeMaker.objects.exists()
    client.post("/staff/invite/", {**data, "pledge_maker_name": "Northtown Partnership"})
    maker = PledgeMaker.objects.get()
    assert (maker.name, set(maker.organisations.all())) == ("Northtown Partnership", {first, second})


@pytest.mark.parametrize("hidden", [{"confirmed": False}, {"closed_on": timezone.localdate() - timedelta(days=1)}])
def test_an_organisation_that_is_not_offered_cannot_be_picked(client: Client, hidden: dict) -> None:
    make_organisation(name="Old Trust", ods_code="RXX", **hidden)
    make_organisation(name="Open Trust", ods_code="RYY")
    html = client.get("/staff/invite/").content.decode()
    assert '<option value="Open Trust (RYY)">' in html
    assert "Old Trust" not in html
    answer = client.post("/staff/invite/", {**PERSON, "organisation_1": "RXX"})
    assert "We know no open organisation called “RXX”." in answer.content.decode()
    assert not Invitation.objects.exists()


def test_what_was_typed_comes_back_with_the_errors(client: Client) -> None:
    data = {"name": "<b>Leila</b>", "email": "leila", "role_title": "", "organisation_1": "<i>Nowhere</i>"}
    html = client.post("/staff/invite/", data).content.decode()
    assert "<title>Error: " in html
    assert 'value="&lt;b&gt;Leila&lt;/b&gt;"' in html
    assert 'value="&lt;i&gt;Nowhere&lt;/i&gt;"' in html
    for field in ("organisation_1", "email", "role_title"):
        assert f'<a href="#id_{field}">' in html
    assert (Invitation.objects.count(), PledgeMaker.objects.count(), Message.objects.count()) == (0, 0, 0)


def test_the_same_organisations_again_mean_the_same_pledge_maker(client: Client) -> None:
    trust = make_organisation(ods_code="RXX")
    maker = make_pledge_maker(organisations=[trust])
    client.post("/staff/invite/", {**PERSON, "organisation_1": "RXX"})
    assert Invitation.objects.get().pledge_maker == maker


def test_a_leader_who_is_there_is_not_invited_again(client: Client) -> None:
    leader = make_leader(email="leila@northtown.example")
    url = f"/staff/pledge-makers/{leader.pledge_maker.slug}/invite/"
    organisation = leader.pledge_maker.organisations.get()
    html = client.post(url, {**PERSON, "organisation": str(organisation.pk)}).content.decode()
    assert f"This person is already a leader of {leader.pledge_maker.name}." in html
    assert Invitation.objects.filter(accepted_at=None).count() == 0


def test_a_further_leader_of_a_pledge_maker_that_is_there(client: Client) -> None:
    leader = make_leader()
    maker, organisation = leader.pledge_maker, leader.pledge_maker.organisations.get()
    url = f"/staff/pledge-makers/{maker.slug}/invite/"
    client.post(url, {**PERSON, "organisation": str(organisation.pk)})
    invitation = Invitation.objects.get(accepted_at=None)
    assert (invitation.pledge_maker, invitation.organisation) == (maker, organisation)


def test_an_organisation_of_somebody_else_is_refused(client: Client) -> None:
    maker, stranger = make_leader().pledge_maker, make_organisation()
    url = f"/staff/pledge-makers/{maker.slug}/invite/"
    html = client.post(url, {**PERSON, "organisation": str(stranger.pk)}).content.decode()
    assert '<a href="#id_organisation">' in html
    assert Invitation.objects.filter(accepted_at=None).count() == 0


def test_sending_again_makes_a_new_link_and_ends_the_old_one(client: Client) -> None:
    old = make_invitation(now=timezone.now() - timedelta(days=20))
    client.post(f"/staff/invite/{old.pk}/again/")
    old.refresh_from_db()
    new = Invitation.objects.get(withdrawn_at=None)
    assert old.withdrawn_at is not None
    assert (new.email, new.role_title, new.pledge_maker) == (old.email, old.role_title, old.pledge_maker)
    assert new.token_hash != old.token_hash
    assert Message.objects.filter(to=old.email).count() == 2
    client.post(f"/staff/invite/{old.pk}/again/")
    assert sentences(client, "/staff/invite/") == [
        "This invitation was accepted, replaced or withdrawn. Nothing was sent."
    ]
    assert Message.objects.filter(to=old.email).count() == 2


def test_an_invitation_is_withdrawn_once(client: Client) -> None:
    invitation = make_invitation()
    url = f"/staff/invite/{invitation.pk}/withdraw/"
    client.post(url)
    assert sentences(client, "/staff/invite/") == [
        "The invitation to Ama Mensah is withdrawn. Its link no longer works."
    ]
    client.post(url)
    assert sentences(client, "/staff/invite/") == [
        "This invitation was accepted or withdrawn before. Nothing was changed."
    ]
    assert AuditEvent.objects.filter(action="invitation.withdrawn").count() == 1


def test_the_list_holds_what_was_not_accepted_also_when_it_ran_out(client: Client) -> None:
    make_invitation(name="Ran Out", now=timezone.now() - timedelta(days=20))
    make_invitation(name="Still Good")
    make_leader(name="Already There")
    rows = client.get("/staff/invite/").context["invitations"]
    assert [row.name for row in rows] == ["Still Good", "Ran Out"]
