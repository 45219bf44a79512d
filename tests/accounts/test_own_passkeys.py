"""One's own passkeys: added, renamed and removed; what is no passkey is none."""

import json
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts import passkeys, recovery_codes, second_factor
from accounts.models import AuditEvent
from accounts.passkeys import PasskeyRefused
from mail.models import Message
from tests.accounts.passkey_steps import ADD, challenge, use, who_is_let_in
from tests.accounts.second_factor_steps import GIVE, actions
from tests.factories.accounts import make_caseworker, make_publisher, make_user, sign_in
from tests.factories.passkeys import SoftPasskey, make_passkey, make_recovery_codes

pytestmark = pytest.mark.django_db
HOME = "/account/"


# --- Adding ------------------------------------------------------------------------------------------------


def add(client: Client, soft: SoftPasskey, *, verified: bool = True, name: str = "Laptop") -> HttpResponse:
    made = soft.made(challenge(client, f"{ADD}options/"), verified=verified)
    return client.post(ADD, {"name": name, "answer": json.dumps(made)})


def test_the_first_passkey_comes_with_recovery_codes_and_is_told(client: Client) -> None:
    user = make_user()
    sign_in(client, user)
    soft = SoftPasskey(user)
    assert add(client, soft)["Location"] == "/account/recovery-codes/"
    assert len(client.get("/account/recovery-codes/").context["codes"]) == 10
    message = Message.objects.get()
    assert (message.to, message.subject) == (user.email, "A passkey was added to your account")
    assert actions() == ["passkey.added", "recovery_codes.made"]
    assert use(Client(), soft)["Location"] == "/workspace/"


def test_the_second_passkey_changes_no_code(client: Client) -> None:
    user = make_caseworker()
    make_passkey(user)
    codes = make_recovery_codes(user)
    sign_in(client, user)
    assert add(client, SoftPasskey(user))["Location"] == "/account/"
    row = Authenticator.objects.get(type="recovery_codes")
    assert list(row.wrap().get_unused_codes()) == codes


def test_whoever_adds_one_has_proven_it(client: Client) -> None:
    user = make_caseworker()
    sign_in(client, user, second_factor=False)
    assert client.get("/staff/").status_code == 302
    add(client, SoftPasskey(user))
    assert client.get("/staff/").status_code == 200


def test_a_passkey_that_asks_nobody_is_not_added(client: Client) -> None:
    user = make_user()
    sign_in(client, user)
    assert "That passkey was not accepted." in add(client, SoftPasskey(user), verified=False).content.decode()
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("name", ["Lap\u202etop", "Laptop\u200b", "Lap\x07top"])
def test_a_name_that_cannot_be_shown_is_refused_with_a_sentence(client: Client, name: str) -> None:
    user = make_user()
    sign_in(client, user)
    page = add(client, SoftPasskey(user), name=name).content.decode()
    assert page.count("The name holds a sign that cannot be shown. Type it again.") == 2
    add(client, SoftPasskey(user), name="  Work\r\n laptop ")
    assert [passkeys.name_of(row) for row in passkeys.of(user)] == ["Work laptop"]


def test_of_what_the_browser_sends_the_key_is_kept_and_nothing_else(client: Client) -> None:
    user = make_user()
    sign_in(client, user)
    soft = SoftPasskey(user)
    made = soft.made(challenge(client, f"{ADD}options/"))
    more = {"extra": "\0\ud800", "clientExtensionResults": {"credProps": {"rk": "\0"}}}
    client.post(ADD, {"name": "Laptop", "answer": json.dumps({**made, **more})})
    assert passkeys.of(user).get().data == {"name": "Laptop", "credential": made}
    assert who_is_let_in(soft) == str(user.pk)


def test_an_answer_without_end_is_not_read(client: Client) -> None:
    user = make_user()
    sign_in(client, user)
    made = SoftPasskey(user).made(challenge(client, f"{ADD}options/"))
    client.post(ADD, {"name": "Laptop", "answer": json.dumps({**made, "extra": "x" * passkeys.LARGEST_ANSWER})})
    assert not passkeys.of(user).exists()


def test_a_passkey_that_was_removed_meanwhile_keeps_its_name() -> None:
    user = make_user()
    row = make_passkey(user)
    passkeys.of(user).delete()
    with pytest.raises(PasskeyRefused, match="removed meanwhile"):
        passkeys.rename(passkey=row, name="Phone", by=user, now=timezone.now())


def test_a_question_is_answered_once(client: Client) -> None:
    user = make_user()
    sign_in(client, user)
    soft = SoftPasskey(user)
    typed = {"name": "Laptop", "answer": json.dumps(soft.made(challenge(client, f"{ADD}options/")))}
    client.post(ADD, typed)
    client.post(ADD, typed)
    assert passkeys.of(user).count() == 1


def test_a_name_of_markup_stays_text(client: Client) -> None:
    user = make_user()
    sign_in(client, user)
    add(client, SoftPasskey(user), name="<script>alert(1)</script>")
    assert "<b>&lt;script&gt;alert(1)&lt;/script&gt;</b>" in client.get("/account/").content.decode()


# --- What is no passkey ---------------------------------------------------------------------------------

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
    assert client.post(f"{ADD}options/").json()["publicKey"]["rp"]["name"] == "Pledge Tracker"
    page = client.post(ADD, {"name": "Laptop", "answer": answer}).content.decode()
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
    assert client.get("/staff/").status_code == 302


def test_a_passkey_asks_for_the_device_to_verify_its_owner(client: Client) -> None:
    options = client.post("/account/passkeys/options/").json()["publicKey"]
    assert (options["userVerification"], options.get("allowCredentials", [])) == ("required", [])
    sign_in(client, make_user(name="Ama Mensah", email="ama@northtown.example"))
    made = client.post(f"{ADD}options/").json()["publicKey"]
    assert (made["user"]["name"], made["user"]["displayName"]) == ("ama@northtown.example", "Ama Mensah")
    selection = made["authenticatorSelection"]
    assert (selection["residentKey"], selection["userVerification"]) == ("required", "required")


def test_options_to_add_want_a_fresh_proof(client: Client) -> None:
    sign_in(client, make_user(), fresh=False)
    assert client.post(f"{ADD}options/").status_code == 403
    assert client.get(ADD)["Location"] == "/account/confirm/?next=%2Faccount%2Fpasskeys%2Fadd%2F"


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
    page = client.post(ADD, {"name": "One more", "answer": "{}"}).content.decode()
    assert "You have as many passkeys as an account can hold." in page
