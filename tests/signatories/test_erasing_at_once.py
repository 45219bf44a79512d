"""Somebody is erased in the second in which their role changes: whichever comes first, they keep no role."""

import pytest
from django.utils import timezone

from signatories import erasing, memberships
from signatories.memberships import Refused
from signatories.models import Membership, Role
from tests.at_once import at_the_same_time
from tests.factories.accounts import make_caseworker
from tests.factories.signatories import make_member, make_pledge_maker

pytestmark = pytest.mark.django_db(transaction=True)
TRIES = 12


def test_who_is_erased_while_their_role_changes_keeps_none() -> None:
    maker = make_pledge_maker()
    for _try in range(TRIES):
        member = make_member(pledge_maker=maker, role=Role.CONTRIBUTOR)
        _erase_and_change(member)
        assert not Membership.objects.filter(user=member.user, ended_at=None).exists()


def _erase_and_change(member: Membership) -> None:
    by, now = make_caseworker(), timezone.now()
    at_the_same_time(
        lambda: erasing.let_go(user=member.user, now=now),
        lambda: memberships.change_role(membership=member, role=Role.READER, by=by, now=now),
        refused=(Refused,),
    )
