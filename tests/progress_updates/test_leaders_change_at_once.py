"""The end of a term and a signature in the same second: one comes first, and nothing is half done."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from progress_updates import after_terms, workflow
from progress_updates.models import State
from progress_updates.permissions import NotAllowed
from progress_updates.snapshots import fingerprint
from signatories import statements, terms
from signatories.models import Leader, Membership, Role, Signature, Statement
from tests.at_once import at_the_same_time
from tests.factories.signatories import make_leader
from tests.progress_updates.scene import make_scene

pytestmark = pytest.mark.django_db(transaction=True)
TRIES = 10
REFUSED = (terms.Refused, statements.Refused, NotAllowed, PermissionDenied)


def was_refused(result: object) -> bool:
    return isinstance(result, REFUSED)


def test_a_term_that_ended_yesterday_and_a_signature_of_today_exclude_each_other() -> None:
    """The signature says that the leader was there today; the last day says that they were not. One of them stands."""
    scene = make_scene(last=False)
    update = scene.start(State.AWAITING_SIGN_OFF)
    read, leader = fingerprint(update), scene.maker.leaders.get()
    Leader.objects.update(from_on=timezone.localdate() - timedelta(days=300))
    signed, ended = at_the_same_time(
        lambda: workflow.sign(update=update, by=scene.leader, now=scene.now, read=read),
        lambda: after_terms.end_term(
            leader=leader, until_on=timezone.localdate() - timedelta(days=1), by=scene.writer, now=scene.now
        ),
        refused=REFUSED,
    )
    assert was_refused(signed) != was_refused(ended)
    leader.refresh_from_db()
    update.refresh_from_db()
    assert (leader.until_on is None) is (update.state == State.SUBMITTED)
    assert update.snapshots.count() == (0 if was_refused(signed) else 1)
    still_there = Membership.objects.filter(user=scene.leader, ended_at=None).exists()
    assert still_there is was_refused(ended)


def test_a_successor_who_leaves_while_reaffirming_signs_or_does_not() -> None:
    scene = make_scene(last=False)
    new = make_leader(pledge_maker=scene.maker, name="Dr Leila Hosseini", now=scene.now - timedelta(days=9))
    statement = statements.published(scene.maker)
    assert statement
    assert new.user
    by, yesterday = new.user, timezone.localdate() - timedelta(days=1)
    about = {"name": new.name, "role_title": new.role_title, "by": by, "now": scene.now}
    signed, ended = at_the_same_time(
        lambda: terms.reaffirm(leader=new, statement=statement, **about),
        lambda: after_terms.end_term(leader=new, until_on=yesterday, by=scene.writer, now=scene.now),
        refused=REFUSED,
    )
    assert was_refused(signed) != was_refused(ended)
    assert Signature.objects.filter(leader=new).exists() is not was_refused(signed)


def test_ten_presses_end_a_term_once_and_sign_once() -> None:
    scene = make_scene(last=False)
    new = make_leader(pledge_maker=scene.maker, name="Dr Leila Hosseini", now=scene.now)
    statement = Statement.objects.get()
    assert new.user
    about = {"name": new.name, "role_title": new.role_title, "by": new.user, "now": scene.now}
    at_the_same_time(*[lambda: terms.reaffirm(leader=new, statement=statement, **about)] * TRIES, refused=REFUSED)
    assert Signature.objects.filter(leader=new).count() == 1
    today = timezone.localdate()
    results = at_the_same_time(
        *[lambda: after_terms.end_term(leader=new, until_on=today, by=scene.writer, now=scene.now)] * TRIES,
        refused=REFUSED,
    )
    assert sum(was_refused(result) for result in results) == TRIES - 1
    assert Membership.objects.filter(user=new.user, role=Role.LEADER, ended_at=scene.now).count() == 1
