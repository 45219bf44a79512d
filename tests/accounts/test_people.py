"""Accounts, roles, the audit trail and what the database refuses."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory

from accounts.access import synergi_required
from accounts.adapter import InvitationOnlyAdapter
from accounts.models import SynergiRole, User
from accounts.people import account_for, publishers
from accounts.permissions import can_invite_leaders, can_publish, check_can_invite_leaders, check_can_publish
from tests.factories.accounts import make_administrator, make_caseworker, make_publisher, make_user, sign_in

pytestmark = pytest.mark.django_db


def test_an_account_has_a_verified_address_and_no_password() -> None:
    user = account_for(email=" Ama@Northtown.Example", name="Ama Mensah")
    assert (user.email, user.has_usable_password()) == ("ama@northtown.example", False)
    assert list(EmailAddress.objects.values_list("user", "email", "verified", "primary")) == [
        (user.pk, "ama@northtown.example", True, True)
    ]


def test_the_same_address_is_the_same_account_and_keeps_its_name() -> None:
    first = account_for(email="ama@northtown.example", name="Ama Mensah")
    again = account_for(email="AMA@northtown.example", name="A. Mensah")
    assert (again.pk, again.name, User.objects.count()) == (first.pk, "Ama Mensah", 1)


def test_an_address_that_was_unverified_stays_so() -> None:
    user = make_user()
    EmailAddress.objects.filter(user=user).update(verified=False)
    account_for(email=user.email, name=user.name)
    assert EmailAddress.objects.get().verified is False


def test_publishers_are_active_publishers() -> None:
    publisher, closed = make_publisher(), make_publisher()
    make_caseworker(), make_administrator(), make_user()
    User.objects.filter(pk=closed.pk).update(is_active=False)
    assert list(publishers()) == [publisher]


@pytest.mark.parametrize(
    ("role", "invites", "publishes"),
    [("", False, False), ("caseworker", True, False), ("publisher", True, True), ("administrator", True, True)],
)
def test_roles_of_the_synergi_team(role: str, invites: bool, publishes: bool) -> None:
    user = make_user(synergi_role=role)
    assert (can_invite_leaders(user), can_publish(user)) == (invites, publishes)
    for may, check in ((invites, check_can_invite_leaders), (publishes, check_can_publish)):
        if may:
            check(user)
        else:
            with pytest.raises(PermissionDenied):
                check(user)


@synergi_required
def for_the_team(request):
    return HttpResponse("team")


@synergi_required(SynergiRole.PUBLISHER, SynergiRole.ADMINISTRATOR)
def for_some(request):
    return HttpResponse("some")


@pytest.mark.parametrize(
    ("role", "team", "some"),
    [("", False, False), ("caseworker", True, False), ("publisher", True, True), ("administrator", True, True)],
)
def test_staff_pages_do_not_exist_for_others(role: str, team: bool, some: bool) -> None:
    request = RequestFactory().get("/")
    request.user = make_user(synergi_role=role)
    request.session = sign_in(Client(), request.user).session
    for view, opens in ((for_the_team, team), (for_some, some)):
        if opens:
            assert view(request).status_code == 200
        else:
            with pytest.raises(Http404):
                view(request)


def test_staff_pages_do_not_exist_for_visitors() -> None:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    with pytest.raises(Http404):
        for_the_team(request)


def test_no_mail_goes_past_the_outbox() -> None:
    with pytest.raises(NotImplementedError):
        InvitationOnlyAdapter().send_mail("account/email/login_code", "ama@northtown.example", {})


def test_sign_up_is_closed(rf: RequestFactory) -> None:
    assert InvitationOnlyAdapter().is_open_for_signup(rf.get("/")) is False


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"email": "Ama@northtown.example"}, "user_address_in_lower_case"),
        ({"email": "ama@northtown.example", "synergi_role": "king"}, "user_synergi_role_known"),
        ({"email": "known@northtown.example"}, "email"),
    ],
)
def test_the_database_refuses_impossible_people(values: dict[str, str], constraint: str) -> None:
    make_user(email="known@northtown.example")
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        User.objects.create(name="Ama Mensah", **values)
    assert constraint in str(refusal.value)


def test_pages_of_somebody_signed_in_are_not_stored(client: Client) -> None:
    sign_in(client, make_user())
    assert client.get("/workspace/")["Cache-Control"] == "no-store, private"
