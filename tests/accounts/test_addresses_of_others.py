"""Asking for an address that somebody else has, or takes meanwhile: nobody learns whose it is, and one wins."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import addresses
from accounts.models import AddressChange, User
from mail.models import Message
from tests.accounts.address_steps import CODE, NEW, OLD, PAGE, WRONG, ask, changes, signs_in_by_mail, told, type_code
from tests.factories.accounts import mailed_code, make_user, sign_in

pytestmark = pytest.mark.django_db


def _kind(sql: str) -> str:
    """The statement without its values: SELECT, or INSERT INTO "table"."""
    words = sql.split()
    return " ".join(words[:3]) if words[0] in {"INSERT", "UPDATE", "DELETE"} else words[0]


def _comparable(html: str) -> str:
    html = re.sub(r'(name="csrfmiddlewaretoken" value|data-[a-z-]+)="[^"]+"', "", html)
    return html.replace("known@", "other@")


def test_an_address_of_somebody_else_looks_the_same_and_does_the_same_work(ama: User) -> None:
    make_user(email="known@northtown.example")
    ask(sign_in(Client(), ama), "first@northtown.example")  # whatever is made once, is made
    pages, work = [], []
    for email in ("known@northtown.example", "other@northtown.example"):
        browser = sign_in(Client(), ama)
        with CaptureQueriesContext(connection) as queries:
            answer = ask(browser, email)
        work.append([_kind(query["sql"]) for query in queries])
        page, wrong = browser.get(CODE).content.decode(), type_code(browser, WRONG).content.decode()
        pages.append((answer.status_code, answer["Location"], _comparable(page), _comparable(wrong)))
    lines = [[line for part in map(str, page) for line in part.splitlines()] for page in pages]
    assert [pair for pair in zip(*lines, strict=True) if pair[0] != pair[1]] == []
    assert work[0] == work[1]


def test_the_owner_hears_that_somebody_tried_and_nothing_changes(at_home: Client, ama: User) -> None:
    owner = make_user(email="known@northtown.example")
    ask(at_home, "known@northtown.example")
    assert (told("address_taken"), told("sign_in_code")) == (["known@northtown.example"], [])
    mail = Message.objects.get(kind="address_taken")
    assert OLD not in mail.text
    assert ama.name not in mail.text
    assert settings.CONTACT_EMAIL in mail.text
    owner.refresh_from_db()
    assert owner.email == "known@northtown.example"


def test_a_closed_account_keeps_its_address(at_home: Client) -> None:
    User.objects.filter(pk=make_user(email="known@northtown.example").pk).update(is_active=False)
    ask(at_home, "known@northtown.example")
    assert told("address_taken") == ["known@northtown.example"]


def test_two_take_the_same_address_at_once_and_one_wins(at_home: Client, ama: User) -> None:
    other = make_user()
    rival = sign_in(Client(), other)
    ask(at_home)
    first = mailed_code(NEW)
    ask(rival)
    second = mailed_code(NEW)
    type_code(at_home, first)
    assert type_code(rival, second)["Location"] == PAGE
    assert "Somebody else uses this address now. Your address is as it was." in rival.get(PAGE).content.decode()
    before = other.email
    ama.refresh_from_db()
    other.refresh_from_db()
    assert (ama.email, other.email) == (NEW, before)
    assert list(EmailAddress.objects.filter(user=other).values_list("email", flat=True)) == [before]
    assert AddressChange.objects.exclude(confirmed_at=None).get().user == ama


def test_a_code_asked_for_before_another_change_is_void(at_home: Client, ama: User) -> None:
    """Two windows: what was begun in one is no longer asked once the other is done."""
    other = signs_in_by_mail(OLD)
    ask(other, "third@northtown.example")
    code = mailed_code("third@northtown.example")
    changes(at_home)
    type_code(other, code)
    ama.refresh_from_db()
    assert (ama.email, AddressChange.objects.exclude(confirmed_at=None).count()) == (NEW, 1)


def test_a_change_of_an_address_that_is_no_longer_so_is_refused(ama: User) -> None:
    now = timezone.now()
    asked = AddressChange.objects.create(user=ama, old_email=OLD, new_email=NEW, asked_at=now)
    User.objects.filter(pk=ama.pk).update(email="third@northtown.example")
    with pytest.raises(addresses.NotChanged, match="in another window"):
        addresses.change(asked=asked, by=ama, now=now)
    assert list(EmailAddress.objects.filter(user=ama).values_list("email", flat=True)) == [OLD]
