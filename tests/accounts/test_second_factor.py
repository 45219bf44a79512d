"""The second factor: the team must have one, who has one is asked for it, and nobody gets around it."""

from datetime import timedelta
from urllib.parse import quote

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path, reverse
from django.utils import timezone

from accounts import passkeys, recovery_codes, second_factor
from accounts.access import synergi_required
from accounts.fresh import take_typed
from accounts.models import AuditEvent, User
from accounts.passkeys import PasskeyRefused
from mail.models import Message
from pledge_tracker import urls
from tests.factories.accounts import (
    mailed_code,
    make_administrator,
    make_caseworker,
    make_publisher,
    make_user,
    sign_in,
)
from tests.factories.passkeys import make_passkey, make_recovery_codes

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
GIVE, CODES, HOME = "/account/second-factor/", "/account/recovery-codes/", "/account/"


@synergi_required
def team_page(request: HttpRequest) -> HttpResponse:
    typed = take_typed(request)
    return HttpResponse(f"{request.method} {typed.getlist('words') if typed else 'nothing typed'}")


urlpatterns = [*urls.urlpatterns, path("team/", team_page)]


def by_code(client: Client, user: User) -> HttpResponse:
    client.post("/account/login/", {"email": user.email})
    return client.post("/account/login/code/", {"code": mailed_code(user.email)})


def give_code(client: Client, typed: str, **more: str) -> HttpResponse:
    return client.post(GIVE, {"action": "code", "code": typed, **more})


def actions() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


# --- The gate ----------------------------------------------------------------------------------------------


def test_the_team_sees_no_page_of_its_own_without_a_second_factor(client: Client) -> None:
    sign_in(client, make_caseworker(), second_factor=False)
    assert client.get("/team/?a=1&b=2")["Location"] == f"{GIVE}?next={quote('/team/?a=1&b=2', safe='')}"
    assert client.get("/staff/")["Location"] == f"{GIVE}?next=%2Fstaff%2F"


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


# --- Recovery codes ----------------------------------------------------------------------------------------


def test_there_are_ten_different_codes_and_each_works_once() -> None:
    user, now = make_user(), timezone.now()
    codes = make_recovery_codes(user)
    assert (len(codes), len(set(codes))) == (10, 10)
    assert recovery_codes.use(user=user, typed=f" {codes[3][:4]}-{codes[3][4:]} ", now=now) is not None
    assert recovery_codes.use(user=user, typed=codes[3], now=now) is None
    assert recovery_codes.left(recovery_codes.of(user)) == 9


@pytest.mark.parametrize("typed", ["", "0", "1234 5678 9", "ᚠᚢᚦᚨ", "\0", "x" * 10_000])
def test_anything_else_is_no_code(typed: str) -> None:
    user = make_user()
    make_recovery_codes(user)
    assert recovery_codes.use(user=user, typed=typed, now=timezone.now()) is None


def test_the_codes_of_somebody_else_are_no_use() -> None:
    user, other = make_user(), make_user()
    make_recovery_codes(user)
    [code, *_rest] = make_recovery_codes(other)
    assert recovery_codes.use(user=user, typed=code, now=timezone.now()) is None


def test_a_copy_of_the_database_alone_gives_nobody_a_code(settings) -> None:
    user = make_user()
    codes = make_recovery_codes(user)
    settings.SECRET_KEY = "another key, as somebody has who copied the database only"
    assert recovery_codes.left(recovery_codes.of(user)) == 0
    assert recovery_codes.use(user=user, typed=codes[0], now=timezone.now()) is None


def test_codes_outlive_a_change_of_the_secret_key(settings) -> None:
    user = make_user()
    codes = make_recovery_codes(user)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "the new key of the site" * 3
    assert recovery_codes.use(user=user, typed=codes[0], now=timezone.now()) is not None


def test_a_wrong_code_is_refused_with_a_sentence_and_on_the_record(client: Client) -> None:
    user = make_user()
    make_recovery_codes(user)
    by_code(client, user)
    page = give_code(client, "0000 0000").content.decode()
    assert page.count("That is not one of your recovery codes, or you have used it before.") == 2
    assert actions() == ["recovery_codes.made", "second_factor.failed"]


def test_the_eleventh_try_within_ten_minutes_is_refused(client: Client) -> None:
    user = make_user()
    codes = make_recovery_codes(user)
    by_code(client, user)
    for _number in range(10):
        give_code(client, "0000 0000")
    assert give_code(client, codes[0])["Location"] == GIVE
    assert "You have tried several times. Try again in" in client.get(GIVE).content.decode()
    assert actions()[-1] == "limit.reached"


def test_how_many_are_left_is_said_and_running_low_is_told_by_mail(client: Client) -> None:
    user = make_user()
    codes = make_recovery_codes(user)
    sign_in(client, user, second_factor=False)
    give_code(client, codes[0])
    assert "You used a recovery code. 9 are left." in client.get(HOME).content.decode()
    for code in codes[1:6]:
        recovery_codes.use(user=user, typed=code, now=timezone.now())
    assert not Message.objects.filter(kind="second_factor").exists()
    other = sign_in(Client(), user, second_factor=False)
    give_code(other, codes[6])
    page = other.get(HOME).content.decode()
    assert "Only 3 recovery codes are left. Make new ones under “Your account”." in page
    assert Message.objects.get(kind="second_factor").subject == "Make new recovery codes: 3 left"


def test_codes_that_are_used_up_are_no_way_around_the_second_factor(client: Client) -> None:
    user = make_caseworker()
    for code in make_recovery_codes(user):
        recovery_codes.use(user=user, typed=code, now=timezone.now())
    assert by_code(client, user)["Location"] == GIVE
    assert "Add a passkey" not in client.get(GIVE).content.decode()


def make_codes(client: Client) -> HttpResponse:
    return client.post(CODES, {"action": "make", "next": "/staff/"})


def test_a_member_of_the_team_may_have_codes_only_and_types_one_to_go_on(client: Client) -> None:
    user = make_caseworker()
    sign_in(client, user, second_factor=False)
    assert make_codes(client)["Location"] == f"{CODES}?next=%2Fstaff%2F"
    shown = client.get(f"{CODES}?next=%2Fstaff%2F").context["codes"]
    assert client.post(CODES, {"next": "/staff/"})["Location"] == "/staff/"
    assert client.get("/staff/")["Location"] == f"{GIVE}?next=%2Fstaff%2F"
    assert give_code(client, shown[0], next="/staff/")["Location"] == "/staff/"
    assert client.get("/staff/").status_code == 200


def test_codes_are_shown_until_they_are_kept_and_then_never_again(client: Client) -> None:
    user = make_caseworker()
    sign_in(client, user)
    make_codes(client)
    shown = client.get(CODES).context["codes"]
    assert (len(shown), client.get(CODES).context["codes"]) == (10, shown)
    file = client.get("/account/recovery-codes.txt")
    assert file["Content-Disposition"] == 'attachment; filename="pledge-tracker-recovery-codes.txt"'
    assert [line for line in file.content.decode().splitlines() if line in shown] == shown
    assert file["Cache-Control"] == "no-store, private"
    client.post(CODES)
    page = client.get(CODES).content.decode()
    assert [code for code in shown if code in page] == []
    assert "10 codes are left." in page
    assert client.get("/account/recovery-codes.txt").status_code == 404


def test_codes_are_shown_in_the_browser_that_made_them_and_for_ten_minutes(client: Client) -> None:
    user = make_caseworker()
    sign_in(client, user)
    make_codes(client)
    assert sign_in(Client(), user).get(CODES).context["codes"] == []
    with time_machine.travel(timezone.now() + timedelta(seconds=605)):
        assert client.get(CODES).context["codes"] == []


def test_new_codes_void_the_old_ones_and_are_told_by_mail(client: Client) -> None:
    user = make_caseworker()
    old = make_recovery_codes(user)
    sign_in(client, user)
    make_codes(client)
    assert recovery_codes.use(user=user, typed=old[0], now=timezone.now()) is None
    assert Message.objects.get().subject == "New recovery codes for your account"
    assert actions() == ["recovery_codes.made", "recovery_codes.made"]


def test_making_codes_asks_for_a_fresh_proof(client: Client) -> None:
    sign_in(client, make_caseworker(), proved=timezone.now() - timedelta(minutes=11))
    assert make_codes(client)["Location"].startswith("/account/confirm/?next=%2Faccount%2Frecovery-codes%2F")
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("address", [CODES, "/account/passkeys/add/"])
def test_a_mailed_code_alone_adds_nothing_to_an_account_that_has_a_second_factor(client: Client, address: str) -> None:
    user = make_user()
    old = make_recovery_codes(user)
    sign_in(client, user, second_factor=False)
    for answer in (client.get(address), client.post(address, {"action": "make"})):
        assert answer["Location"].startswith(f"{GIVE}?next=")
    assert client.post("/account/passkeys/add/options/").status_code == 302
    assert recovery_codes.use(user=user, typed=old[0], now=timezone.now()) is not None


# --- Passkeys ----------------------------------------------------------------------------------------------

NONSENSE = ["", "null", "[]", "{}", "7", '{"id": "x"}',
            '{"id": "eA", "rawId": "eA", "response": [], "type": "public-key"}',
            '{"id": "eA", "rawId": "eA", "type": "public-key", "response": {"clientDataJSON": "e30", '
            '"authenticatorData": "eA", "signature": "eA", "userHandle": "OTk5"}}',
            '{"id": "eA", "rawId": "eA", "type": "public-key", "response": {"clientDataJSON": "e30", '
            '"attestationObject": "eA"}}', "[" * 5000]  # fmt: skip


@pytest.mark.parametrize("answer", NONSENSE)
def test_what_is_no_passkey_signs_nobody_in(client: Client, answer: str) -> None:
    make_passkey(make_user())
    client.post("/account/passkeys/options/")
    assert client.post("/account/login/passkey/", {"answer": answer, "next": "/staff/"})["Location"] == (
        "/account/login/?next=%2Fstaff%2F"
    )
    assert "That passkey was not accepted." in client.get("/account/login/").content.decode()
    assert (actions(), "_auth_user_id" in client.session) == (["sign_in.failed"], False)


@pytest.mark.parametrize("answer", NONSENSE)
def test_what_is_no_passkey_is_not_added(client: Client, answer: str) -> None:
    sign_in(client, make_user())
    assert client.post("/account/passkeys/add/options/").json()["publicKey"]["rp"]["name"] == "Pledge Tracker"
    page = client.post("/account/passkeys/add/", {"name": "Laptop", "answer": answer}).content.decode()
    assert page.count("That passkey was not accepted. Try again, or use another way.") == 1
    assert 'value="Laptop"' in page
    assert not Authenticator.objects.exists()


def test_what_is_no_passkey_is_no_second_factor_and_no_fresh_proof(client: Client) -> None:
    user = make_caseworker()
    make_passkey(user)
    sign_in(client, user, second_factor=False, proved=timezone.now() - timedelta(minutes=11))
    assert client.post(GIVE, {"action": "passkey", "answer": "{}"})["Location"] == GIVE
    client.post("/account/confirm/", {"action": "passkey", "answer": "{}"})
    assert actions() == ["second_factor.failed", "proof.failed"]
    assert client.get("/team/").status_code == 302


def test_a_passkey_asks_for_the_device_to_verify_its_owner(client: Client) -> None:
    options = client.post("/account/passkeys/options/").json()["publicKey"]
    assert (options["userVerification"], options.get("allowCredentials", [])) == ("required", [])
    sign_in(client, make_user(name="Ama Mensah", email="ama@northtown.example"))
    made = client.post("/account/passkeys/add/options/").json()["publicKey"]
    assert (made["user"]["name"], made["user"]["displayName"]) == ("ama@northtown.example", "Ama Mensah")
    selection = made["authenticatorSelection"]
    assert (selection["residentKey"], selection["userVerification"]) == ("required", "required")


def test_options_to_add_want_a_fresh_proof(client: Client) -> None:
    sign_in(client, make_user(), fresh=False)
    assert client.post("/account/passkeys/add/options/").status_code == 403
    assert client.get("/account/passkeys/add/")["Location"] == "/account/confirm/?next=%2Faccount%2Fpasskeys%2Fadd%2F"


def test_a_passkey_is_renamed(client: Client) -> None:
    user = make_user()
    passkey = make_passkey(user, name="Old")
    sign_in(client, user)
    address = f"/account/passkeys/{passkey.pk}/rename/"
    page = client.post(address, {"name": " "}).content.decode()
    assert page.count("Give the passkey a name.") == 2
    client.post(address, {"name": "Work laptop"})
    assert "<b>Work laptop</b>" in client.get(HOME).content.decode()
    assert (actions(), AuditEvent.objects.get().detail) == (["passkey.renamed"], {})


def test_removing_the_last_one_takes_the_recovery_codes_with_it_and_is_told(client: Client) -> None:
    user = make_user()
    passkey = make_passkey(user, name="Laptop")
    make_recovery_codes(user)
    sign_in(client, user, second_factor=True)
    address = f"/account/passkeys/{passkey.pk}/remove/"
    assert "so your recovery codes go as well" in client.get(address).content.decode()
    assert client.post(address)["Location"] == HOME
    assert not second_factor.has_one(user)
    message = Message.objects.get(kind="second_factor")
    assert (message.to, message.subject) == (user.email, "A passkey was removed from your account")
    assert "“Laptop”" in message.text
    assert actions()[-1] == "passkey.removed"


def test_with_another_one_left_the_recovery_codes_stay() -> None:
    user, now = make_user(), timezone.now()
    first, _second = make_passkey(user), make_passkey(user)
    make_recovery_codes(user)
    passkeys.remove(passkey=first, by=user, now=now)
    passkeys.remove(passkey=first, by=user, now=now)
    assert (passkeys.of(user).count(), recovery_codes.left(recovery_codes.of(user))) == (1, 10)
    assert actions().count("passkey.removed") == 1


def test_a_member_of_the_team_cannot_remove_their_last_passkey(client: Client) -> None:
    user = make_publisher()
    passkey = make_passkey(user)
    with pytest.raises(PasskeyRefused, match="This is your only passkey"):
        passkeys.remove(passkey=passkey, by=user, now=timezone.now())
    sign_in(client, user)
    address = f"/account/passkeys/{passkey.pk}/remove/"
    assert "Remove it" not in client.get(address).content.decode()
    assert "This is your only passkey" in client.post(address, follow=True).content.decode()
    assert passkeys.of(user).count() == 1


@pytest.mark.parametrize("act", ["rename", "remove"])
def test_the_passkey_of_somebody_else_does_not_exist(client: Client, act: str) -> None:
    theirs = make_passkey(make_user())
    user = make_user()
    sign_in(client, user)
    address = f"/account/passkeys/{theirs.pk}/{act}/"
    assert (client.get(address).status_code, client.post(address, {"name": "Mine"}).status_code) == (404, 404)
    theirs.refresh_from_db()
    assert passkeys.name_of(theirs) == "Laptop"


def test_an_account_holds_twenty_passkeys_at_most(client: Client) -> None:
    user = make_user()
    for _number in range(20):
        make_passkey(user)
    sign_in(client, user, second_factor=True)
    page = client.post("/account/passkeys/add/", {"name": "One more", "answer": "{}"}).content.decode()
    assert "You have as many passkeys as an account can hold." in page


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
