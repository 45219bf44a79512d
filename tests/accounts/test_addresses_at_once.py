"""Two people take the same address in the same moment."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from accounts import addresses
from accounts.models import AddressChange, User
from mail.models import Message
from tests.factories.accounts import make_user

NEW = "team@northtown.example"


@pytest.mark.django_db(transaction=True)
def test_of_ten_who_take_one_address_at_once_one_has_it() -> None:
    people, now = [make_user() for _number in range(10)], timezone.now()
    asked = [AddressChange.objects.create(user=one, old_email=one.email, new_email=NEW, asked_at=now) for one in people]

    def take(change: AddressChange) -> str:
        try:
            addresses.change(asked=change, by=change.user, now=now)
        except addresses.NotChanged:
            return "refused"
        finally:
            connection.close()
        return "has it"

    with ThreadPoolExecutor(10) as pool:
        answers = sorted(pool.map(take, asked))
    assert answers == ["has it"] + ["refused"] * 9
    assert User.objects.filter(email=NEW).count() == 1
    assert Message.objects.filter(kind="address_changed").count() == 1
