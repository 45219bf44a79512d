"""The second factor: the team must have one, who has one is asked for it, and nobody gets around it."""

from datetime import timedelta
from urllib.parse import quote

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path, reverse
from django.utils import timezone

from accounts import second_factor
from accounts.access import synergi_required
from accounts.fresh import take_typed
from accounts.models import AuditEvent, SynergiRole, User
from mail.models import Message
from pledge_tracker import urls
from signatories.models import Role
from tests.accounts.second_factor_steps import GIVE, actions, by_code, give_code
from tests.factories.accounts import (
    mailed_code,
    make_administrator,
    make_caseworker,
    make_publisher,
    make_user,
    sign_in,
)
from tests.factories.passkeys import make_passkey, make_recovery_codes
from tests.factories.signatories import make_member, make_pledge_maker

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
HOME = "/account/"


@synergi_required
def team_page(request: HttpRequest) -> HttpResponse:
    typed = take_typed(request)
    return HttpResponse(f"{request.method} {typed.getlist('words') if typed else 'nothing typed'}")


urlpatterns = [*urls.urlpatterns, path("team/", team_page)]


# --- The gate ----------------------------------------------------------------------------------------------


def test_the_team_sees_no_page_of_its_own_without_a_second_factor(client: Client) -> None:
    sign_in(client, make_caseworker(), second_factor=False)
    assert client.get("/team/?a=1&b=2")["Location"] == f"{GIVE}?next={quote('/team/?a=1&b=2', safe='')}"
    assert client.get("/staff/")["Location"] == f"{GIVE}?next=%2Fstaff%2F"


@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_who_joins_the_team_in_the_middle_of_a_session_gives_it_first(client: Client, method: str) -> None:
    user = make_user()
    sign_in(client, user)
    assert getattr(client, method)("/team/").status_code == 404
    User.objects.filter(pk=user.pk).update(synergi_role=SynergiRole.PUBLISHER)
    assert getattr(client, method)("/team/")["Location"] == f"{GIVE}?next=%2Fteam%2F"


@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_the_team_does_nothing_in_a_workspace_of_its_own_before_it(client: Client, method: str) -> None:
    """What the team may do for every Pledge Maker, it may do on these pages too."""
    pledge_maker = make_pledge_maker()
    reader, other = (make_member(pledge_maker=pledge_maker, role=role) for role in (Role.READER, Role.COORDINATOR))
    make_member(pledge_maker=pledge_maker)
    page = f"/workspace/{pledge_maker.slug}/people/{other.pk}/end/"
    sign_in(client, reader.user)
    assert getattr(client, method)(page).status_code == 403
    User.objects.filter(pk=reader.user.pk).update(synergi_role=SynergiRole.CASEWORKER)
    assert getattr(client, method)(page)["Location"] == f"{GIVE}?next={quote(page, safe='')}"
    assert client.get(HOME).status_code == 200
    other.refresh_from_db()
    assert other.ended_at is None


def test_for_everybody_else_the_pages_of_the_team_still_do_not_exist(client: Client) -> None:
    sign_in(client, make_user())
    assert client.get("/team/").status_code == 404


def test_what_was_typed_is_there_once_the_second_factor_is_given(client: Client) -> None:
    user = make_caseworker()
    [code, *_rest] = make_recovery_codes(user)
    sign_in(client, user, second_factor=False)
    sent = client.post("/team/", {"words": ["ß & ü", "two\r\nlines"]}, HTTP_REFERER="http://testserver/team/")
    assert sent["Location"] == f"{GIVE}?next=%2Fteam%2F"
    assert give_code(client, code, next="/team/")["Location"] == "/team/"
    assert client.get("/team/").content.decode() == "GET ['ß & ü', 'two\\r\\nlines']"


def test_the_page_that_sent_is_come_back_to_only_on_our_own_site(client: Client) -> None:
    sign_in(client, make_caseworker(), second_factor=False)
    sent = client.post("/team/", {}, HTTP_REFERER="https://evil.example/staff/")
    assert sent["Location"] == f"{GIVE}?next=%2Fteam%2F"


def test_a_session_with_a_second_factor_costs_no_query_more(client: Client, django_assert_num_queries) -> None:
    sign_in(client, make_caseworker())
    client.get("/team/")  # the session is written once a minute
    with django_assert_num_queries(2):  # session and person
        assert client.get("/team/").status_code == 200


def test_nobody_signed_in_has_one() -> None:
    assert second_factor.has_one(AnonymousUser()) is False


# --- On the way in -----------------------------------------------------------------------------------------


def test_a_member_of_the_team_without_one_is_led_to_set_one_up(client: Client) -> None:
    user = make_caseworker()
    assert by_code(client, user)["Location"] == "/staff/"
    page = client.get("/staff/", follow=True).content.decode()
    assert page.count('href="/account/passkeys/add/?next=%2Fstaff%2F"') == 1
    assert "<h1" in page.split("Set up a second factor")[1]


def test_others_need_none(client: Client) -> None:
    assert by_code(client, make_user())["Location"] == "/workspace/"
    assert client.get(GIVE)["Location"] == HOME


@pytest.mark.parametrize("make", [make_user, make_caseworker])
def test_who_has_one_is_not_signed_in_before_it_is_given(client: Client, make) -> None:
    user = make()
    [code, *_rest] = make_recovery_codes(user)
    assert by_code(client, user)["Location"] == GIVE
    assert client.get("/workspace/")["Location"] == "/account/login/?next=/workspace/"
    assert client.get(HOME)["Location"] == "/account/login/?next=/account/"
    assert give_code(client, code)["Location"] == ("/staff/" if user.is_synergi else "/workspace/")
    assert client.get("/workspace/").status_code == 200
    event = AuditEvent.objects.get(action="sign_in.succeeded")
    assert (event.by, event.detail["methods"]) == (user, ["code", "recovery_codes"])
    assert "sign_in.succeeded" not in actions()[:-1]


def test_the_page_that_was_wanted_comes_after_the_second_factor(client: Client) -> None:
    user = make_caseworker()
    [code, *_rest] = make_recovery_codes(user)
    client.post("/account/login/", {"email": user.email, "next": "/staff/people/"})
    client.post("/account/login/code/", {"code": mailed_code(user.email)})
    assert give_code(client, code)["Location"] == "/staff/people/"


def test_without_a_mailed_code_there_is_no_page_for_the_second_factor(client: Client) -> None:
    make_recovery_codes(make_user())
    assert client.get(GIVE)["Location"] == "/account/login/"
    assert client.post(GIVE, {"action": "code", "code": "12345678"})["Location"] == "/account/login/"


def test_an_account_that_was_closed_meanwhile_does_not_get_in(client: Client) -> None:
    user = make_user()
    [code, *_rest] = make_recovery_codes(user)
    by_code(client, user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert give_code(client, code)["Location"] == "/account/login/"
    assert "sign_in.succeeded" not in actions()


def test_the_way_in_is_open_for_a_quarter_of_an_hour(client: Client) -> None:
    user = make_user()
    [code, *_rest] = make_recovery_codes(user)
    by_code(client, user)
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert give_code(client, code)["Location"] == "/account/login/"


@pytest.mark.parametrize("page", ["https://evil.example/", "//evil.example/x", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site(client: Client, page: str) -> None:
    user = make_caseworker()
    [code, *_rest] = make_recovery_codes(user)
    sign_in(client, user, second_factor=False)
    assert give_code(client, code, next=page)["Location"] == "/staff/"


# --- Lost: an administrator resets it ----------------------------------------------------------------------


def test_an_administrator_resets_the_second_factor_of_a_colleague(client: Client) -> None:
    user, administrator = make_caseworker(name="Casey"), make_administrator(name="Ruth")
    make_passkey(user)
    [code, *_rest] = make_recovery_codes(user)
    theirs = Client()
    by_code(theirs, user)
    give_code(theirs, code)
    assert (theirs.get("/staff/").status_code, UserSession.objects.count()) == (200, 1)
    sign_in(client, administrator)
    page = client.post(f"/staff/people/{user.pk}/reset-second-factor/", follow=True).content.decode()
    assert "The second factor is reset, and they are signed out everywhere." in page
    assert theirs.get("/workspace/").status_code == 302
    assert (second_factor.has_one(user), UserSession.objects.count()) == (False, 0)
    told = Message.objects.filter(kind="second_factor_reset").order_by("pk").values_list("to", "subject")
    assert list(told) == [
        (user.email, "Set up a new second factor for your account"),
        (administrator.email, "You reset the second factor of Casey"),
    ]
    event = AuditEvent.objects.get(action="second_factor.reset")
    assert (event.by, event.about_id) == (administrator, user.pk)


def test_a_reset_where_there_is_none_changes_nothing() -> None:
    second_factor.reset(user=make_user(), by=make_administrator(), now=timezone.now())
    assert (actions(), Message.objects.count()) == ([], 0)


@pytest.mark.parametrize("make", [make_user, make_caseworker, make_publisher])
def test_nobody_else_resets_a_second_factor(client: Client, make) -> None:
    user, by = make_caseworker(), make()
    make_passkey(user)
    with pytest.raises(PermissionDenied):
        second_factor.reset(user=user, by=by, now=timezone.now())
    sign_in(client, by)
    assert client.post(f"/staff/people/{user.pk}/reset-second-factor/").status_code == 404
    assert second_factor.has_one(user)


def test_nobody_resets_their_own(client: Client) -> None:
    administrator = make_administrator()
    make_passkey(administrator)
    sign_in(client, administrator)
    assert client.post(f"/staff/people/{administrator.pk}/reset-second-factor/").status_code == 403
    assert "Reset the second factor" not in client.get(f"/staff/people/{administrator.pk}/").content.decode()


def test_a_reset_asks_for_a_fresh_proof(client: Client) -> None:
    user = make_caseworker()
    make_passkey(user)
    sign_in(client, make_administrator(), proved=timezone.now() - timedelta(minutes=11))
    answer = client.post(reverse("staff:reset_second_factor", args=[user.pk]))
    assert answer["Location"] == f"/account/confirm/?next=%2Fstaff%2Fpeople%2F{user.pk}%2F"
    assert second_factor.has_one(user)
