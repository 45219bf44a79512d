"""Somebody is erased in the second in which their role changes: whichever comes first, they keep no role."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection
from django.utils import timezone

from signatories import erasing, memberships
from signatories.memberships import Refused
from signatories.models import Membership, PledgeMaker, Role
from tests.factories.accounts import make_caseworker
from tests.factories.signatories import make_member, make_pledge_maker

pytestmark = pytest.mark.django_db(transaction=True)
TRIES = 12


def at_the_same_time(*works: Callable[[], object]) -> None:
    start = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        try:
            start.wait()
            work()
        except Refused:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_who_is_erased_while_their_role_changes_keeps_none() -> None:
    maker, by, now = make_pledge_maker(), make_caseworker(), timezone.now()
    for _try in range(TRIES):
        member = _contributor(maker)
        at_the_same_time(
            lambda: erasing.let_go(user=member.user, now=now),  # noqa: B023
            lambda: memberships.change_role(membership=member, role=Role.READER, by=by, now=now),  # noqa: B023
        )
        assert not Membership.objects.filter(user=member.user, ended_at=None).exists()


def _contributor(maker: PledgeMaker) -> Membership:
    return make_member(pledge_maker=maker, role=Role.CONTRIBUTOR)
