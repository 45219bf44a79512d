"""Addresses that people had before: kept a year, a day where no code was typed, and erased with the account."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts import addresses
from accounts.erasing import former_addresses
from accounts.models import AddressChange, User
from mail.erasing import REMOVED
from mail.models import Message, State
from mail.outbox import queue
from pledge_tracker import keeping
from staff.erasing import erase_account
from tests.factories.accounts import make_administrator, make_user

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
OLD, NEW = "ama@northtown.example", "ama.mensah@northtown.example"


def asked_by(user: User) -> AddressChange:
    return AddressChange.objects.create(user=user, old_email=user.email, new_email=NEW, asked_at=NOW)


@pytest.fixture
def ama() -> User:
    """She had another address before."""
    user = make_user(email=OLD)
    addresses.change(asked=asked_by(user), by=user, now=NOW)
    return user


def sent(to: str) -> Message:
    message = queue(to=to, kind="note", template="address_taken", context={}, now=NOW)
    Message.objects.filter(pk=message.pk).update(state=State.SENT, sent_at=NOW)
    return message


def test_the_address_before_is_kept_a_year(ama: User) -> None:
    year = timedelta(days=365)
    found = [keeping.tidy(now=NOW + after)["addresses"] for after in (year, year + SECOND, year + SECOND)]
    assert (found, AddressChange.objects.count()) == ([0, 1, 0], 0)


def test_an_address_that_was_never_confirmed_is_kept_a_day() -> None:
    asked_by(make_user())
    day = timedelta(days=1)
    found = [keeping.tidy(now=NOW + after)["addresses"] for after in (day, day + SECOND, day + SECOND)]
    assert (found, AddressChange.objects.count()) == ([0, 1, 0], 0)


def test_an_erased_account_loses_the_address_before_and_what_went_there(ama: User) -> None:
    there, here = sent(OLD), sent(NEW)
    erase_account(user=ama, by=make_administrator(), now=NOW)
    assert AddressChange.objects.count() == 0
    there.refresh_from_db()
    here.refresh_from_db()
    assert (there.to, there.text, here.to, here.text) == (REMOVED, "", REMOVED, "")
    assert Message.objects.filter(to__in=[OLD, NEW]).count() == 0


def test_an_address_that_somebody_else_has_by_now_is_theirs(ama: User) -> None:
    make_user(email=OLD)
    theirs = sent(OLD)
    assert former_addresses(ama) == []
    erase_account(user=ama, by=make_administrator(), now=NOW)
    theirs.refresh_from_db()
    assert theirs.to == OLD
