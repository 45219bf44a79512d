"""Who of the team looks after whom."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import AuditEvent, User
from signatories.caseworkers import give_to_caseworker, team
from signatories.models import PledgeMaker
from tests.factories.accounts import make_caseworker, make_publisher, make_user
from tests.factories.signatories import make_pledge_maker

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 28, 9, 0, tzinfo=UTC)


def test_a_pledge_maker_is_given_and_the_trail_says_by_whom() -> None:
    maker, by, casey = make_pledge_maker(), make_publisher(), make_caseworker()
    assert give_to_caseworker(pledge_makers=[maker], caseworker=casey, by=by, now=NOW) == 1
    maker.refresh_from_db()
    assert maker.caseworker == casey
    event = AuditEvent.objects.get(action="pledge_maker.given")
    assert (event.by, event.about_kind, event.about_id, event.at) == (by, "signatories.pledgemaker", maker.pk, NOW)
    assert (event.before, event.after) == ({"caseworker": None}, {"caseworker": casey.pk})


def test_several_are_given_at_once_and_only_what_changes_is_recorded() -> None:
    makers, casey = [make_pledge_maker() for _ in range(3)], make_caseworker()
    give_to_caseworker(pledge_makers=makers[:1], caseworker=casey, by=casey, now=NOW)
    assert give_to_caseworker(pledge_makers=makers, caseworker=casey, by=casey, now=NOW) == 2
    assert give_to_caseworker(pledge_makers=makers, caseworker=casey, by=casey, now=NOW) == 0
    assert AuditEvent.objects.filter(action="pledge_maker.given").count() == 3


def test_a_pledge_maker_can_be_taken_from_everybody() -> None:
    maker, casey = make_pledge_maker(), make_caseworker()
    give_to_caseworker(pledge_makers=[maker], caseworker=casey, by=casey, now=NOW)
    assert give_to_caseworker(pledge_makers=[maker], caseworker=None, by=casey, now=NOW) == 1
    assert PledgeMaker.objects.get().caseworker is None
    event = AuditEvent.objects.latest("pk")
    assert (event.before, event.after) == ({"caseworker": casey.pk}, {"caseworker": None})


def test_only_an_active_member_of_the_team_can_be_given_one() -> None:
    maker, casey, gone = make_pledge_maker(), make_caseworker(), make_caseworker(name="Gone")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    assert gone not in team()
    for nobody in (gone, make_user()):
        with pytest.raises(ValidationError, match="Choose an active member of the Synergi team"):
            give_to_caseworker(pledge_makers=[maker], caseworker=nobody, by=casey, now=NOW)
    assert PledgeMaker.objects.get().caseworker is None


def test_only_the_team_gives() -> None:
    maker, casey = make_pledge_maker(), make_caseworker()
    with pytest.raises(PermissionDenied):
        give_to_caseworker(pledge_makers=[maker], caseworker=casey, by=make_user(), now=NOW)
    assert not AuditEvent.objects.filter(action="pledge_maker.given").exists()
