"""Changing one's address: the new one is proved, both are told, and nobody learns who else has an account."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts import codes
from accounts.models import AddressChange, AuditEvent, CodePurpose, MailedCode, User
from mail.models import Message, State
from mail.outbox import queue
from tests.accounts.address_steps import CODE, NEW, OLD, PAGE, WRONG, ask, changes, signs_in_by_mail, told, type_code
from tests.factories.accounts import mailed_code, make_caseworker, make_user, sign_in

pytestmark = pytest.mark.django_db


# --- The change ------------------------------------------------------------------------------------------


def test_nothing_changes_before_the_code_is_typed(at_home: Client, ama: User) -> None:
    assert ask(at_home)["Location"] == CODE
    ama.refresh_from_db()
    assert (ama.email, told("sign_in_code"), told("address_changed")) == (OLD, [NEW], [])


def test_the_typed_code_changes_the_address_and_nothing_else(at_home: Client, ama: User) -> None:
    before = User.objects.filter(pk=ama.pk).values().get()
    changes(at_home)
    assert User.objects.filter(pk=ama.pk).values().get() == {**before, "email": NEW}
    rows = EmailAddress.objects.filter(user=ama).values_list("email", "verified", "primary")
    assert list(rows) == [(NEW, True, True)]


def test_the_person_signs_in_with_the_new_address_only(at_home: Client, ama: User) -> None:
    changes(at_home)
    found = {email: getattr(addresses_person(email), "pk", None) for email in (OLD, NEW)}
    assert found == {OLD: None, NEW: ama.pk}


def addresses_person(email: str) -> User | None:
    from accounts.sign_in import person_with

    return person_with(email)


def test_both_addresses_are_told_and_the_old_one_what_to_do(at_home: Client) -> None:
    changes(at_home)
    old, new = Message.objects.get(kind="address_changed_old"), Message.objects.get(kind="address_changed")
    assert (old.to, new.to) == (OLD, NEW)
    assert settings.CONTACT_EMAIL in old.text
    own_address = f"{settings.SITE_URL}\n"
    assert [line for line in old.text.splitlines() if "://" in line] == [own_address.strip()]
    assert NEW not in old.text
    assert re.findall(rf"{re.escape(settings.SITE_URL)}/\S+", new.text) == [f"{settings.SITE_URL}/account/login/"]


def test_the_person_stays_here_and_every_other_session_ends(at_home: Client, ama: User) -> None:
    elsewhere, somebody_else = signs_in_by_mail(OLD), sign_in(Client(), make_user())
    changes(at_home)
    seen = [browser.get("/account/name/").status_code for browser in (at_home, elsewhere, somebody_else)]
    assert seen == [200, 302, 200]


def test_open_codes_of_the_old_address_are_void(at_home: Client, ama: User) -> None:
    now = timezone.now()
    row, _code = codes.issue(purpose=CodePurpose.SIGN_IN, user=ama, holder="h", now=now)
    other, _code = codes.issue(purpose=CodePurpose.SIGN_IN, user=make_user(), holder="i", now=now)
    changes(at_home)
    row.refresh_from_db()
    other.refresh_from_db()
    assert (row.voided_at is None, other.voided_at) == (False, None)


def test_what_waits_for_the_old_address_goes_to_the_new(at_home: Client) -> None:
    waiting = queue(to=OLD, kind="note", template="address_taken", context={}, now=timezone.now())
    secret = queue(to=OLD, kind="note", template="address_taken", context={}, now=timezone.now(), secret=True)
    changes(at_home)
    waiting.refresh_from_db()
    secret.refresh_from_db()
    assert (waiting.to, waiting.state, secret.to) == (NEW, State.QUEUED, OLD)


def test_the_record_names_the_row_and_no_address(at_home: Client, ama: User) -> None:
    changes(at_home)
    row = AddressChange.objects.get()
    assert (row.user, row.old_email, row.new_email, row.confirmed_at is None) == (ama, OLD, NEW, False)
    event = AuditEvent.objects.get(action="address.changed")
    assert (event.by, event.about_id, event.before, event.after) == (ama, ama.pk, {}, {"address_change": row.pk})
    said = [f"{row.before} {row.after} {row.detail}" for row in AuditEvent.objects.all()]
    assert [words for words in said if "@" in words] == []


def test_staff_change_theirs_likewise(client: Client) -> None:
    staff = make_caseworker(email="casey@synergi.example")
    changes(sign_in(client, staff), "casey.adeyemi@synergi.example")
    staff.refresh_from_db()
    assert (staff.email, staff.synergi_role) == ("casey.adeyemi@synergi.example", "caseworker")


def test_afterwards_the_old_address_is_free_for_somebody_else(at_home: Client) -> None:
    changes(at_home)
    other = make_user()
    changes(sign_in(Client(), other), OLD)
    other.refresh_from_db()
    assert other.email == OLD


# --- Proof ------------------------------------------------------------------------------------------------


def test_the_page_asks_who_is_there_and_keeps_what_was_typed(client: Client, ama: User) -> None:
    sign_in(client, ama, fresh=False)
    confirm = "/account/confirm/?next=%2Faccount%2Faddress%2F"
    assert ask(client)["Location"] == confirm
    client.post(confirm, {"action": "send", "next": PAGE})
    client.post(confirm, {"action": "prove", "next": PAGE, "code": mailed_code(OLD)})
    assert f'value="{NEW}"' in client.get(PAGE).content.decode()


@pytest.mark.parametrize("page", [PAGE, CODE])
def test_the_pages_are_private(client: Client, page: str) -> None:
    assert client.get(page)["Location"] == f"/account/login/?next={page}"


def test_without_asking_there_is_no_page_for_the_code(at_home: Client) -> None:
    assert at_home.get(CODE)["Location"] == PAGE


def test_a_wrong_code_changes_nothing_and_says_so(at_home: Client, ama: User) -> None:
    ask(at_home)
    page = type_code(at_home, WRONG).content.decode()
    assert page.count("That is not the code we sent. Check it and try again.") == 2
    ama.refresh_from_db()
    assert ama.email == OLD
    assert AuditEvent.objects.get(action="address.code_failed").detail == {"answer": "wrong"}


def test_the_sixth_try_is_refused_even_with_the_right_code(at_home: Client, ama: User) -> None:
    ask(at_home)
    for _number in range(5):
        answer = type_code(at_home, WRONG)
    assert answer["Location"] == PAGE
    assert "This code can no longer be used. Nothing was changed." in at_home.get(PAGE).content.decode()
    assert type_code(at_home, mailed_code(NEW))["Location"] == PAGE
    ama.refresh_from_db()
    assert ama.email == OLD


def test_a_code_eleven_minutes_old_is_refused(at_home: Client, ama: User) -> None:
    ask(at_home)
    MailedCode.objects.update(created_at=timezone.now() - timedelta(minutes=11))
    assert type_code(at_home, mailed_code(NEW))["Location"] == PAGE
    ama.refresh_from_db()
    assert ama.email == OLD


def test_the_code_works_only_in_the_browser_that_asked(at_home: Client, ama: User) -> None:
    ask(at_home)
    other = sign_in(Client(), ama)
    ask(other, "third@northtown.example")
    answer = type_code(other, mailed_code(NEW))
    assert "That is not the code we sent." in answer.content.decode()
    ama.refresh_from_db()
    assert ama.email == OLD


def test_asking_again_voids_the_code_before(at_home: Client, ama: User) -> None:
    ask(at_home)
    before = mailed_code(NEW)
    ask(at_home, "other@northtown.example")
    assert "That is not the code we sent." in type_code(at_home, before).content.decode()
    ama.refresh_from_db()
    assert ama.email == OLD


def test_a_code_to_sign_in_changes_no_address(at_home: Client, ama: User) -> None:
    other = Client()
    ask(at_home)
    other.post("/account/login/", {"email": OLD})
    assert "That is not the code we sent." in type_code(at_home, mailed_code(OLD)).content.decode()


def test_a_second_press_changes_nothing_more(at_home: Client) -> None:
    ask(at_home)
    code = mailed_code(NEW)
    type_code(at_home, code)
    assert type_code(at_home, code)["Location"] == PAGE
    assert (told("address_changed"), AuditEvent.objects.filter(action="address.changed").count()) == ([NEW], 1)


# --- What is typed ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", [OLD, "Ama@Northtown.Example", " AMA@NORTHTOWN.EXAMPLE "])
def test_ones_own_address_in_other_letters_is_the_same(at_home: Client, typed: str) -> None:
    page = ask(at_home, typed).content.decode()
    assert page.count("This is your address already.") == 2
    assert not Message.objects.exists()


def test_another_tag_after_a_plus_is_another_address(at_home: Client, ama: User) -> None:
    changes(at_home, "ama+pledge@northtown.example")
    ama.refresh_from_db()
    assert ama.email == "ama+pledge@northtown.example"


def test_capitals_are_stored_small(at_home: Client, ama: User) -> None:
    ask(at_home, "Ama.Mensah@Northtown.Example")
    type_code(at_home, mailed_code(NEW))
    ama.refresh_from_db()
    assert ama.email == NEW


@pytest.mark.parametrize(
    "typed", ["", "no address", "a@b", "ama@northtown.example, eve@evil.example", "erased-1@erased.invalid"]
)
def test_what_is_no_address_gets_a_sentence_and_no_mail(at_home: Client, typed: str) -> None:
    page = ask(at_home, typed).content.decode()
    assert "There is a problem" in page
    assert f'value="{typed}"' in page or not typed
    assert not Message.objects.exists()


def test_mail_to_a_mailbox_that_is_not_proved_repeats_nothing_that_was_chosen(client: Client) -> None:
    """The name of an account is free text, and the address may be a stranger's."""
    make_user(email="known@northtown.example")
    person = sign_in(client, make_user(name="Buy at evil.example"))
    for email in ("unknown@northtown.example", "known@northtown.example"):
        ask(person, email)
    mails = Message.objects.filter(to__endswith="known@northtown.example")
    assert [("evil" in mail.text or "evil" in mail.subject, mail.secret) for mail in mails] == [(False, True)] * 2


# --- How often ---------------------------------------------------------------------------------------------


def test_one_account_asks_five_times_an_hour(at_home: Client) -> None:
    for number in range(6):
        answer = ask(at_home, f"person{number}@elsewhere.example")
    assert (answer.status_code, Message.objects.count()) == (429, 5)
    page = answer.content.decode()
    assert "You have asked for several codes. The newest one works." in page
    assert 'value="person5@elsewhere.example"' in page


def test_nobody_uses_up_what_others_may_ask(ama: User) -> None:
    for _number in range(6):
        answer = ask(sign_in(Client(), make_user()))
    assert answer["Location"] == CODE
