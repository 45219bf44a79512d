"""What somebody signed in was refused is on the record: who, which page, what it was about; never what was typed."""

import pytest
from django.test import Client

from accounts.models import AuditEvent
from tests.factories.accounts import make_caseworker, make_user, sign_in
from tests.factories.progress_updates import make_entry
from tests.factories.signatories import make_leader, make_member

pytestmark = pytest.mark.django_db


def recorded() -> list[tuple[object, ...]]:
    rows = AuditEvent.objects.filter(action="access.refused").order_by("pk")
    return [(row.by_id, row.about_kind, row.about_id, row.detail) for row in rows]


def test_a_page_of_the_team_is_refused_to_a_member(client: Client) -> None:
    member = make_member().user
    assert sign_in(client, member).get("/staff/updates/7/?q=secret").status_code == 404
    assert recorded() == [(member.pk, "", None, {"pk": 7, "page": "staff:update", "status": 404})]


def test_a_workspace_of_others_is_refused_and_named(client: Client) -> None:
    maker, stranger = make_leader().pledge_maker, make_user()
    assert sign_in(client, stranger).get(f"/workspace/{maker.slug}/people/").status_code == 404
    [(by, kind, about, detail)] = recorded()
    assert (by, kind, about) == (stranger.pk, "signatories.pledgemaker", maker.pk)
    assert (detail["status"], maker.slug in str(detail)) == (404, False)


def test_a_page_about_an_update_of_others_is_refused_and_named(client: Client) -> None:
    entry, stranger = make_entry(), make_user()
    sign_in(client, stranger).get(f"/workspace/{entry.pledge_maker.slug}/{entry.round.slug}/")
    assert [row[:3] for row in recorded()] == [(stranger.pk, "signatories.pledgemaker", entry.pledge_maker_id)]


def test_what_a_role_may_not_do_is_on_the_record(client: Client) -> None:
    reader = make_member(role="reader")
    answer = sign_in(client, reader.user).get(f"/workspace/{reader.pledge_maker.slug}/people/invite/")
    assert answer.status_code == 403
    assert [(row[0], row[3]["status"]) for row in recorded()] == [(reader.user_id, 403)]


@pytest.mark.parametrize("address", ["/nowhere/", "/workspace/nobody/people/", "/pledge-makers/nobody/", "/workspace/"])
def test_what_is_not_there_is_no_refusal(client: Client, address: str) -> None:
    sign_in(client, make_user()).get(address)
    assert recorded() == []


def test_a_visitor_is_asked_to_sign_in_and_leaves_no_row(client: Client) -> None:
    client.get("/staff/")
    assert AuditEvent.objects.count() == 0


def test_a_forged_form_is_no_refusal_of_rights() -> None:
    client = Client(enforce_csrf_checks=True)
    sign_in(client, make_caseworker())
    assert client.post("/staff/invite/", {}).status_code == 403
    assert recorded() == []


def test_a_refused_proof_has_one_row(client: Client) -> None:
    user = make_caseworker()
    user.emailaddress_set.all().delete()  # type: ignore[attr-defined]
    sign_in(client, user, fresh=False)
    client.get("/account/confirm/")
    assert list(AuditEvent.objects.values_list("action", flat=True)) == ["proof.refused"]
