"""What must always hold of what part of an account is: each constraint broken once."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from accounts.models import AddressChange, RateCount, User
from tests.accounts import test_codes, test_people
from tests.factories.accounts import make_user

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def _changed_address_with_capitals() -> None:
    AddressChange.objects.create(
        user=make_user(), old_email="ama@northtown.example", new_email="Ama@northtown.example", asked_at=NOW
    )


def _two_counts_for_one_stretch() -> None:
    for count in (1, 2):
        RateCount.objects.create(scope="code.asked", key_hash="a" * 64, began_at=NOW, count=count)


def _erased_and_still_active() -> None:
    User.objects.filter(pk=make_user().pk).update(erased_at=NOW)


BREAKING: dict[str, Callable[[], None]] = {
    "address_change_in_lower_case": _changed_address_with_capitals,
    "one_rate_count_for_a_stretch": _two_counts_for_one_stretch,
    "user_erased_can_do_nothing": _erased_and_still_active,
}


@pytest.mark.parametrize("name", BREAKING)
def test_the_database_refuses(name: str) -> None:
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        BREAKING[name]()
    assert name in str(refusal.value) or connection.vendor == "sqlite"


def test_every_constraint_of_accounts_is_broken_in_a_test() -> None:
    named = {one.name for model in apps.get_app_config("accounts").get_models() for one in model._meta.constraints}
    elsewhere = _second_values(test_codes) | _second_values(test_people)
    assert named - elsewhere == set(BREAKING)


def _second_values(module: object) -> set[str]:
    """The names in tables of (what breaks, name of the constraint) over a test."""
    tables = [
        mark.args[1]
        for test in vars(module).values()
        for mark in getattr(test, "pytestmark", [])
        if mark.name == "parametrize" and mark.args[0] in {("changes", "constraint"), ("values", "constraint")}
    ]
    return {row[1] for table in tables for row in table}
