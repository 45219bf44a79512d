"""Who the tests of accounts are about."""

import pytest
from django.test import Client

from accounts.models import User
from tests.accounts.address_steps import OLD
from tests.factories.accounts import make_user, sign_in


@pytest.fixture
def ama() -> User:
    return make_user(email=OLD)


@pytest.fixture
def at_home(client: Client, ama: User) -> Client:
    """Ama, who has just proved who she is."""
    return sign_in(client, ama)
