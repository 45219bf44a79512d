"""People with an account, and erasing one: history keeps its shape, the person is gone."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.erasing import CannotErase
from accounts.models import AuditEvent, SynergiRole, User
from mail.erasing import REMOVED
from mail.models import Message
from mail.models import State as MailState
from mail.outbox import queue
from mail.sending import CannotRetry, retry
from progress_updates.models import State, StatusChange
from signatories.models import Application, Invitation, Leader, Membership, Signature, StatementState, Supporter
from staff import erasing
from tests.factories.accounts import make_administrator, make_caseworker, make_publisher, make_user, sign_in
from tests.factories.progress_updates import make_update
from tests.factories.signatories import make_leader, make_statement

pytestmark = pytest.mark.django_db


def erase(user: User) -> None:
    erasing.erase_account(user=user, by=make_administrator(), now=timezone.now())
    user.refresh_from_db()


def test_an_erased_leader_leaves_name_and_role_of_the_signature_and_nothing_to_reach_them_by():
    leader = make_leader(name="Dr Ngozi Bello", email="bello@northtown.example")
    make_statement(leader=leader, state=StatementState.PUBLISHED)
    user = leader.user
    erase(user)
    signature = Signature.objects.get()
    assert (signature.name, signature.role_title) == ("Dr Ngozi Bello", "Chief executive")
    leader.refresh_from_db()
    assert (leader.name, leader.user, leader.until_on) == ("Dr Ngozi Bello", None, timezone.localdate())
    page = Client().get(f"/pledge-makers/{leader.pledge_maker.slug}/").content.decode()
    until = f"until {date_format(timezone.localdate(), 'j F Y')}"  # a last day is a day in office
    assert ("Dr Ngozi Bello" in page, until in page) == (True, True)
    assert (user.name, user.email, user.is_active) == ("Erased account", f"erased-{user.pk}@erased.invalid", False)
    assert Membership.objects.filter(user=user, ended_at=None).count() == 0
    assert Invitation.objects.filter(email="bello@northtown.example").count() == 0
    assert Message.objects.filter(to="bello@northtown.example").count() == 0


def test_the_history_of_an_update_survives_an_erased_writer():
    update = make_update(state=State.PUBLISHED)
    steps = list(StatusChange.objects.values_list("action", flat=True))
    signer = Leader.objects.get(pk=update.signed_by_id)
    hashes = list(update.snapshots.values_list("sha256", flat=True))
    erase(signer.user)
    assert list(StatusChange.objects.values_list("action", flat=True)) == steps
    assert list(update.snapshots.values_list("sha256", flat=True)) == hashes
    assert [snapshot.is_intact() for snapshot in update.snapshots.all()] == [True]


def test_what_waits_to_be_mailed_to_an_erased_person_does_not_leave():
    user = make_user(email="ama@northtown.example")
    message = queue(to=user.email, kind="note", template="sign_in_code", context={"code": "X"}, now=timezone.now())
    erase(user)
    message.refresh_from_db()
    assert (message.state, message.error, message.text) == (MailState.SKIPPED, "The address was erased.", "")


def test_a_refused_message_forgets_the_address_that_the_mail_server_repeated_and_is_not_tried_again():
    user = make_user(email="ama@northtown.example")
    message = queue(to=user.email, kind="note", template="sign_in_code", context={"code": "X"}, now=timezone.now())
    refused = {"state": MailState.FAILED, "error_class": "permanent", "error": "550 <ama@northtown.example>: unknown"}
    Message.objects.filter(pk=message.pk).update(**refused)
    erase(user)
    message.refresh_from_db()
    assert message.error == "What went wrong was erased with the address."
    with pytest.raises(CannotRetry):
        retry(message=message, by=make_caseworker(), now=timezone.now())


def test_a_message_that_is_being_sent_keeps_nothing_either():
    user, now = make_user(email="ama@northtown.example"), timezone.now()
    message = queue(to=user.email, kind="note", template="sign_in_code", context={"code": "X"}, now=now)
    Message.objects.filter(pk=message.pk).update(state=MailState.SENDING, lease_until=now + timedelta(minutes=5))
    erase(user)
    message.refresh_from_db()
    assert (message.state, message.to, message.text) == (MailState.SKIPPED, REMOVED, "")


def test_a_declined_application_and_words_of_support_go_with_the_account():
    user, now = make_user(email="ama@northtown.example"), timezone.now()
    decided = {"decided_at": now, "decided_by": make_caseworker(), "created_at": now}
    people = {"leader_name": "Ama", "leader_role_title": "Chief executive", "leader_email": user.email}
    contact = {"contact_name": "Ama", "contact_email": user.email, "why": "Ama Mensah asks."}
    Application.objects.create(
        organisation_name="Northtown",
        state="declined",
        decline_reason="Ama is no leader.",
        **decided,
        **people,
        **contact,
    )
    words = {"name": "Ama Mensah", "statement": "I was a patient.", "email": user.email, "consented_at": now}
    Supporter.objects.create(kind="person", token_hash="d" * 64, state="published", **decided, **words)
    erase(user)
    kept = Application.objects.get()
    assert (kept.leader_name, kept.leader_email, kept.contact_email, kept.why, kept.decline_reason) == (
        "", REMOVED, REMOVED, "", "–",
    )  # fmt: skip
    supporter = Supporter.objects.get()
    assert (supporter.state, supporter.name, supporter.statement, supporter.email) == ("left", "", "", "")


def test_an_erased_person_is_signed_out_at_once(client):
    user = make_user()
    sign_in(client, user)
    assert client.get("/workspace/").status_code == 200
    erase(user)
    assert client.get("/workspace/").status_code == 302


def test_the_same_address_may_be_invited_again_later():
    user = make_user(email="ama@northtown.example")
    erase(user)
    again = make_user(email="ama@northtown.example")
    assert again.pk != user.pk


def test_erasing_twice_leaves_one_trace():
    user = make_user()
    erase(user)
    erase(user)
    assert AuditEvent.objects.filter(action="account.erased", about_id=user.pk).count() == 1


def test_nobody_erases_their_own_account():
    administrator = make_administrator()
    with pytest.raises(CannotErase, match="cannot erase your own account"):
        erasing.erase_account(user=administrator, by=administrator, now=timezone.now())
    administrator.refresh_from_db()
    assert administrator.is_active


def test_the_last_administrator_stays():
    last = make_administrator()
    with pytest.raises(CannotErase, match="only administrator"):
        erasing.erase_account(user=last, by=None, now=timezone.now())
    last.refresh_from_db()
    assert (last.is_active, last.synergi_role) == (True, SynergiRole.ADMINISTRATOR)


@pytest.mark.parametrize("make", [make_caseworker, make_publisher, make_user])
def test_only_an_administrator_may_erase(make):
    with pytest.raises(PermissionDenied):
        erasing.erase_account(user=make_user(), by=make(), now=timezone.now())


# --- Pages -------------------------------------------------------------------------------------------------


def type_address(client: Client, user: User, typed: str) -> str:
    return client.post(reverse("staff:erase_person", args=[user.pk]), {"address": typed}, follow=True).content.decode()


def test_the_page_erases_when_the_address_is_typed_again(client):
    user = make_user(email="ama@northtown.example")
    sign_in(client, make_administrator())
    page = client.post(
        reverse("staff:erase_person", args=[user.pk]), {"address": " AMA@northtown.example "}, follow=True
    )
    assert "The account is erased." in page.content.decode()
    user.refresh_from_db()
    assert user.erased_at is not None


def test_a_wrong_address_erases_nobody(client):
    user = make_user(email="ama@northtown.example")
    sign_in(client, make_administrator())
    page = client.post(
        reverse("staff:erase_person", args=[user.pk]), {"address": "else@northtown.example"}, follow=True
    )
    assert "Nothing was erased" in page.content.decode()
    user.refresh_from_db()
    assert user.erased_at is None


def test_erasing_asks_for_a_fresh_sign_in(client):
    user = make_user(email="ama@northtown.example")
    sign_in(client, make_administrator(), proved=timezone.now() - timedelta(minutes=11))
    response = client.post(reverse("staff:erase_person", args=[user.pk]), {"address": user.email})
    assert response["Location"].startswith("/account/confirm/")
    user.refresh_from_db()
    assert user.erased_at is None


@pytest.mark.parametrize(("make", "status"), [(make_user, 404), (make_caseworker, 404), (make_publisher, 404)])
def test_the_button_exists_for_administrators_only(client, make, status):
    user = make_user()
    sign_in(client, make())
    assert client.post(reverse("staff:erase_person", args=[user.pk]), {"address": user.email}).status_code == status
    user.refresh_from_db()
    assert user.erased_at is None


def test_people_are_found_by_address_without_it_standing_in_the_page_address(client):
    make_user(email="ama@northtown.example", name="Ama Mensah")
    make_user(email="bo@northtown.example", name="Bo Li")
    sign_in(client, make_caseworker())
    page = client.post(reverse("staff:people"), {"q": "AMA@north"}).content.decode()
    assert ("Ama Mensah" in page, "Bo Li" in page) == (True, False)


@pytest.mark.parametrize("count", [1, 3, 100])
def test_the_list_of_people_costs_the_same_for_any_number(client, count, django_assert_num_queries):
    for _ in range(count):
        make_user()
    sign_in(client, make_caseworker())
    with django_assert_num_queries(4):
        assert client.get(reverse("staff:people")).status_code == 200
